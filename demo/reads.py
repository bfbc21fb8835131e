"""The imaging reads of a SYNTHETIC patient as forms with their lines."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from demo.cohort import Subject
from demo.plan import Entry, Step, frozen
from demo.scans import Reading, Scan


def read_steps(subject: Subject, scans: Iterable[Scan], modality: str) -> Iterator[Step]:
    for scan in scans:
        values = {"date": scan.date, "modality": modality, "new_lesions_evaluated": True, **scan.reader}
        yield Entry(
            on=scan.date,
            patient=subject.number,
            form="imaging",
            key=scan.date.isoformat(),
            values=frozen(values),
            lines=tuple(frozen(line) for line in _lines(scan)),
        )


def _lines(scan: Scan) -> Iterator[dict[str, Any]]:
    for lesion in scan.lesions:
        yield {
            "line": "lesion",
            "label": lesion.label,
            "organ": lesion.organ,
            "place": lesion.place,
            "kind": lesion.kind.value,
        }
    for reading in scan.readings:
        yield {"line": "reading"} | reading_line(reading)
    for period, label, role in scan.roles:
        yield {"line": "role", "label": label, "period": period, "role": role.value}


def reading_line(reading: Reading) -> dict[str, Any]:
    return {
        "label": reading.label,
        "state": reading.state,
        "diameter": None if reading.diameter is None else Decimal(reading.diameter) / 10,
        "is_new": reading.is_new,
        "typical": reading.typical,
        "unequivocal": reading.unequivocal,
        "not_evaluable_reason": reading.why_not_evaluable,
    }
