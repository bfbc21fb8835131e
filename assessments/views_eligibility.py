"""The eligibility page: every criterion beside the value it is judged on, today and at enrolment."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments.course import PatientCourse, patient_course
from assessments.eligibility import judge, thaw
from assessments.selectors import ReferenceRanges
from casebook.extraction import extract
from casebook.selectors import get_patient
from patients.domain.eligibility import CriterionResult, EligibilityJudgement
from trial.access import Permission, may
from trial.http import PersonRequest, PersonView, way_back
from trial.selectors import protocol_version_in_force


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion now; `frozen` is its result at enrolment, None before. `changed`: the verdict differs."""

    now: CriterionResult
    frozen: CriterionResult | None

    @property
    def changed(self) -> bool:
        return self.frozen is not None and self.frozen.verdict is not self.now.verdict


class EligibilityPage(PersonView):
    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        today = timezone.localdate()
        version = protocol_version_in_force(patient.site_id, today)
        context: dict[str, Any] = {
            "patient": patient,
            "version": version,
            "may_enter": may(request.user, Permission.ENTER_DATA, patient.site_id),
            "return_to": way_back(request),
            "may_decide": may(request.user, Permission.DECIDE_ELIGIBILITY, patient.site_id),
        }
        if version is not None:
            course = patient_course(extract([patient]), patient, version.protocol, data_end=today)
            judgement = judge(course, ReferenceRanges.of_sites(patient.site_id))
            context |= {"course": course, "judgement": judgement, "rows": _rows(course, judgement)}
        return render(request, "assessments/eligibility.html", context)


def _rows(course: PatientCourse, judgement: EligibilityJudgement) -> list[CriterionRow]:
    frozen: dict[str, CriterionResult] = {}
    if course.enrolment is not None and course.enrolment.eligibility_at_enrolment is not None:
        frozen = {result.id: result for result in thaw(course.enrolment.eligibility_at_enrolment).results}
    return [CriterionRow(result, frozen.get(result.id)) for result in judgement.results]
