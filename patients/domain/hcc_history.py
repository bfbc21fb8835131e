"""Previous treatments of the hepatocellular carcinoma, one by one, beside the answers about them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casebook.domain.findings import Finding, Severity
from casebook.domain.partial_dates import PartialDate
from trial.domain.data_items import DataItem


class HccTreatmentKind(StrEnum):
    """What was done; PEI and microwave count as ablation."""

    RESECTION = "RESECTION"
    ABLATION = "ABLATION"
    TACE = "TACE"
    HAIC = "HAIC"
    RADIATION = "RADIATION"
    TARGETED = "TARGETED THERAPY"
    CHEMOTHERAPY = "SYSTEMIC CHEMOTHERAPY"
    TRANSPLANTATION = "LIVER TRANSPLANTATION"
    OTHER = "OTHER"


ANSWER_OF_KIND = {
    HccTreatmentKind.RESECTION: "resection",
    HccTreatmentKind.ABLATION: "ablation",
    HccTreatmentKind.TACE: "tace",
    HccTreatmentKind.HAIC: "haic",
    HccTreatmentKind.RADIATION: "radiation",
    HccTreatmentKind.TARGETED: "other_treatment",
    HccTreatmentKind.CHEMOTHERAPY: "other_treatment",
    HccTreatmentKind.TRANSPLANTATION: "other_treatment",
    HccTreatmentKind.OTHER: "other_treatment",
}
"""The question of the form on baseline disease that each kind answers with yes."""

CRITERION_OF_KIND = {
    HccTreatmentKind.TARGETED: DataItem.PRIOR_TARGETED_THERAPY,
    HccTreatmentKind.CHEMOTHERAPY: DataItem.PRIOR_SYSTEMIC_CHEMOTHERAPY,
    HccTreatmentKind.TRANSPLANTATION: DataItem.LIVER_TRANSPLANTATION,
}
"""The eligibility item that each kind answers with yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousTreatment:
    """One treatment; `key` names its form."""

    key: int
    kind: HccTreatmentKind
    start: PartialDate


@dataclass(frozen=True, slots=True)
class HistoryFinding:
    """A finding on one treatment (`key`), or on the form with the answers (`key` None)."""

    finding: Finding
    key: int | None = None


def check_hcc_history(
    treatments: Iterable[PreviousTreatment],
    answers: Mapping[str, bool | None],
    *,
    pretreated: bool | None,
    first_dose: date | None,
) -> tuple[HistoryFinding, ...]:
    """Return where the treatments entered and the answers about them contradict each other, all soft.

    An answer not given is no contradiction. A yes without its treatment is asked for only once one treatment
    is entered: before, the history is not begun. A treatment is previous when it may lie before the first
    dose; one that certainly does not is asked about, and one whose date leaves it open is too.
    """
    known = tuple(treatments)
    return (
        *_denied(known, answers, pretreated),
        *_missing(known, answers),
        *(f for one in known for f in _not_previous(one, first_dose)),
    )


def _denied(
    treatments: Iterable[PreviousTreatment], answers: Mapping[str, bool | None], pretreated: bool | None
) -> Iterator[HistoryFinding]:
    for one in treatments:
        if pretreated is False or answers.get(ANSWER_OF_KIND[one.kind]) is False:
            message = f"{_named(one)} is entered, but baseline disease says there was none."
            yield HistoryFinding(_soft("hcc_history.denied", message, "kind"), one.key)


def _missing(
    treatments: tuple[PreviousTreatment, ...], answers: Mapping[str, bool | None]
) -> Iterator[HistoryFinding]:
    entered = {ANSWER_OF_KIND[one.kind] for one in treatments}
    for answer, given in answers.items() if treatments else ():
        if given and answer not in entered:
            message = "The answer is yes, but no such previous treatment of the carcinoma is entered."
            yield HistoryFinding(_soft("hcc_history.missing", message, answer))


def _not_previous(one: PreviousTreatment, first_dose: date | None) -> Iterator[HistoryFinding]:
    if first_dose is None:
        return
    before = one.start.is_before(first_dose)
    if before is False:
        message = f"{_named(one)} began {one.start}, not before the first dose on {first_dose}."
        yield HistoryFinding(_soft("hcc_history.not_previous", message, "start"), one.key)
    elif before is None and not one.start.is_unknown:
        message = (
            f"Whether {_named(one)} ({one.start}) lies before the first dose on {first_dose} cannot be "
            "decided: the date is not exact enough."
        )
        yield HistoryFinding(_soft("hcc_history.undecided", message, "start"), one.key)


def _named(one: PreviousTreatment) -> str:
    return one.kind.value if one.kind in ("TACE", "HAIC") else one.kind.value.capitalize()


def _soft(rule_id: str, message: str, field: str) -> Finding:
    return Finding(rule_id, Severity.SOFT, message, field)
