"""The imaging read on its own page, its preview, and the choice of lesions at the new baseline."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from assessments.domain.mrecist import ResponseCriteria
from assessments.domain.tumour_findings import TumourRule
from assessments.domain.tumour_selection import check_target_selection
from assessments.forms_imaging import (
    READER_FIELDS,
    ImagingReadForm,
    LesionLines,
    make_lines,
)
from assessments.forms_new_baseline import NewBaselineForm, NewBaselineLineForm
from assessments.imaging_book import ImagingBook, ReadResult, point_of, result_of
from assessments.imaging_moves import ProgressionMoves
from assessments.models import ImagingRead, LesionReading, LesionRole, ReadingState
from assessments.services_imaging import NEW_BASELINE_REASON, choose_new_baseline, save_imaging_read
from assessments.tumour import lesion_facts, measurement_facts
from casebook.selectors import open_queries
from casebook.services import EditConflict
from casebook.templatetags.controls import shown
from casebook.views import CrfView
from trial.http import PersonRequest

BLANK_LINES_AT_BASELINE = 4


class ImagingView(CrfView):
    """Finds the patient's imaging; the read named in the address is one of it."""

    book: ImagingBook

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, slug="imaging", **kwargs)
        self.book = ImagingBook(self.patient)

    def find(self, pk: int | None) -> ImagingRead:
        """The read as saved; a new one without a key."""
        if pk is None:
            return ImagingRead(patient=self.patient)
        read = self.book.read(pk)
        if read is None:
            raise Http404("No such imaging read of this patient.")
        return read


