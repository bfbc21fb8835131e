"""What the schedule's rules say, in words for pages and calendars."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from patients.domain.schedule import ApartReason, AssessmentKind, PlannedStatus

Words = str | Promise

KIND: dict[AssessmentKind, Words] = {
    AssessmentKind.CLINIC: _("Clinic visit"),
    AssessmentKind.LABORATORY: _("Laboratory"),
    AssessmentKind.IMAGING: _("Scan"),
}
STATUS: dict[PlannedStatus, Words] = {
    PlannedStatus.DONE: _("done"),
    PlannedStatus.EARLY: _("early"),
    PlannedStatus.LATE: _("late"),
    PlannedStatus.MISSED: _("missed"),
    PlannedStatus.NOT_DONE: _("not done"),
    PlannedStatus.OVERDUE: _("overdue"),
    PlannedStatus.DUE: _("due"),
    PlannedStatus.IN_WINDOW: _("in window"),
    PlannedStatus.NOT_YET: _("not yet"),
}
APART: dict[ApartReason, Words] = {
    ApartReason.BEFORE_TREATMENT: _("before or on the day of the first dose"),
    ApartReason.UNSCHEDULED: _("unscheduled"),
    ApartReason.AFTER_TREATMENT: _("after the end of treatment"),
    ApartReason.EXTRA: _("sooner after the one before it than the window says"),
}
