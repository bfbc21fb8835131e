"""One line per case report form: what the shared pages need to know of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.domain.findings import Finding
from casebook.models import ClinicalRow, Crf, Patient

if TYPE_CHECKING:
    from django.forms import BaseModelForm

    from casebook.selectors import HistoryEntry

GROUPS = ("Screening", "Visits", "Treatment", "Imaging", "Follow-up")


def no_objection(crf: Crf, lines: Sequence[ClinicalRow]) -> list[Finding]:
    return []


@dataclass(frozen=True, slots=True)
class Guide:
    """How a form is filled in: a few sentences for the form, one for each field that needs one."""

    form: Sequence[Any] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RowSpec:
    """Lines entered with a form, each a row of its own (the grades of an adverse event over time).

    `check` sees the form and all its lines as they will be after the save. A finding on the date of the
    first line it was given names the field "lines-0-date".
    """

    model: type[ClinicalRow]
    form: "type[BaseModelForm[Any]]"
    parent: str
    title: str
    extra: int = 1
    check: Callable[[Any, Sequence[Any]], list[Finding]] = no_objection


def nothing_to_say(crf: Crf) -> list[Finding]:
    return []


@dataclass(frozen=True, kw_only=True)
class CrfSpec:
    """How one form takes part in the casebook.

    `check` returns the findings on a form that is about to be saved, given the patient's other forms: a hard
    one refuses it at its field, a soft one raises a query. `prepare` fills columns nobody enters (the
    eligibility frozen at enrolment) just before the save. `expected` are the fields without which the form
    counts as incomplete. `permission` is what deciding or entering it takes; it opens the form, if nothing
    else of the patient. `own_pages` names the URL prefix of a form that has its own screen
    ("assessments:imaging": assessments:imaging-new, assessments:imaging-edit); such a form, which keeps lines
    in tables of its own, brings its `remove` service and its `history` selector too.
    """

    slug: str
    title: str
    group: str
    model: type[Crf]
    form: "type[BaseModelForm[Any]]"
    date_field: str
    repeats: bool = False
    expected: tuple[str, ...] = ()
    rows: RowSpec | None = None
    check: Callable[[Any], list[Finding]] = nothing_to_say
    prepare: Callable[[Any], None] | None = None
    permission: str = "ENTER_DATA"
    guide: Guide = Guide()
    carried: tuple[str, ...] = ()
    own_pages: str = ""
    remove: Callable[..., None] | None = None
    history: "Callable[[Any], list[HistoryEntry]] | None" = None
    columns: tuple[str, ...] = field(default=())

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass(frozen=True)
class Located:
    """A finding across forms, and the form it concerns; without one it concerns the patient."""

    finding: Finding
    crf: Crf | None = None


CrossCheck = Callable[[Patient, bool], list[Located]]

_specs: dict[str, CrfSpec] = {}
_lines: dict[str, tuple[type[ClinicalRow], ...]] = {}
_cross_checks: list[tuple[tuple[str, ...], CrossCheck]] = []


def register(spec: CrfSpec, *lines: type[ClinicalRow]) -> None:
    """Enter a form, and the tables of its lines, into the casebook."""
    if spec.slug in _specs or spec.group not in GROUPS:
        raise ValueError(f"form {spec.slug!r} is registered twice or in no group")
    _specs[spec.slug] = spec
    _lines[spec.slug] = lines if spec.rows is None else (spec.rows.model, *lines)


def add_cross_check(check: CrossCheck, *, rules: tuple[str, ...]) -> None:
    """A check across the patient's forms; `rules` are the prefixes its rule ids begin with."""
    _cross_checks.append((rules, check))


def cross_findings(patient: Patient, *, before_this_transaction: bool = False) -> list[Located]:
    """What the checks across forms say of the patient's data as saved (or as they were when this transaction
    began).
    """
    return [located for _, check in _cross_checks for located in check(patient, before_this_transaction)]


def is_cross_rule(rule_id: str) -> bool:
    return any(rule_id.startswith(rules) for rules, _ in _cross_checks)


def findings_on(crf: Crf, lines: Sequence[ClinicalRow] | None = None) -> list[Finding]:
    """What the form's own check says of it as it is about to be saved, with the lines it will have."""
    spec = spec_of(type(crf))
    own = spec.check(crf)
    if spec.rows is not None:
        own = own + spec.rows.check(crf, saved_lines(crf) if lines is None else lines)
    return own


def saved_lines(crf: Crf) -> list[ClinicalRow]:
    """The lines saved with a form, in their order."""
    rows = spec_of(type(crf)).rows
    if rows is None or crf.pk is None:
        return []
    return list(rows.model._default_manager.filter(**{rows.parent: crf}))


def specs() -> list[CrfSpec]:
    """Every form, group by group, in the order in which a patient meets them."""
    return sorted(_specs.values(), key=lambda s: GROUPS.index(s.group))


def spec(slug: str) -> CrfSpec:
    return _specs[slug]


def spec_of(model: type[Crf]) -> CrfSpec:
    return next(s for s in _specs.values() if s.model is model)


def lines_of(spec: CrfSpec) -> tuple[type[ClinicalRow], ...]:
    """The tables of the lines registered with a form."""
    return _lines[spec.slug]


def clinical_models() -> list[type[ClinicalRow]]:
    """Every table of patients' data: the forms, then their lines."""
    return [s.model for s in specs()] + [line for lines in _lines.values() for line in lines]