class ImagingPage(ImagingView):
    """One grid: lesions down, scans across, this scan's column open. Entering and changing are one page."""

    def get(self, request: PersonRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        read = self.find(pk)
        if pk is None:
            self.require_entry()
        return self.show(read, *self.forms(read))

    def post(self, request: PersonRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        read = self.find(pk)
        form, lines = self.forms(read, request.POST)
        is_valid = all([form.is_valid(), lines.is_valid()])
        if request.POST.get("action") == "check" or not is_valid:
            return self.show(read, form, lines)
        try:
            saved = self.save(form, lines)
        except EditConflict as conflict:
            return self.show_conflict(read, form, lines, conflict.current)
        except ProgressionMoves as moves:
            return self.show(read, form, lines, moves=moves.messages)
        except ValidationError as error:
            _add_errors(form, lines, error)
            return self.show(read, form, lines)
        return self.after_save(saved)

    def forms(self, read: ImagingRead, data: Any = None) -> tuple[ImagingReadForm, LesionLines]:
        is_baseline = self.book.is_baseline(read)
        blank = BLANK_LINES_AT_BASELINE if is_baseline and read.pk is None else 1
        entered = ImagingRead(pk=read.pk, patient=self.patient, version=read.version, date=read.date)
        for field in ImagingRead.fields_entered():
            setattr(entered, field.attname, getattr(read, field.attname))
        entered._state.adding = read.pk is None
        initial = None if data is not None else self.request.GET.dict()
        form = ImagingReadForm(data, instance=entered, initial=initial, is_baseline=is_baseline)
        may_add = self.may_enter or data is not None
        lines = make_lines(self.book, read, data, is_baseline=is_baseline, blank=blank if may_add else 0)
        return form, lines

    def save(self, form: ImagingReadForm, lines: LesionLines) -> ImagingRead:
        rows = lines.rows()
        return save_imaging_read(
            patient=self.patient,
            read=form.instance,
            readings=rows.readings,
            lesions=rows.lesions,
            roles=rows.roles if lines.page.is_baseline else None,
            version=form.cleaned_data.get("version"),
            by=self.request.user,
            reason=form.cleaned_data.get("reason", ""),
            move_reason=form.cleaned_data.get("move_reason", ""),
        )

    def after_save(self, read: ImagingRead) -> HttpResponse:
        """Back to the patient; to the new baseline where the first progression has none yet."""
        book = ImagingBook(self.patient)
        course = book.course
        point = point_of(course, read.pk)
        said = f": overall response {point.overall}." if point else "."
        if course is not None and course.pd1 is not None and book.baseline_reads(2) != {course.pd1.scan_id}:
            messages.success(
                self.request, f"Imaging read saved{said} Now choose the lesions of the new baseline."
            )
            return redirect("assessments:imaging-baseline", self.patient.number, course.pd1.scan_id)
        return self.to_patient(f"Imaging read saved{said}")

    def show(
        self, read: ImagingRead, form: ImagingReadForm, lines: LesionLines, status: int = 200, **context: Any
    ) -> HttpResponse:
        queries = [
            q for q in open_queries([self.patient]) if read.pk and (q.crf, q.crf_id) == ("imaging", read.pk)
        ]
        others = self.book.before(read) + ([] if self.may_enter else [read])
        columns = self.book.columns(others, read)
        later = self.book.columns(self.book.after(read), read)
        for line in lines:
            line.show_others(columns, later)
        result = draft_result(self.book, form, lines)
        return self.render(
            "assessments/imaging.html",
            status,
            form=form,
            lines=lines,
            crf=read if read.pk else None,
            read=read,
            columns=columns,
            later=later,
            has_earlier_period=any(column.is_of_earlier_period for column in columns),
            known_lines=[line for line in lines if not line.is_described_here],
            described_lines=[line for line in lines if line.is_described_here],
            is_baseline=lines.page.is_baseline,
            result=result,
            reader=reader_rows(form, result),
            queries=queries,
            choose_new_baseline=self.may_choose(read),
            preview_url=self.request.path + "preview/",
            **context,
        )

    def may_choose(self, read: ImagingRead) -> bool:
        course = self.book.course
        return bool(read.pk and course and course.pd1 and course.pd1.scan_id == read.pk)

    def show_conflict(
        self, read: ImagingRead, form: ImagingReadForm, lines: LesionLines, current: Any
    ) -> HttpResponse:
        """What was typed beside what somebody else saved; what was typed stays in the page."""
        self.book = ImagingBook(self.patient)
        their_form, their_lines = self.forms(self.find(current.pk))
        differing = [*_differences("", form, their_form)]
        theirs = {line.known.pk: line for line in their_lines if line.known}
        for line in lines:
            if line.known and line.known.pk in theirs:
                differing += _differences(f"{line.known.label}: ", line, theirs[line.known.pk])
        typed: Any = form.data.copy()  # type: ignore[attr-defined]
        typed["version"] = str(current.version)
        form.data = typed
        return self.show(read, form, lines, 409, conflict=differing)


class ImagingPreview(ImagingPage):
    """What the read would amount to as it stands in the form. Saves nothing."""

    def get(self, request: PersonRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        return redirect(request.path.removesuffix("preview/"))

    def post(self, request: PersonRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        form, lines = self.forms(self.find(pk), request.POST)
        all([form.is_valid(), lines.is_valid()])
        result = draft_result(self.book, form, lines)
        context = {
            "result": result,
            "reader": [] if lines.page.is_baseline else reader_rows(form, result),
            "known_lines": any(not line.is_described_here for line in lines),
        }
        return render(request, "assessments/imaging_result.html", context)


class NewBaseline(ImagingView):
    """At the first progression: every lesion then seen is followed as target or as non-target."""

    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        read = self.find(pk)
        form = NewBaselineForm(initial={"version": read.version, "reason": NEW_BASELINE_REASON})
        return self.show(read, form, self.lines_of(read))

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        read = self.find(pk)
        form, lines = NewBaselineForm(request.POST), self.lines_of(read, request.POST)
        if not all([form.is_valid(), *(line.is_valid() for line in lines)]):
            return self.show(read, form, lines)
        try:
            self.save(read, form, lines)
        except EditConflict:
            form.add_error(None, "Somebody changed this read meanwhile. Open the page anew.")
            return self.show(read, form, lines, 409)
        except ValidationError as error:
            _add_line_errors(form, lines, error)
            return self.show(read, form, lines)
        return self.to_patient("New baseline saved: Treatment 2 is read against it.")

    def save(self, read: ImagingRead, form: NewBaselineForm, lines: list[NewBaselineLineForm]) -> None:
        on_lines = {line.saved.lesion_id for line in lines}
        others = [r for r in self.book.readings_of(read).values() if r.lesion_id not in on_lines]
        readings = [line.reading() for line in lines]
        choose_new_baseline(
            patient=self.patient,
            read=read,
            roles=[LesionRole(lesion=line.saved.lesion, role=line.cleaned_data["role"]) for line in lines],
            readings=[*readings, *others],
            version=form.cleaned_data["version"],
            by=self.request.user,
            reason=form.cleaned_data["reason"],
        )

    def lines_of(self, read: ImagingRead, data: Any = None) -> list[NewBaselineLineForm]:
        """A line for every lesion the scan shows by itself, the targets of Treatment 1 first.

        One that has split is seen in its parts, one that has merged in the other lesion.
        """
        chosen, before = self.book.roles_in(2), self.book.roles_in(1)
        not_by_itself = (ReadingState.ABSENT, ReadingState.SPLIT, ReadingState.MERGED)
        seen = [r for r in self.book.readings_of(read).values() if r.state not in not_by_itself]
        lines = []
        for reading in sorted(seen, key=lambda r: (before.get(r.lesion_id, "Z") != "TARGET", r.lesion.label)):
            role = chosen.get(reading.lesion_id, "")
            line = NewBaselineLineForm(
                data,
                prefix=f"lesion-{reading.lesion_id}",
                saved=reading,
                role=role,
                before=before.get(reading.lesion_id, "").lower(),
                remarks=_why_no_target(reading, self.book.criteria),
            )
            lines.append(line)
        return lines

    def show(
        self, read: ImagingRead, form: NewBaselineForm, lines: list[NewBaselineLineForm], status: int = 200
    ) -> HttpResponse:
        course = self.book.course
        is_pd1 = bool(course and course.pd1 and course.pd1.scan_id == read.pk)
        template = "assessments/imaging_baseline.html"
        return self.render(template, status, form=form, lines=lines, crf=read, read=read, is_pd1=is_pd1)


def draft_result(book: ImagingBook, form: ImagingReadForm, lines: LesionLines) -> ReadResult:
    """What the read amounts to as it stands in the page: as saved, or as typed."""
    read = form.instance
    if not form.is_bound:
        return result_of(book.course, read) if read.pk else result_of(None, read)
    rows = lines.rows()
    roles = rows.roles if lines.page.is_baseline else None
    if read.date is None or "date" in form.errors:
        return result_of(None, ImagingRead())
    return result_of(book.course_with(read, rows.lesions, rows.readings, roles), read)


def reader_rows(form: ImagingReadForm, result: ReadResult) -> list[tuple[str, str, str, Any]]:
    """Label, name, computed response and the reader's own entry, one row each."""
    labels = ("Target lesions", "Non-target lesions", "New lesion", "Overall response")
    return [
        (label, name, result.responses[name], form[name] if name in form.fields else None)
        for label, name in zip(labels, READER_FIELDS, strict=True)
    ]


def _why_no_target(reading: LesionReading, criteria: ResponseCriteria) -> list[str]:
    """What speaks against the lesion as target; that it is not measured yet is said by its empty field."""
    pair = (lesion_facts(reading.lesion), measurement_facts(reading))
    findings = check_target_selection([pair], criteria=criteria, period=2)
    return [f.message for f in findings if f.rule_id != TumourRule.TARGET_NOT_MEASURED]


def _differences(label: str, mine: Any, theirs: Any) -> Iterable[tuple[str, Any, Any]]:
    for field in mine:
        if field.name in ("version", "reason", "move_reason", "lesion") or field.name not in theirs.fields:
            continue
        yours, other = field.value(), theirs[field.name].value()
        if str("" if yours is None else yours) != str("" if other is None else other):
            yield f"{label}{field.label}", shown(field), shown(theirs[field.name])


def _add_errors(form: ImagingReadForm, lines: LesionLines, error: ValidationError) -> None:
    """Show what the service refused in the cell, at the field, or at the top."""
    errors = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for index, line in enumerate(lines.rows().lines):
        for name in [name for name in errors if name.startswith(f"lines-{index}-")]:
            field = name.removeprefix(f"lines-{index}-")
            for message in errors.pop(name):
                line.add_error(field if field in line.fields else None, message)
    form.add_findings(errors)


def _add_line_errors(form: NewBaselineForm, lines: list[NewBaselineLineForm], error: ValidationError) -> None:
    errors = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for index, line in enumerate(lines):
        for name in [name for name in errors if name.startswith(f"lines-{index}-")]:
            field = name.removeprefix(f"lines-{index}-")
            for message in errors.pop(name):
                line.add_error(field if field in line.fields else None, message)
    for name, found in errors.items():
        for message in found:
            form.add_error(name if name in form.fields else None, message)
