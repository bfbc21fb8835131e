"""The SYNTHETIC cohort as its three tables state it."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

Row = TypeVar("Row")
TABLES = Path(__file__).parent / "cohort"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A patient before treatment. AFP in ng/mL, DCP in mAU/mL."""

    age: int
    sex: str
    etiology: str
    ecog: int
    child_pugh_score: int
    vascular_invasion: bool
    extrahepatic_spread: bool
    bclc: str
    afp: Decimal
    dcp: Decimal
    pretreated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRow:
    """Days on one daily dose, both ends included; 0 mg is an interruption."""

    period: int
    start: date
    end: date
    mg_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A drug-related adverse event of a period: its term, onset and worst grade."""

    period: int
    term: str
    worst_grade: int
    onset: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One invented history; the patient who refused before the first dose has no baseline and no start.

    `t1_scans` and `t2_scans` are days after the first dose and after the first progression; the last of each
    is the progression.
    """

    number: str
    flow_group: str
    enrolment: date
    start: date | None
    baseline: Baseline | None
    t1_scans: tuple[int, ...]
    pd1: date | None
    bor1: str
    t2_scans: tuple[int, ...]
    pd2: date | None
    bor2: str
    treatment_days_without_pd: int | None
    off_protocol_reason: str
    last_contact: date | None
    died: bool
    doses: tuple[DoseRow, ...]
    events: tuple[EventRow, ...]

    @property
    def continued(self) -> bool:
        return self.flow_group == "continued"

    @property
    def death(self) -> date | None:
        return self.last_contact if self.died else None

    @property
    def treatment_end(self) -> date | None:
        """The day protocol treatment ended: second progression, first without going on, or earlier."""
        if self.start is None:
            return None
        if self.treatment_days_without_pd is not None:
            return self.start + timedelta(days=self.treatment_days_without_pd)
        return self.pd2 or self.pd1


def read_cohort(tables: Path = TABLES) -> tuple[Subject, ...]:
    """The thirty patients, by number."""
    doses = {key: tuple(rows) for key, rows in _grouped(tables / "dosing.csv", _dose).items()}
    events = {key: tuple(rows) for key, rows in _grouped(tables / "adverse_events.csv", _event).items()}
    return tuple(
        _subject(row, doses.get(row["subject"], ()), events.get(row["subject"], ()))
        for row in _rows(tables / "subjects.csv")
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["origin"] != "SYNTHETIC":
                raise ValueError(f"{path.name}: a row is not marked SYNTHETIC")
            yield row


def _grouped(path: Path, read: Callable[[dict[str, str]], Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in _rows(path):
        found.setdefault(row["subject"], []).append(read(row))
    return found


def _dose(row: dict[str, str]) -> DoseRow:
    return DoseRow(
        period=int(row["period"]),
        start=date.fromisoformat(row["from_date"]),
        end=date.fromisoformat(row["to_date"]),
        mg_per_day=int(row["dose_mg_per_day"]),
    )


def _event(row: dict[str, str]) -> EventRow:
    if row["drug_related"] != "Y":
        raise ValueError("the cohort holds drug-related events only")
    return EventRow(
        period=int(row["period"]),
        term=row["ctcae_v4_03_term"],
        worst_grade=int(row["worst_grade"]),
        onset=date.fromisoformat(row["onset_date"]),
    )


def _subject(row: dict[str, str], doses: tuple[DoseRow, ...], events: tuple[EventRow, ...]) -> Subject:
    censored = row["ttp1_event"] == "0"
    return Subject(
        number=row["subject"],
        flow_group=row["flow_group"],
        enrolment=date.fromisoformat(row["enrol_date"]),
        start=_day(row["start_date"]),
        baseline=_baseline(row) if row["age"] else None,
        t1_scans=_days(row["t1_scan_days"]),
        pd1=_day(row["pd1_date"]),
        bor1=row["bor1"],
        t2_scans=_days(row["t2_scan_days_from_pd1"]),
        pd2=_day(row["pd2_date"]),
        bor2=row["bor2"],
        treatment_days_without_pd=int(row["ttp1_days"]) if censored else None,
        off_protocol_reason=row["off_protocol_reason"],
        last_contact=_day(row["last_contact_date"]),
        died=row["os_event"] == "1",
        doses=doses,
        events=events,
    )


def _baseline(row: dict[str, str]) -> Baseline:
    return Baseline(
        age=int(row["age"]),
        sex=row["sex"],
        etiology=row["etiology"],
        ecog=int(row["ecog"]),
        child_pugh_score=int(row["child_pugh_score"]),
        vascular_invasion=row["vascular_invasion"] == "1",
        extrahepatic_spread=row["extrahepatic_spread"] == "1",
        bclc=row["bclc"],
        afp=Decimal(row["afp_ng_ml"]),
        dcp=Decimal(row["dcp_mau_ml"]),
        pretreated=row["pretreated"] == "Y",
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _days(text: str) -> tuple[int, ...]:
    return tuple(int(day) for day in text.split())
