"""The patient flow: how many were enrolled, treated, progressed, continued, and who left where and why."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.text import slugify

from analysis.facts import StudyFacts, Subject, ref
from analysis.outputs import Box, Flow
from analysis.tables.cells import why
from casebook.models import Crf
from patients.models import NotContinuedReason, OffProtocolReason

Reason = Callable[[Subject], tuple[str, Crf | None]]
STILL = "still in the period, or not yet recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A box of the flow; patients of the box above who are not in it leave to the side for a reason."""

    id: str
    label: str
    reached: Callable[[Subject], bool]
    facts: tuple[str, ...]
    left_id: str = ""
    left: str = ""
    reason: Reason = lambda subject: (STILL, None)


def off_protocol(subject: Subject) -> tuple[str, Crf | None]:
    form = subject.course.discontinuation
    return (OffProtocolReason(form.off_protocol_reason).label, form) if form is not None else (STILL, None)


def not_treated(subject: Subject) -> tuple[str, Crf | None]:
    if subject.history.first_dose is not None:
        return "treated, no safety assessment yet", None
    return off_protocol(subject)


def not_continued(subject: Subject) -> tuple[str, Crf | None]:
    form = subject.course.decision
    if form is None or not form.not_continued_reason:
        return off_protocol(subject)
    return NotContinuedReason(form.not_continued_reason).label, form


def _has(*names: str) -> Callable[[Subject], bool]:
    return lambda subject: all(getattr(subject.history, name) is not None for name in names)


STAGES = (
    Stage(id="enrolled", label="Enrolled", reached=_has("enrolment_date"), facts=("enrolment_date",)),
    Stage(
        id="treated",
        label="Treated, safety set",
        reached=_has("first_dose", "first_safety_assessment"),
        facts=("first_dose", "first_safety_assessment"),
        left_id="not_treated",
        left="Not treated",
        reason=not_treated,
    ),
    Stage(
        id="first_pd",
        label="First progression evaluated",
        reached=_has("pd1_date"),
        facts=("pd1_date",),
        left_id="off_before_first_pd",
        left="No first progression",
        reason=off_protocol,
    ),
    Stage(
        id="continued",
        label="Continued beyond first progression (Treatment 2)",
        reached=_has("continuation_date"),
        facts=("continuation_date",),
        left_id="not_continued",
        left="Not continued",
        reason=not_continued,
    ),
    Stage(
        id="second_pd",
        label="Second progression evaluated",
        reached=_has("pd2_date"),
        facts=("pd2_date",),
        left_id="off_before_second_pd",
        left="No second progression",
        reason=off_protocol,
    ),
)


def patient_flow(facts: StudyFacts) -> Flow:
    return Flow(
        title="Patient flow",
        boxes=list(_boxes(facts)),
        footnotes=[
            "Safety set: at least one dose, and at least one safety assessment on its day or later.",
            "First and second progression: by imaging. “Before the first evaluation”: without a scan that "
            "could be read.",
            *_not_enrolled(facts),
        ],
    )


def _not_enrolled(facts: StudyFacts) -> list[str]:
    """Patients who were given the drug and have no enrolment: no analysis set holds them."""
    found = [s.number for s in facts.subjects if s.history.first_dose and not s.history.enrolment_date]
    return (
        [f"Treated without an enrolment form, in no box and no table: {', '.join(found)}."] if found else []
    )


def _boxes(facts: StudyFacts) -> Iterator[Box]:
    above: Sequence[Subject] = facts.subjects
    for index, stage in enumerate(STAGES):
        here = [subject for subject in above if stage.reached(subject)]
        parent = STAGES[index - 1].id if index else ""
        if index:
            yield from _left(stage, parent, [s for s in above if not stage.reached(s)])
        yield Box(
            id=stage.id,
            label=stage.label,
            parent=parent,
            patients=[subject.number for subject in here],
            why=why(here, lambda subject, stage=stage: subject.reference(*stage.facts)),  # type: ignore[misc]
        )
        above = here


def _left(stage: Stage, parent: str, left: Sequence[Subject]) -> Iterator[Box]:
    """The box of those who left, and one beneath it per reason."""
    if not left:
        return
    yield _side(stage.left_id, stage.left, parent, left, stage)
    reasons: dict[str, list[Subject]] = {}
    for subject in left:
        label = stage.reason(subject)[0]
        if stage.id == "first_pd" and not any(scan.is_adequate for scan in subject.history.scans):
            label += ", before the first evaluation"
        reasons.setdefault(label, []).append(subject)
    for label, subjects in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        yield _side(
            f"{stage.left_id}-{slugify(label)}", label[0].upper() + label[1:], stage.left_id, subjects, stage
        )


def _side(id: str, label: str, parent: str, subjects: Sequence[Subject], stage: Stage) -> Box:
    def reasons(subject: Subject) -> list[str]:
        form = stage.reason(subject)[1]
        return [ref(form)] if form is not None else subject.reference("enrolment_date")

    return Box(
        id=id,
        label=label,
        parent=parent,
        side=True,
        patients=[subject.number for subject in subjects],
        why=why(subjects, reasons),
    )
