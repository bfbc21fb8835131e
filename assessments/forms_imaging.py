"""The imaging read as a page: the scan and the reader's responses, and one line per lesion."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.domain.lesions import LesionKind, RoleKind
from assessments.domain.mrecist import NonTargetResponse, Response
from assessments.imaging_book import ImagingBook, ScanColumn
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole, ReadingState
from casebook.forms import CrfForm

MOST_LINES = 60
READER_FIELDS = ("reader_target", "reader_non_target", "reader_new_lesion", "reader_overall")
DESCRIPTION = ("organ", "place", "kind", "enhancing", "well_delineated", "porta_hepatis", "part_of")
INHERITED = ("organ", "kind", "porta_hepatis")
DETAILS = ("not_evaluable_reason", "not_evaluable_text", "merged_into")
OF_LESIONS_SEEN_BEFORE = (ReadingState.SPLIT, ReadingState.MERGED)
CONFIRMING = ("typical", "unequivocal", "malignancy_proven")
FLAGS = ("is_new", "typical", "unequivocal", "malignancy_proven")
ROLES = (("", "–"), (RoleKind.TARGET.value, "target"), (RoleKind.NON_TARGET.value, "non-target"))
OTHER_LESIONS = ("lesion", "part_of", "merged_into")
STATES = (("", "–"), *ReadingState.choices)


class ImagingReadForm(CrfForm):
    """The scan. The reader's responses are asked for where the read is an assessment."""

    reason = forms.CharField(
        label=_("Reason for the change"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The trail keeps the old value, the new one and this reason."),
    )

    class Meta(CrfForm.Meta):
        model = ImagingRead
        fields = [f.name for f in ImagingRead.fields_entered()]

    move_reason = forms.CharField(
        label=_("Why the progression may move"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept in the trail with every value of this save."),
    )

    def __init__(self, *args: Any, is_baseline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["move_reason"]
        if self.instance.pk is None:
            del self.fields["reason"]
        self.fields["comment"].widget.attrs["rows"] = 2
        for name in ("modality", *READER_FIELDS):
            field: Any = self.fields[name]
            values = [value for value, _ in field.choices if value]
            field.widget = forms.Select()
            field.choices = [("", "–"), *((value, _in_words(value)) for value in values)]
        if is_baseline:
            for name in READER_FIELDS:
                del self.fields[name]


def _in_words(value: str) -> str:
    """A submission value as a page says it: "portal vein thrombosis", but "CT scan" and "PR"."""
    if value in {response.value for response in (*Response, *NonTargetResponse)}:
        return value
    small = value.replace("_", " ").lower()
    return small.replace("ct scan", "CT scan").replace("mri", "MRI")


@dataclass(frozen=True, slots=True)
class LinePage:
    """What a line needs to know of the page it stands on."""

    book: ImagingBook
    read: ImagingRead
    is_baseline: bool
    known: tuple[Lesion, ...]

    @property
    def whole(self) -> list[Lesion]:
        """The lesions known before this scan that are no parts of others."""
        return [lesion for lesion in self.known if lesion.part_of_id is None]

    @property
    def when(self) -> str:
        return str(self.read.date) if self.read.date else "this scan"


def from_model(model: type[Any], name: str, **kwargs: Any) -> Any:
    """The model's own field on the form, with its words and limits."""
    return model._meta.get_field(name).formfield(**kwargs)


def _other_lesion(model: type[Any], name: str) -> forms.TypedChoiceField:
    """Another lesion of the patient by its key; which ones there are is said by the page."""
    label = model._meta.get_field(name).verbose_name
    return forms.TypedChoiceField(label=label, required=False, coerce=int, empty_value=None)


class LesionLineForm(forms.Form):
    """One lesion on this scan: which it is, what was seen of it and, at a baseline, what it is chosen as."""

    lesion = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    organ = from_model(Lesion, "organ", initial="LIVER")
    place = from_model(Lesion, "place")
    kind = forms.ChoiceField(choices=[(kind.value, _in_words(kind)) for kind in LesionKind], initial="LIVER")
    enhancing = from_model(Lesion, "enhancing")
    well_delineated = from_model(Lesion, "well_delineated")
    porta_hepatis = from_model(Lesion, "porta_hepatis")
    part_of = _other_lesion(Lesion, "part_of")
    role = forms.ChoiceField(label="chosen as", choices=ROLES, required=False)
    diameter = from_model(LesionReading, "diameter")
    state = forms.ChoiceField(label="seen", choices=STATES, required=False)
    not_evaluable_reason = from_model(LesionReading, "not_evaluable_reason")
    not_evaluable_text = from_model(LesionReading, "not_evaluable_text")
    merged_into = _other_lesion(LesionReading, "merged_into")
    is_new = forms.BooleanField(label="new", required=False)
    typical = forms.BooleanField(label="typical pattern", required=False)
    unequivocal = forms.BooleanField(label="unequivocal", required=False)
    malignancy_proven = forms.BooleanField(label="proven by cytology or pathology", required=False)

    def __init__(self, *args: Any, page: LinePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        self.known = self._known_lesion()
        self.saved = page.book.readings_of(page.read).get(self.known.pk) if self.known else None
        self.period_role = self._period_role()
        self._drop_fields()
        self._fill_from_saved()
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{self.label} {field.label or name}, {page.when}"

    def _known_lesion(self) -> Lesion | None:
        try:
            return self.page.book.lesions.get(int(self["lesion"].value() or 0))
        except (TypeError, ValueError):
            return None

    def _period_role(self) -> str:
        book, read = self.page.book, self.page.read
        return book.roles_in(book.period_of(read)).get(self.known.pk, "") if self.known else ""

    @property
    def is_described_here(self) -> bool:
        """Whether this is the scan that first showed the lesion, so that it is described on its page."""
        return self.known is None or self.known not in self.page.known

    @property
    def label(self) -> str:
        if self.known is not None:
            return self.known.label
        number = (self.prefix or "").rpartition("-")[2]
        return f"New lesion, line {int(number) + 1 if number.isdecimal() else number}"

    @property
    def is_part_of_followed(self) -> bool:
        """Whether it is a part of a lesion that is followed in the period, and counts there."""
        book, read = self.page.book, self.page.read
        parent = self.known.part_of_id if self.known and not self.period_role else None
        return parent in book.roles_in(book.period_of(read))

    @property
    def may_be_confirmed(self) -> bool:
        """Whether it was new and equivocal before: confirmed now, it dates progression back."""
        return self.known is not None and self.page.book.is_equivocal_before(self.known, self.page.read)

    @property
    def flags(self) -> list[Any]:
        return [self[name] for name in FLAGS if name in self.fields]

    def show_others(self, before: Iterable[ScanColumn], after: Iterable[ScanColumn]) -> None:
        """Keep what the other scans say of the lesion."""
        key = self.known.pk if self.known else 0
        self.cells = [(column, column.cells.get(key, "")) for column in before]
        self.later_cells = [(column, column.cells.get(key, "")) for column in after]

    def _drop_fields(self) -> None:
        """Leave only what can be said of this lesion here."""
        is_target = self.period_role == RoleKind.TARGET
        is_effusion = self.known is None or self.known.kind == LesionKind.EFFUSION
        followed = self.page.is_baseline or bool(self.period_role) or self.is_part_of_followed
        dropped = {
            **dict.fromkeys(DESCRIPTION, not self.is_described_here),
            "part_of": not self.is_described_here or self.page.is_baseline or not self.page.whole,
            "role": not self.page.is_baseline,
            "is_new": followed,
            **dict.fromkeys(("typical", "unequivocal"), followed and not self.may_be_confirmed),
            "malignancy_proven": self.page.is_baseline
            or (bool(self.period_role) and not is_effusion and not self.may_be_confirmed),
        }
        for name, is_dropped in dropped.items():
            if is_dropped:
                del self.fields[name]
        left_out = {ReadingState.PROGRESSION} if is_target and not self.page.is_baseline else set()
        left_out |= set(OF_LESIONS_SEEN_BEFORE) if self.is_described_here else set()
        left_out -= {self.saved.state if self.saved else ""}
        self._offer("state", [c for c in STATES if c[0] not in left_out])
        if ReadingState.MERGED in left_out:
            del self.fields["merged_into"]
        for name in ("merged_into", "part_of"):
            if name in self.fields:
                others = [lesion for lesion in self.page.whole if lesion != self.known]
                self._offer(name, [("", "–"), *((lesion.pk, lesion.label) for lesion in others)])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _fill_from_saved(self) -> None:
        """Offer what is saved; of a lesion not read yet, whether it is new."""
        for row in (self.known, self.saved):
            if row is not None:
                self.initial.update({f.name: f.value_from_object(row) for f in row._meta.concrete_fields})
        if self.known is not None:
            self.initial["lesion"] = self.known.pk
            role = self.page.book.roles_on(self.page.read).get(self.known.pk)
            self.initial["role"] = role.role if role else ""
        if self.saved is None and self.page.read.pk is None:
            self._go_on_as_before()
        if self.saved is None:
            new = self.known is None or self.page.book.is_new_in_period(self.known, self.page.read)
            self.initial["is_new"] = new and not self.page.is_baseline

    def _go_on_as_before(self) -> None:
        """A lesion that had split or merged on the scan before is taken to be so still."""
        book, before = self.page.book, None
        for read in book.before(self.page.read):
            before = book.readings_of(read).get(self.known.pk, before) if self.known else None
        if before is not None and before.state in OF_LESIONS_SEEN_BEFORE:
            self.initial.update(state=before.state, merged_into=before.merged_into_id)

    def clean_part_of(self) -> Lesion | None:
        return self.page.book.lesions.get(self.cleaned_data["part_of"] or 0)

    def clean_merged_into(self) -> Lesion | None:
        return self.page.book.lesions.get(self.cleaned_data["merged_into"] or 0)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self["lesion"].value() and self.known is None:
            raise ValidationError("This lesion is not one of this patient.")
        if not values.get("state") and values.get("diameter") is not None:
            values["state"] = ReadingState.MEASURED
        self.cleaned_data = values
        is_asked = self.known is None or bool(values.get("role") or self.period_role)
        is_wrong = self.has_error("diameter") or self.has_error("state")
        if is_asked and not values.get("state") and not is_wrong:
            self.add_error("state", "What was seen? Enter a diameter, or choose, if only “not evaluable”.")
        self._check_rows()
        return self.cleaned_data

    def _check_rows(self) -> None:
        for row in (self.described_lesion(), self.reading()):
            if row is None:
                continue
            try:
                row.clean_fields(exclude={"patient", "label", "read", *OTHER_LESIONS, *self.errors})
                row.clean()
            except ValidationError as error:
                for name, said in error.message_dict.items():
                    self.add_error(name if name in self.fields else None, said)

    @property
    def is_blank(self) -> bool:
        return not getattr(self, "cleaned_data", None)

    def described_lesion(self) -> Lesion | None:
        """The lesion as described in the line; None where the line does not describe it."""
        if not self.is_described_here:
            return None
        values = {name: self.cleaned_data[name] for name in DESCRIPTION if name in self.cleaned_data}
        if (parent := values.get("part_of")) is not None:
            values |= {name: getattr(parent, name) for name in INHERITED}
        if self.known is None:
            return Lesion(patient=self.page.book.patient, **values)
        row = Lesion(pk=self.known.pk, patient=self.page.book.patient, label=self.known.label, **values)
        row._state.adding = False
        return row

    def reading(self) -> LesionReading | None:
        """What was seen, as a row without lesion and read; None where nothing was said."""
        values = self.cleaned_data
        if not values.get("state"):
            return None
        kept = {name: getattr(self.saved, name) for name in FLAGS} if self.saved else {}
        entered = {name: values[name] for name in (*FLAGS, *DETAILS) if name in values}
        if "is_new" not in values and any(entered.get(name) for name in CONFIRMING) and self.may_be_confirmed:
            entered["is_new"] = True  # it is read as the new lesion it was when first seen
        if values.get("part_of") is not None:
            entered["is_new"] = False  # it was there before, in the lesion that split
        return LesionReading(state=values["state"], diameter=values.get("diameter"), **(kept | entered))


class LesionLines(BaseFormSet):
    """The lines of the page; each finds its lesion by the key it carries, not by its place."""

    page: LinePage

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"page": self.page}

    def clean(self) -> None:
        """Of a lesion that has split, every part known must be said something of."""
        split = {line.known for line in self.forms if line.known and _state_in(line) == ReadingState.SPLIT}
        for line in self.forms:
            is_asked = line.known is not None and line.known.part_of in split
            if is_asked and not _state_in(line) and not line.errors:
                line.add_error("state", gettext("What was seen of this part?"))

    def rows(self) -> "DraftRows":
        """Fresh rows from every line that says something and is not wrong."""
        rows = DraftRows([], [], [], [])
        for line in self.forms:
            if line.is_blank or line.errors:
                continue
            reading, described = line.reading(), line.described_lesion()
            if reading is None:
                continue
            lesion = described or line.known
            reading.lesion = lesion
            rows.lines.append(line)
            rows.readings.append(reading)
            if described is not None and (line.known is None or self._differs(described, line.known)):
                rows.lesions.append(described)
            if role := line.cleaned_data.get("role"):
                rows.roles.append(LesionRole(period=1, lesion=lesion, role=role))
        return rows

    @staticmethod
    def _differs(described: Lesion, known: Lesion) -> bool:
        return any(getattr(described, name) != getattr(known, name) for name in DESCRIPTION)


def _state_in(line: LesionLineForm) -> str:
    return str(getattr(line, "cleaned_data", {}).get("state") or "")


@dataclass(frozen=True, slots=True)
class DraftRows:
    """The rows of a page before they are saved; `lines` are the forms the readings come from, in order."""

    lines: list[LesionLineForm]
    readings: list[LesionReading]
    lesions: list[Lesion]
    roles: list[LesionRole]


def make_lines(
    book: ImagingBook, read: ImagingRead, data: Any = None, *, is_baseline: bool, blank: int = 1
) -> LesionLines:
    """The lines of the lesions known, of those described on this scan, and blank ones."""
    known = book.known_before(read)
    page = LinePage(book, read, is_baseline, tuple(known))
    here = [book.lesions[pk] for pk in book.readings_of(read) if book.lesions[pk] not in known]
    initial = [{"lesion": lesion.pk} for lesion in (*known, *sorted(here, key=lambda one: one.label))]
    factory: Any = formset_factory(
        LesionLineForm, LesionLines, extra=blank, max_num=MOST_LINES, absolute_max=MOST_LINES
    )
    factory.page = page
    lines: LesionLines = factory(data, prefix="lines", initial=initial)
    return lines
