"""What a patient is due for, what was done and missed; and the same as a calendar."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.calendar_file import AHEAD_DAYS, calendar_file
from assessments.course import PatientCourse, patient_course
from assessments.due import planned_at, pressing
from assessments.schedule import schedule_facts
from assessments.schedule_lines import ApartLine, PlannedLine, forms_done, forms_missed, planned_line
from casebook.extraction import extract
from casebook.models import Patient
from casebook.selectors import get_patient
from patients.domain.schedule import OPEN, PlannedStatus, ScheduleFacts, VisitPlan, derive_visit_plan
from trial.access import Permission, may, require, sites_where
from trial.domain.schedule import Schedule
from trial.http import PersonRequest, PersonView, leading_back, way_back
from trial.models import Trial
from trial.selectors import protocol_in_force, uses_shortcuts


@dataclass(frozen=True, slots=True)
class PatientSchedule:
    """One patient's plan on a day, as the page shows it."""

    course: PatientCourse
    facts: ScheduleFacts
    schedule: Schedule
    plan: VisitPlan
    today: date

    @property
    def lines(self) -> list[PlannedLine]:
        done, missed = forms_done(self.course), forms_missed(self.course)
        number = self.course.patient.number
        return [planned_line(number, item, self.today, done, missed) for item in self.plan.planned]

    @property
    def most_pressing(self) -> PlannedLine | None:
        """What to enter next, in the order of *My work*: overdue, due, in its window."""
        waiting = [line for line in self.lines if line.planned.status in OPEN]
        return min(waiting, key=lambda line: pressing(line.planned), default=None)

    @property
    def apart(self) -> list[ApartLine]:
        done, number = forms_done(self.course), self.course.patient.number
        return [ApartLine(number, item, done[item.kind, item.on]) for item in reversed(self.plan.apart)]


def patient_schedule(patient: Patient) -> PatientSchedule | None:
    """None where the site has approved no protocol version."""
    today = timezone.localdate()
    protocol = protocol_in_force(patient.site_id, today)
    if protocol is None:
        return None
    course = patient_course(extract([patient]), patient, protocol, data_end=today)
    facts, schedule = schedule_facts(course), protocol.schedule
    plan = derive_visit_plan(facts, schedule, today=today, ahead_days=AHEAD_DAYS)
    return PatientSchedule(course, facts, schedule, plan, today)


class SchedulePage(PersonView):
    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        found = patient_schedule(patient)
        lines = found.lines if found else []
        context = {
            "patient": patient,
            "opened_from": f"{request.path}#now",
            "found": found,
            "may_enter": may(request.user, Permission.ENTER_DATA, patient.site_id),
            "now": [line for line in lines if line.waits],
            "ahead": [line for line in lines if line.planned.status is PlannedStatus.NOT_YET],
            "shortcuts": uses_shortcuts(request.user, request.session),
            "past": [line for line in reversed(lines) if line.form is not None],
        }
        return render(request, "assessments/schedule.html", context)


class NextDue(PersonView):
    """On to the form that is due next of a patient; to the schedule where none is, or for who only reads."""

    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        patient = get_patient(request.user, number)
        found = patient_schedule(patient)
        line = found.most_pressing if found else None
        if line is not None and may(request.user, Permission.ENTER_DATA, patient.site_id):
            return redirect(leading_back(line.enter_url, way_back(request)))
        if line is None:
            messages.info(request, _("Nothing is due of this patient now."))
        return redirect("assessments:schedule", patient.number)


class PatientCalendar(PersonView):
    def get(self, request: PersonRequest, number: str) -> HttpResponse:
        found = patient_schedule(get_patient(request.user, number))
        planned = found.plan.planned if found else ()
        return _download([(number, item) for item in planned], name=number, file=number)


class SiteCalendar(PersonView):
    """What lies ahead of all patients of a site, for those who enter its data."""

    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        require(request.user, Permission.ENTER_DATA)
        site = sites_where(request.user, Permission.ENTER_DATA).filter(pk=pk).first()
        if site is None:
            raise Http404("No such site of yours.")
        found = planned_at([site.pk], today=timezone.localdate(), ahead_days=AHEAD_DAYS)
        planned = [(due.number, due.planned) for due in found]
        return _download(planned, name=_("Visits, %(site)s") % {"site": site.name}, file=site.code)


def _download(planned: list, *, name: str, file: str) -> HttpResponse:
    trial = Trial.objects.get().code
    content = calendar_file(planned, trial=trial, name=name, now=timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="schedule-{file}.ics"'
    return response
