"""What is asked of medication, medical history and previous treatment: on the form, and across forms."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.course import ONE_DAY, PatientCourse
from assessments.form_checks import hard, soft
from assessments.models import ConcomitantMedication, HccTreatment, MedicalHistory
from assessments.schedule import end_of_schedule
from casebook.domain.findings import Finding
from casebook.models import Crf
from casebook.registry import Located
from patients.domain.chronology import Episode
from patients.domain.hcc_history import check_hcc_history
from patients.domain.medication import inducers_among
from patients.models.baseline_disease import TREATMENTS

HISTORY_RULES = ("medication.", "hcc_history.")


def check_medication(row: ConcomitantMedication) -> list[Finding]:
    return list(_check_span("cm", row))


def check_medical_history(row: MedicalHistory) -> list[Finding]:
    return list(_check_span("mh", row))


def check_hcc_treatment(row: HccTreatment) -> list[Finding]:
    if not row.span.ends_before_start:
        return []
    said = _("The treatment cannot end before it began, %(start)s.") % {"start": row.start}
    return [hard("hcc.end_before_start", said, "end")]


def _check_span(prefix: str, row: ConcomitantMedication | MedicalHistory) -> Iterator[Finding]:
    if row.span.ends_before_start:
        said = _("This cannot end before it began, %(start)s.") % {"start": row.start}
        yield hard(f"{prefix}.end_before_start", said, "end")
    if row.ongoing and row.end is not None:
        yield hard(f"{prefix}.ongoing_with_end", _("What still goes on has no end date."), "end")
    if not row.ongoing and row.end is None:
        yield soft(f"{prefix}.end_missing", _("It is over: when did it end? UNK if nobody knows."), "end")


def history_episodes(course: PatientCourse) -> Iterator[Episode]:
    """Medication, history and previous treatments with their dates, for the rules of chronology."""
    for medication in course.medications:
        yield Episode(label=medication.drug, onset=medication.start, end=medication.end)
    for condition in course.medical_history:
        yield Episode(label=condition.condition, onset=condition.start, end=condition.end)
    for treatment in course.hcc_treatments:
        yield Episode(label=treatment.facts.kind.value, onset=treatment.start, end=treatment.end)


def check_history(course: PatientCourse) -> Iterator[Located]:
    yield from _inducer_not_answered(course)
    yield from _inducers_on_treatment(course)
    yield from _hcc_history(course)


def _inducer_not_answered(course: PatientCourse) -> Iterator[Located]:
    """The eligibility item on CYP3A4 inducers beside the medication entered, on the day of the assessment."""
    form = course.screening
    if form is None or form.cyp3a4_inducer is None:
        return
    inducers = inducers_among(row.facts for row in course.medications)
    taken = [one for one in inducers if one.span.includes(form.date)]
    if taken and not form.cyp3a4_inducer:
        said = _("%(drug)s, a strong CYP3A4 inducer, was taken on %(day)s, but the answer is no.")
        message = said % {"drug": taken[0].drug, "day": form.date}
        yield Located(soft("medication.inducer_denied", message, "cyp3a4_inducer"), form)
    possible = [one for one in inducers if one.span.includes(form.date) is not False]
    if form.cyp3a4_inducer and not possible:
        said = _("The answer is yes, but no CYP3A4 inducer taken on %(day)s is entered as medication.")
        message = said % {"day": form.date}
        yield Located(soft("medication.inducer_missing", message, "cyp3a4_inducer"), form)


def _inducers_on_treatment(course: PatientCourse) -> Iterator[Located]:
    """An inducer taken from the first dose to before the end of treatment, or that its dates leave open."""
    first, end = course.first_dose, end_of_schedule(course)
    last = course.data_end if end is None else min(course.data_end, end - ONE_DAY)
    for row in course.medications if first else ():
        inducer = row.inducer
        if first is None or inducer is None:
            continue
        words = {"drug": row.drug, "name": inducer.name}
        taken = row.span.overlaps(first, last)
        if taken:
            said = _("%(drug)s (%(name)s, a strong CYP3A4 inducer) was taken during treatment. Is it right?")
            yield Located(soft("medication.inducer_on_treatment", said % words, "drug"), row)
        elif taken is None:
            said = _(
                "Whether %(drug)s (%(name)s, a strong CYP3A4 inducer) was taken during treatment cannot be "
                "decided: its dates are not exact enough."
            )
            yield Located(soft("medication.inducer_undecided", said % words, "start"), row)


def _hcc_history(course: PatientCourse) -> Iterator[Located]:
    disease = course.baseline
    rows: dict[int, Crf] = {row.pk: row for row in course.hcc_treatments}
    found = check_hcc_history(
        (row.facts for row in course.hcc_treatments),
        {name: getattr(disease, name) for name in TREATMENTS} if disease else {},
        pretreated=disease.pretreated if disease else None,
        first_dose=course.first_dose,
    )
    for one in found:
        yield Located(one.finding, disease if one.key is None else rows[one.key])
