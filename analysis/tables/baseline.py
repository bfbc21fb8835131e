"""Table 1: who was treated, and whether those who continued differ from those who did not."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from analysis.domain.comparisons import fisher_exact, student_t
from analysis.domain.descriptive import format_median_range, format_p
from analysis.facts import StudyFacts, Subject, ref
from analysis.outputs import Cell, Column, Row, Table
from analysis.tables.cells import Reasons, either, value_cell
from patients.domain.calendar import completed_years

FISHER = "Fisher"
T_TEST = "t-test"
TESTS = (
    "Fisher: Fisher's exact test, two-sided, more than two classes by enumeration. t-test: two-sample "
    "t-test with "
    "pooled variance."
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A number per patient: median (range), compared by the t-test."""

    test = T_TEST
    id: str
    label: str
    value: Callable[[Subject], Decimal | int | None]
    reasons: Callable[[Subject], list[str]]


@dataclass(frozen=True, kw_only=True)
class Classed:
    """A class per patient: counts in the order of `classes`, compared by Fisher's exact test.

    `shown` are the classes printed in the cell; None prints all, separated by slashes.
    """

    test = FISHER
    id: str
    label: str
    classes: tuple[object, ...]
    value: Callable[[Subject], object]
    reasons: Callable[[Subject], list[str]]
    shown: tuple[object, ...] | None = None


def age_at_consent(subject: Subject) -> int | None:
    """Completed years at consent; None while the birth date leaves it open."""
    consent = subject.course.consent
    if consent is None or consent.birth_date is None or consent.birth_date.is_unknown:
        return None
    years = {
        completed_years(day, consent.consent_date)
        for day in (consent.birth_date.earliest, consent.birth_date.latest)
        if day
    }
    return years.pop() if len(years) == 1 else None


def _consent(subject: Subject) -> list[str]:
    return [ref(subject.course.consent)] if subject.course.consent else []


def _disease(subject: Subject) -> list[str]:
    return [ref(subject.course.baseline)] if subject.course.baseline else []


def _of_disease(name: str) -> Callable[[Subject], object]:
    return lambda subject: getattr(subject.course.baseline, name) if subject.course.baseline else None


VARIABLES: tuple[Measured | Classed, ...] = (
    Measured(id="age_median", label="Age, median (range)", value=age_at_consent, reasons=_consent),
    Classed(
        id="sex",
        label="Sex, male/female",
        classes=("M", "F"),
        value=lambda s: s.course.consent.sex if s.course.consent else None,
        reasons=_consent,
    ),
    Classed(
        id="etiology",
        label="Underlying cause, HBV/HCV/NBNC",
        classes=("HBV", "HCV", "NBNC"),
        value=_of_disease("etiology"),
        reasons=_disease,
    ),
    Classed(
        id="ecog",
        label="ECOG performance status, 0/1",
        classes=(0, 1),
        value=_of_disease("ecog"),
        reasons=_disease,
    ),
    Classed(
        id="child_pugh",
        label="Child-Pugh score, 5/6",
        classes=(5, 6),
        value=_of_disease("child_pugh_score"),
        reasons=_disease,
    ),
    Classed(
        id="vascular_invasion",
        label="Vascular invasion",
        classes=(True, False),
        shown=(True,),
        value=_of_disease("vascular_invasion"),
        reasons=_disease,
    ),
    Classed(
        id="extrahepatic_spread",
        label="Extrahepatic spread",
        classes=(True, False),
        shown=(True,),
        value=_of_disease("extrahepatic_spread"),
        reasons=_disease,
    ),
    Classed(
        id="bclc",
        label="BCLC stage, A/B/C",
        classes=("A", "B", "C"),
        value=_of_disease("bclc_stage"),
        reasons=_disease,
    ),
    Measured(id="afp", label="AFP, ng/mL, median (range)", value=_of_disease("afp"), reasons=_disease),  # type: ignore[arg-type]
    Measured(id="dcp", label="DCP, mAU/mL, median (range)", value=_of_disease("dcp"), reasons=_disease),  # type: ignore[arg-type]
    Classed(
        id="pretreatment",
        label="Pretreatment of HCC, no/yes",
        classes=(False, True),
        value=_of_disease("pretreated"),
        reasons=_disease,
    ),
)


