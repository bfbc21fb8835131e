"""Filling in a form: typed, looked over field by field where saved data change, saved."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from casebook.conflicts import Difference, differences, merged, rebased
from casebook.entry import Entry, as_new, unjudged
from casebook.forms_confirm import AnswersForm, ReasonsForm, answers_in
from casebook.models import Crf, Draft, Query
from casebook.reasons import ChangeReason, Reason
from casebook.rule_queries import AtOnce
from casebook.selectors import get_crf, neighbours, was_removed
from casebook.selectors_entry import (
    Offered,
    draft_key,
    draft_of,
    form_at_version,
    next_to_enter,
    offered,
)
from casebook.services import EditConflict, FormRemoved, create_crf, edit_crf
from casebook.services_drafts import as_posted, forget_draft
from casebook.views import CrfView
from trial.http import PersonRequest, leading_back, way_back
from trial.selectors import uses_shortcuts

INSTEAD_OF = "instead_of"
"""Names the removed form into which was typed what is now entered anew."""
REHEARSAL = Reason(ChangeReason.OTHER, "what a save would come to, undone at once")


class CrfEntry(CrfView):
    """A page on which a form is filled in; a form with its own screen is filled in there."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.spec.own_pages:
            return super().dispatch(request, *args, **kwargs)
        page, args = ("edit", (kwargs["pk"],)) if "pk" in kwargs else ("new", ())
        address = reverse(f"{self.spec.own_pages}-{page}", args=[self.patient.number, *args])
        return redirect(f"{address}?{request.GET.urlencode()}".removesuffix("?"))

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        person = self.request.user
        shared: dict[str, Any] = {"shortcuts": uses_shortcuts(person, self.request.session)}
        shared["instead_of"] = context.get("removed_pk") or self.request.POST.get(INSTEAD_OF, "")
        if self.may_enter:
            shared["draft_key"] = draft_key(person)
        return super().render(template, status, **shared | context)

    def entry(self, crf: Crf, data: Any = None, initial: dict[str, Any] | None = None) -> Entry:
        return Entry(self.spec, self.form(crf, data, initial), self.lines(crf, data))

    def typed_before(self, crf: Crf) -> tuple[Draft, list[Difference]] | None:
        """What this person typed here and did not save, and where it differs from what is saved.

        What no longer differs is no draft any more.
        """
        if not self.may_enter:
            return None
        draft = draft_of(self.request.user, self.patient, self.spec, crf.pk)
        if draft is None:
            return None
        typed = unjudged(self.entry(copy(crf), as_posted(draft)))
        found = differences(typed, self.entry(copy(crf)), None, {})
        if not found:
            forget_draft(spec=self.spec, patient=self.patient, pk=crf.pk, by=self.request.user)
        return (draft, found) if found else None

    def open(self, crf: Crf, carried: Offered | None = None) -> HttpResponse:
        """The page as saved, or with what was typed there before and not saved."""
        kept = self.typed_before(crf)
        if kept is None or "restore" not in self.request.GET:
            entry = self.entry(crf, initial=carried.values | self.request.GET.dict() if carried else None)
            if carried is not None:
                entry.note_carried(carried)
            return self.show(entry, crf, draft=kept)
        draft, found = kept
        entry = unjudged(self.entry(crf, as_posted(draft)))
        entry.mark(found)
        return self.show(entry, crf, restored=draft)

    def show(self, entry: Entry, crf: Crf, status: int = 200, **context: Any) -> HttpResponse:
        saved: dict[str, Any] = {"crf": None}
        if crf.pk is not None:
            saved = {"crf": crf, "queries": self.queries_on(crf)}
            if self.spec.repeats:
                saved["previous_pk"], saved["next_pk"] = neighbours(crf, self.spec)
        shown = {"form": entry.form, "lines": entry.lines}
        return self.render("casebook/crf_form.html", status, **shown, **saved, **context)

    def asked(self, at_once: AtOnce) -> list[Query]:
        """What the checks would ask, for whoever may know what they say of other forms."""
        return at_once.asked if self.sees_casebook else []

    def confirm(
        self, entry: Entry, crf: Crf, reasons: ReasonsForm | None, asked: list[Query], saved: Crf | None
    ) -> HttpResponse:
        """Old and new of every change, and what the checks would ask; nothing is saved yet."""
        posted = self.request.POST if "confirmed" in self.request.POST else None
        questions = AnswersForm([(query, entry.label_of(query.field)) for query in asked], crf, posted)
        shown = {"form": entry.form, "lines": entry.lines, "reasons": reasons, "answers": questions}
        go_on = [name for name in ("next", "another") if name in self.request.POST]
        return self.render("casebook/crf_confirm.html", crf=saved, go_on=go_on, **shown)

    def saved(self, crf: Crf, pk: int | None, said: str) -> HttpResponse:
        """On to where the person continues: the next form, another of the kind, or the patient."""
        posted, to = self.request.POST, way_back(self.request)
        removed = posted.get(INSTEAD_OF, "")
        for key in (pk, int(removed)) if removed.isdecimal() and len(removed) < 19 else (pk,):
            forget_draft(spec=self.spec, patient=self.patient, pk=key, by=self.request.user)
        if "another" in posted and self.spec.repeats and pk is None:
            messages.success(self.request, said)
            return redirect(leading_back(self.request.path, to))
        if "next" in posted and (address := self.next_form(crf, pk)):
            messages.success(self.request, said)
            return redirect(leading_back(address, to))
        return self.to_patient(said)

    def next_form(self, crf: Crf, pk: int | None) -> str:
        """After a saved form the next of its kind by date; after a new one the next that is to be entered."""
        if pk is not None and (after := neighbours(crf, self.spec)[1]):
            return reverse("casebook:edit", args=[self.patient.number, self.spec.slug, after])
        following = next_to_enter(self.request.user, self.patient, self.spec)
        if following is None:
            return ""
        address = reverse("casebook:new", args=[self.patient.number, following.slug])
        day = getattr(crf, self.spec.date_field)
        same_day = following.group == self.spec.group and following.repeats
        return f"{address}?{following.date_field}={day}" if same_day and day else address


