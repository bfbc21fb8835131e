"""The scans that the rules' tests write as text, entered through the services as a coordinator would."""

from decimal import Decimal

from assessments.domain.lesions import Scan
from assessments.domain.tumour_course import TumourCourse
from assessments.imaging_checks import course_of
from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole, ReadingState
from assessments.services_imaging import choose_new_baseline, save_imaging_read
from casebook.models import Patient
from tests.factories import coordinator_of
from tests.spec import tumour_cases as text_cases
from trial.audit import acting

ORGANS = {"liver": "LIVER", "lymph node": "LYMPH NODE", "lung": "LUNG", "peritoneum": "PERITONEUM"}
NON_TARGETS = {
    "present": ReadingState.PRESENT,
    "gone": ReadingState.ABSENT,
    "worse": ReadingState.PROGRESSION,
    "?": ReadingState.NOT_EVALUABLE,
}
TARGETS = {
    "gone": ReadingState.ABSENT,
    "0": ReadingState.ABSENT,
    "small": ReadingState.TOO_SMALL,
    "?": ReadingState.NOT_EVALUABLE,
}


def make_lesion(label: str, **values: object) -> Lesion:
    """A lesion not saved yet, of the kind its label's first letter says."""
    facts = text_cases.lesion(label)
    filled = {"organ": ORGANS[facts.organ], "kind": facts.kind, "porta_hepatis": facts.porta_hepatis} | values
    return Lesion(label=label, **filled)


def make_reading(lesion: Lesion, word: str) -> LesionReading:
    """What one word of a scan says of its lesion: "T1=35.5", "N1:present", "+X1=14/typical"."""
    if ":" in word:
        state, _, proven = word.partition(":")[2].partition("/")
        return LesionReading(
            lesion=lesion,
            state=NON_TARGETS[state],
            malignancy_proven=proven == "proven",
            not_evaluable_reason="ARTEFACT" if state == "?" else "",
        )
    size, *marks = word.partition("=")[2].split("/")
    reading = LesionReading(
        lesion=lesion,
        is_new=word.startswith("+"),
        typical="typical" in marks,
        unequivocal="unequivocal" in marks,
        malignancy_proven="proven" in marks,
    )
    if reading.is_new and size == "?":
        reading.state = ReadingState.PRESENT
    elif size in TARGETS:
        reading.state = TARGETS[size]
        reading.not_evaluable_reason = "ARTEFACT" if size == "?" else ""
    else:
        reading.state, reading.diameter = ReadingState.MEASURED, Decimal(size)
    return reading


class Entered:
    """A patient's reads by the name they have in the text."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.by = coordinator_of(patient)
        self.lesions: dict[str, Lesion] = {}
        self.reads: dict[str, ImagingRead] = {}

    def enter(
        self, line: str, first: str = "", *, move_reason: str = "test", **values: object
    ) -> ImagingRead:
        """Enter one scan; `first` are the lesions chosen on it for Treatment 1."""
        name, *words = line.split()
        measured = {word.partition("=")[0] for word in words if "=" in word}
        words = [word for word in words if word != "unread" and word.partition(":")[0] not in measured]
        labels = [word.lstrip("+").replace(":", "=").partition("=")[0] for word in words]
        new = [make_lesion(label) for label in dict.fromkeys(labels) if label not in self.lesions]
        lesions = self.lesions | {lesion.label: lesion for lesion in new}
        read = ImagingRead(
            date=text_cases.on(int(name.rstrip("ab"))),
            modality="CONTRAST ENHANCED CT SCAN",
            new_lesions_evaluated="unread" not in line.split(),
            **values,
        )
        with acting(self.by):
            save_imaging_read(
                patient=self.patient,
                read=read,
                readings=[
                    make_reading(lesions[label], word) for label, word in zip(labels, words, strict=True)
                ],
                lesions=new,
                roles=self._roles(1, first, lesions) if first else None,
                by=self.by,
                move_reason=move_reason,
            )
        self.lesions, self.reads[name] = lesions, read
        return read

    def rebaseline(self, name: str, second: str, reason: str = "new baseline") -> None:
        with acting(self.by):
            read = ImagingRead.objects.select_related("patient").get(pk=self.reads[name].pk)
            choose_new_baseline(
                patient=self.patient,
                read=read,
                roles=self._roles(2, second, self.lesions),
                version=read.version,
                by=self.by,
                reason=reason,
            )

    def _roles(self, period: int, text: str, lesions: dict[str, Lesion]) -> list[LesionRole]:
        return [
            LesionRole(period=period, lesion=lesions[str(role.lesion_id)], role=role.role)
            for role in text_cases.roles(period, "", text)
        ]

    def course(self) -> TumourCourse:
        with acting(self.by):
            found = course_of(self.patient)
        assert found is not None
        return found

    def name_of(self, scan_id: object) -> str:
        return next(name for name, read in self.reads.items() if read.pk == scan_id)

    def overall(self) -> str:
        """The responses as the text tables write them: "1: 42 SD, 84 PD"."""
        return "; ".join(
            f"{period.number}: "
            + ", ".join(f"{self.name_of(point.scan_id)} {point.overall}" for point in period.time_points)
            for period in self.course().periods
        )


def enter_course(
    patient: Patient, text: str, *, first: str, second: str = "", chosen_on: str = ""
) -> Entered:
    """Enter scans one a line, baseline first; the new baseline is chosen right after its scan."""
    entered = Entered(patient)
    for index, line in enumerate(text.strip().splitlines()):
        entered.enter(line, first if index == 0 else "")
        name = line.split()[0]
        if name == chosen_on:
            entered.rebaseline(name, second)
    return entered


def scans(text: str) -> list[Scan]:
    return [text_cases.scan(line) for line in text.strip().splitlines()]
