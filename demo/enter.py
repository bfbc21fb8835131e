"""One step of the plan, done through the service that the form's page uses."""

from typing import Any

from assessments.models import ImagingRead, Lesion, LesionReading, LesionRole
from assessments.services_imaging import choose_new_baseline, save_imaging_read
from casebook.models import ClinicalRow, Crf, Patient
from casebook.registry import spec
from casebook.services import create_crf, edit_crf, register_patient
from demo.plan import Change, Step
from trial.models import Person, Site


class Casebook:
    """What has been entered so far, by patient, form and key."""

    def __init__(self) -> None:
        self._patients: dict[str, Patient] = {}
        self._forms: dict[tuple[str, str, str], Crf] = {}
        self._lesions: dict[tuple[str, str], Lesion] = {}

    def form(self, patient: str, form: str, key: str) -> Crf:
        return self._forms[patient, form, key]

    def do(self, step: Step, *, site: Site, by: Person) -> None:
        if step.form == "consent" and not isinstance(step, Change):
            self._patients[step.patient] = register_patient(site=site, number=step.patient, by=by)
        if step.form == "imaging":
            self._read(step, by)
        elif isinstance(step, Change):
            self._change(step, by)
        else:
            crf = spec(step.form).model(patient=self._patients[step.patient], **self._values(step))
            self._forms[step.patient, step.form, step.key] = create_crf(crf, lines=_lines(step), by=by)

    def _change(self, step: Change, by: Person) -> None:
        crf = self.form(step.patient, step.form, step.key)
        for name, value in self._values(step).items():
            setattr(crf, name, value)
        edit_crf(crf, version=crf.version, lines=_lines(step), by=by, reason=step.reason)

    def _values(self, step: Step) -> dict[str, Any]:
        links = {name: self.form(step.patient, form_of(name), key) for name, key in step.links.items()}
        return {**step.values, **links}

    def _read(self, step: Step, by: Person) -> None:
        if isinstance(step, Change):
            self._reread(step, by)
            return
        patient = self._patients[step.patient]
        lines = {kind: _of_kind(step, kind) for kind in ("lesion", "reading", "role")}
        lesions = [Lesion(patient=patient, **line) for line in lines["lesion"]]
        self._lesions |= {(step.patient, lesion.label): lesion for lesion in lesions}
        readings = [self._line(step, LesionReading, line) for line in lines["reading"]]
        roles = [self._line(step, LesionRole, line) for line in lines["role"]]
        at_once = [role for role in roles if role.period == 1]
        read = save_imaging_read(
            patient=patient,
            read=ImagingRead(patient=patient, **step.values),
            readings=readings,
            lesions=lesions,
            roles=at_once,
            by=by,
        )
        self._forms[step.patient, "imaging", step.key] = read
        if len(at_once) < len(roles):
            choose_new_baseline(patient=patient, read=read, roles=roles, version=read.version, by=by)

    def _reread(self, step: Change, by: Person) -> None:
        """One lesion of a saved read measured again; the others stay as they are."""
        read = self.form(step.patient, "imaging", step.key)
        assert isinstance(read, ImagingRead)
        changed = {line["label"]: line for line in _of_kind(step, "reading")}
        readings = list(LesionReading.objects.filter(read=read).select_related("lesion"))
        for reading in readings:
            for name, value in changed.get(reading.lesion.label, {}).items():
                if name != "label":
                    setattr(reading, name, value)
        save_imaging_read(
            patient=read.patient,
            read=read,
            readings=readings,
            version=read.version,
            by=by,
            reason=step.reason,
            move_reason=step.reason,
        )

    def _line(self, step: Step, model: type[LesionReading | LesionRole], line: dict[str, Any]) -> Any:
        values = dict(line)
        return model(lesion=self._lesions[step.patient, values.pop("label")], **values)


def form_of(field: str) -> str:
    """The form a link leads to: "adverse_event" to the adverse event."""
    return field.replace("_", "-")


def _of_kind(step: Step, kind: str) -> list[dict[str, Any]]:
    lines = (dict(line) for line in step.lines)
    return [line for line in lines if line.pop("line") == kind]


def _lines(step: Step) -> list[ClinicalRow]:
    rows = spec(step.form).rows
    return [rows.model(**line) for line in step.lines] if rows else []
