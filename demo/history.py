"""What a SYNTHETIC patient had, took and was treated with before the trial, and takes besides the study drug.

Invented, and of no consequence for any rule: nothing here keeps anybody out or changes a table.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from casebook.domain.partial_dates import PartialDate
from demo.calendar import Calendar
from demo.cohort import Baseline, Subject
from demo.courses import Course
from demo.laboratory import baseline_of
from demo.plan import Chance, Entry, Step, frozen
from demo.screening import treatments_of

CAUSE = {
    "HBV": "Chronic hepatitis B",
    "HCV": "Chronic hepatitis C",
    "NBNC": "Liver cirrhosis",
}
CONDITIONS = (
    ("Hypertension", "Vascular disorders", "Amlodipine", "5 mg once a day"),
    ("Type 2 diabetes mellitus", "Metabolism and nutrition disorders", "Sitagliptin", "50 mg once a day"),
    ("Gastric ulcer", "Gastrointestinal disorders", "Lansoprazole", "15 mg once a day"),
    ("Cholelithiasis", "Hepatobiliary disorders", "Ursodeoxycholic acid", "100 mg three times a day"),
    ("Insomnia", "Psychiatric disorders", "Zolpidem", "5 mg at bedtime"),
    ("Hyperuricemia", "Metabolism and nutrition disorders", "Febuxostat", "10 mg once a day"),
)
"""Condition, organ system, the drug taken for it, its dose."""
AGAINST = {
    "Palmar-plantar erythrodysesthesia syndrome": ("Urea cream 10 %", "twice a day", "TOPICAL"),
    "Diarrhea": ("Loperamide", "1 mg as needed", "ORAL"),
    "Hypertension": ("Candesartan", "4 mg once a day", "ORAL"),
    "Pruritus": ("Fexofenadine", "60 mg twice a day", "ORAL"),
    "Insomnia": ("Zolpidem", "5 mg at bedtime", "ORAL"),
}
"""What is given against an adverse event."""
KIND = {"resection": "RESECTION", "ablation": "ABLATION", "tace": "TACE", "haic": "HAIC"}
DETAIL = {
    "RESECTION": ("Partial hepatectomy", "Segmentectomy"),
    "ABLATION": ("RFA", "RFA", "PEI"),
    "TACE": ("TACE with epirubicin", "TACE with cisplatin"),
    "HAIC": ("Cisplatin", "Fluorouracil and cisplatin"),
}
PLACES = ("Segment 4", "Segment 5", "Segment 6", "Segment 8", "Right lobe, several nodules")


def history_steps(subject: Subject, calendar: Calendar, courses: Iterable[Course]) -> Iterator[Step]:
    baseline = baseline_of(subject)
    chance = Chance(subject.number, "history")
    yield from _treatments(subject, calendar, baseline)
    cause = frozen({"condition": CAUSE[baseline.etiology], "soc": "Hepatobiliary disorders"})
    yield _condition(subject, calendar, cause, _year(calendar.consent, chance.randint(6, 25)))
    for name, soc, drug, dose in chance.sample(CONDITIONS, chance.randint(0, 3)):
        began = _year(calendar.consent, chance.randint(2, 15))
        yield _condition(subject, calendar, frozen({"condition": name, "soc": soc}), began)
        taken = frozen({"drug": drug, "indication": name, "dose_text": dose, "route": "ORAL"})
        yield _drug(subject, calendar.screening, taken, _later(began, calendar.consent, chance))
    yield from _against_events(subject, calendar, courses)


def _treatments(subject: Subject, calendar: Calendar, baseline: Baseline) -> Iterator[Step]:
    """One form for each answer yes on baseline disease; the last at least six weeks before consent."""
    chance = Chance(subject.number, "previous treatments")
    for answer, given in treatments_of(subject, baseline).items():
        if given:
            kind = KIND[answer]
            day = calendar.consent - timedelta(days=chance.randint(42, 1500))
            values = {
                "kind": kind,
                "detail": chance.choice(DETAIL[kind]),
                "start": PartialDate(f"{day:%Y-%m}") if chance.one_in(2) else PartialDate.on(day),
                "treated_lesion": chance.choice(PLACES),
                "response": chance.choice(("CR", "CR", "PR", "SD", "PD")),
            }
            yield _entry(subject, calendar.screening, "hcc-treatment", kind, values)


def _condition(subject: Subject, calendar: Calendar, what: Mapping[str, Any], began: PartialDate) -> Entry:
    values = {**what, "start": began, "ongoing": True}
    return _entry(subject, calendar.screening, "medical-history", what["condition"], values)


def _drug(subject: Subject, on: date, what: Mapping[str, Any], start: PartialDate, **end: Any) -> Entry:
    values = {**what, "start": start, "ongoing": True} | end
    return _entry(subject, on, "concomitant-medication", f"{what['drug']} {start}", values)


def _against_events(subject: Subject, calendar: Calendar, courses: Iterable[Course]) -> Iterator[Step]:
    """A drug from the onset of an event until it was over; entered when it was, or at the onset."""
    for course in courses:
        if course.row.term in AGAINST:
            drug, dose, route = AGAINST[course.row.term]
            what = frozen({"drug": drug, "indication": course.row.term, "dose_text": dose, "route": route})
            onset = PartialDate.on(course.row.onset)
            if course.end is None:
                yield _drug(subject, course.row.onset, what, onset)
            else:
                over = {"ongoing": False, "end": PartialDate.on(course.end)}
                yield _drug(subject, course.end, what, onset, **over)


def _entry(subject: Subject, on: date, form: str, key: str, values: Mapping[str, Any]) -> Entry:
    return Entry(on=on, patient=subject.number, form=form, key=key, values=frozen(values))


def _year(consent: date, before: int) -> PartialDate:
    return PartialDate(str(consent.year - before))


def _later(began: PartialDate, consent: date, chance: Chance) -> PartialDate:
    """A year between the two, in which the drug was first taken."""
    return PartialDate(str(chance.randint(int(began.text), consent.year - 1)))