def baseline_table(facts: StudyFacts) -> Table:
    groups = {"all": facts.safety, "continued": facts.treatment_2, "not_continued": facts.not_continued}
    labels = ("All patients", "Continued beyond first PD", "Not continued")
    return Table(
        title="Table 1. Baseline characteristics",
        population=facts.protocol.analysis_set("safety").label,
        columns=[
            *(
                Column(id=id, label=label, n=len(groups[id]))
                for id, label in zip(groups, labels, strict=True)
            ),
            Column(id="p", label="P"),
            Column(id="test", label="Test"),
        ],
        rows=[_row(variable, groups, facts.membership("safety")) for variable in VARIABLES],
        footnotes=[
            f"P compares the patients who continued with those who did not. {TESTS}",
            "Age is in completed years at consent. Child-Pugh is computed from its components; BCLC is as "
            "entered.",
            *_missing(facts.safety),
            *_undecided(facts.not_continued),
        ],
    )


def _missing(subjects: Sequence[Subject]) -> list[str]:
    counts = [(v.label, sum(v.value(s) in (None, "") for s in subjects)) for v in VARIABLES]
    return [
        *(f"{label}: not known for {n}, who are left out of the row." for label, n in counts if n),
        *(
            text
            for variable in VARIABLES
            if isinstance(variable, Classed)
            for text in _unplaced(variable, subjects)
        ),
    ]


def _unplaced(variable: Classed, subjects: Sequence[Subject]) -> Iterator[str]:
    """What patients have whom none of the printed classes holds."""
    values = Counter(variable.value(s) for s in subjects)
    for value in sorted(set(values) - {None, "", *variable.classes}, key=str):
        n = values[value]
        yield f"{variable.label}: {value} in {n}, who {'is' if n == 1 else 'are'} left out of the row."


def _undecided(subjects: Sequence[Subject]) -> list[str]:
    """Patients counted as not continued only because the cut-off came before their decision."""
    n = sum(s.course.decision is None and s.course.discontinuation is None for s in subjects)
    text = f"Not continued: {n} of them were still in Treatment 1, or their decision is not recorded."
    return [text] if n else []


def _row(variable: Measured | Classed, groups: dict[str, list[Subject]], treated: Reasons) -> Row:
    make = _measured_cell if isinstance(variable, Measured) else _classed_cell
    forms = either(variable.reasons, treated)
    cells = {name: make(variable, subjects, forms) for name, subjects in groups.items()}  # type: ignore[arg-type]
    cells["p"] = _p_cell(variable, groups["continued"], groups["not_continued"], forms)
    cells["test"] = Cell(text=variable.test)
    return Row(id=variable.id, label=variable.label, cells=cells)


def _measured_cell(variable: Measured, subjects: Sequence[Subject], forms: Reasons) -> Cell:
    present = [s for s in subjects if variable.value(s) is not None]
    text = format_median_range([variable.value(s) for s in present])
    return value_cell(text, present, forms, among=subjects)


def _classed_cell(variable: Classed, subjects: Sequence[Subject], forms: Reasons) -> Cell:
    shown = variable.classes if variable.shown is None else variable.shown
    counted = [s for s in subjects if variable.value(s) in shown]
    text = "/".join(str(n) for n in _counts(variable, subjects, shown))
    return value_cell(text, counted, forms, among=subjects)


def _counts(variable: Classed, subjects: Sequence[Subject], classes: Sequence[object]) -> list[int]:
    return [sum(variable.value(s) == wanted for s in subjects) for wanted in classes]


def _p_cell(
    variable: Measured | Classed, first: Sequence[Subject], second: Sequence[Subject], forms: Reasons
) -> Cell:
    among = [*first, *second]
    subjects = [s for s in among if variable.value(s) is not None]
    if isinstance(variable, Classed):
        counts = [_counts(variable, group, variable.classes) for group in (first, second)]
        return value_cell(fisher_p(counts), subjects, forms, among=among)
    values = [[value for s in group if (value := variable.value(s)) is not None] for group in (first, second)]
    test = student_t(*values)
    return value_cell(format_p(test.p if test else None, 3), subjects, forms, among=among)


def fisher_p(counts: Sequence[Sequence[int]]) -> str:
    """The printed p of two groups' counts; a dash where a group is empty or all patients are in one class."""
    comparable = all(map(sum, counts)) and sum(map(any, zip(*counts, strict=True))) > 1
    return format_p(fisher_exact(counts) if comparable else None)