class CrfCreate(CrfEntry):
    def get(self, request: PersonRequest, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        crf = self.spec.model(patient=self.patient)
        return self.open(crf, offered(self.patient, self.spec))

    def post(self, request: PersonRequest, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        crf = self.spec.model(patient=self.patient)
        entry = self.entry(crf, request.POST)
        if not entry.is_valid() or "back" in request.POST:
            return self.show(entry, crf)
        at_once = AtOnce(answers_in(request.POST))
        try:
            with transaction.atomic():
                create_crf(crf, lines=entry.rows, by=request.user, at_once=at_once)
                if is_asked := bool(self.asked(at_once)) and "confirmed" not in request.POST:
                    transaction.set_rollback(True)
        except ValidationError as error:
            entry.refuse(error)
            crf.pk = None
            return self.show(entry, crf)
        if is_asked:
            return self.confirm(entry, crf, None, self.asked(at_once), None)
        return self.saved(crf, None, _("%(form)s saved.") % {"form": self.spec.title})


class CrfEdit(CrfEntry):
    def get(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        try:
            crf = get_crf(self.patient, self.spec, pk)
        except Http404:
            draft = draft_of(request.user, self.patient, self.spec, pk) if self.may_enter else None
            if draft is None:
                raise
            return self.show_removed(pk, as_posted(draft), 200)
        return self.open(crf)

    def post(self, request: PersonRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.require_entry()
        try:
            crf = get_crf(self.patient, self.spec, pk)
        except Http404:
            if not was_removed(self.patient, self.spec, pk):
                raise
            return self.show_removed(pk, request.POST)
        entry = self.entry(copy(crf), request.POST)
        is_valid = entry.is_valid()
        if entry.form["version"].value() not in (None, "", str(crf.version)):
            return self.show_conflict(entry, crf)
        if "choosing" in request.POST:
            found = differences(entry, self.entry(crf), None, request.POST)
            if not all(difference.chosen for difference in found):
                return self.show_choice(entry, crf, found)
            entry = self.entry(copy(crf), merged(entry, self.entry(crf), found))
            is_valid = entry.is_valid()
        if not is_valid or "back" in request.POST:
            return self.show(entry, crf)
        return self.change(entry, crf)

    def change(self, entry: Entry, saved: Crf) -> HttpResponse:
        """Show what would change and ask why; save it once every change has its reason."""
        posted = self.request.POST
        changes = entry.changes(saved)
        if not changes:
            forget_draft(spec=self.spec, patient=self.patient, pk=saved.pk, by=self.request.user)
            return self.to_patient(_("Nothing was changed, so nothing was saved."))
        reasons = ReasonsForm(changes, posted if "confirmed" in posted else None)
        is_final, at_once = reasons.is_valid(), AtOnce(answers_in(posted))
        try:
            with transaction.atomic():
                self.save(entry, reasons.reasons if is_final else REHEARSAL, at_once)
                transaction.set_rollback(not is_final)
        except EditConflict as conflict:
            return self.show_conflict(entry, conflict.current)
        except FormRemoved:
            return self.show_removed(saved.pk, posted)
        except ValidationError as error:
            entry.refuse(error)
            return self.show(entry, saved)
        if not is_final:
            return self.confirm(entry, saved, reasons, self.asked(at_once), saved)
        said = _("%(form)s changed.") % {"form": self.spec.title}
        return self.saved(entry.form.instance, saved.pk, said)

    def save(self, entry: Entry, reason: Any, at_once: AtOnce) -> None:
        edit_crf(
            entry.form.instance,
            version=entry.form.cleaned_data["version"] or 0,
            lines=entry.rows,
            removed_lines=entry.removed_rows,
            by=self.request.user,
            reason=reason,
            at_once=at_once,
        )

    def show_conflict(self, entry: Entry, current: Crf) -> HttpResponse:
        """Both versions side by side, to choose from; what was typed stays in the page."""
        current.patient = self.patient
        opened = form_at_version(current, entry.form["version"].value())
        typed: Any = entry.form.data.copy()  # type: ignore[attr-defined]
        typed["version"] = str(current.version)
        theirs = self.entry(current)
        if entry.lines is not None:
            saved = {line.instance.pk for line in theirs.lines.initial_forms}
            typed = rebased(entry.lines, typed, saved)
        mine = self.entry(copy(current), typed)
        mine.is_valid()
        base = self.form(opened) if opened is not None else None
        return self.show_choice(mine, current, differences(mine, theirs, base, {}))

    def show_choice(self, mine: Entry, current: Crf, found: list[Difference]) -> HttpResponse:
        is_incomplete = "choosing" in self.request.POST
        shown = {"form": mine.form, "lines": mine.lines, "conflict": found, "is_incomplete": is_incomplete}
        return self.render("casebook/crf_conflict.html", 409, crf=current, **shown)

    def show_removed(self, pk: int, posted: QueryDict, status: int = 409) -> HttpResponse:
        """What was typed, in a new form: the one it was typed into is gone, and saving enters it anew."""
        crf, typed = self.spec.model(patient=self.patient), as_new(posted, self.spec)
        return self.show(self.entry(crf, typed), crf, status, removed_pk=pk)
