"""Concomitant medication: which drugs induce CYP3A4, and when a patient took one.

CYP3A4 metabolises sorafenib, whose product information names rifampicin, rifabutin, carbamazepine, phenytoin,
phenobarbital, dexamethasone and St John's wort as inducers to be avoided. The FDA's table of inducers adds
enzalutamide, apalutamide and mitotane. Primidone becomes phenobarbital in the body, fosphenytoin phenytoin;
rifapentine acts as rifampicin does.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from casebook.domain.partial_dates import PartialDate
from casebook.domain.partial_spans import PartialSpan


@dataclass(frozen=True, slots=True)
class Inducer:
    """A strong inducer of CYP3A4 by its international name, and the other names it is written under."""

    name: str
    synonyms: tuple[str, ...]


STRONG_CYP3A4_INDUCERS = (  # fosphenytoin before phenytoin, whose Japanese name is part of its own
    Inducer("rifampicin", ("rifampin", "RFP", "Rifadin", "リファンピシン", "リファジン")),
    Inducer("rifabutin", ("Mycobutin", "リファブチン", "ミコブティン")),
    Inducer("rifapentine", ("Priftin", "リファペンチン")),
    Inducer("carbamazepine", ("Tegretol", "カルバマゼピン", "テグレトール")),
    Inducer("fosphenytoin", ("Fostoin", "ホスフェニトイン", "ホストイン")),
    Inducer("phenytoin", ("diphenylhydantoin", "Dilantin", "Aleviatin", "フェニトイン", "アレビアチン")),
    Inducer("phenobarbital", ("phenobarbitone", "Phenobal", "フェノバルビタール", "フェノバール")),
    Inducer("primidone", ("Mysoline", "プリミドン")),
    Inducer("dexamethasone", ("Decadron", "デキサメタゾン", "デカドロン")),
    Inducer("enzalutamide", ("Xtandi", "エンザルタミド", "イクスタンジ")),
    Inducer("apalutamide", ("Erleada", "アパルタミド", "アーリーダ")),
    Inducer("mitotane", ("Opeprim", "ミトタン", "オペプリム")),
    Inducer(
        "St John's wort",
        (
            "St. John's wort",
            "Saint John's wort",
            "Hypericum perforatum",
            "セイヨウオトギリソウ",
            "西洋弟切草",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication:
    """One drug of one patient; `systemic` false for what acts where it is put, such as an ointment."""

    drug: str
    span: PartialSpan
    systemic: bool = True

    @property
    def inducer(self) -> Inducer | None:
        return find_inducer(self.drug) if self.systemic else None


def find_inducer(drug: str) -> Inducer | None:
    """Return the strong CYP3A4 inducer a drug is named after, whatever its case, width or strength.

    Latin names are found as whole words, Japanese ones anywhere: their words have no spaces between them.
    """
    written = _plain(drug)
    for inducer in STRONG_CYP3A4_INDUCERS:
        if any(_is_in(_plain(name), written) for name in (inducer.name, *inducer.synonyms)):
            return inducer
    return None


def _plain(name: str) -> str:
    """The name in full-width kana, small letters, without apostrophes and points."""
    return re.sub(r"['’‘`´.]", "", unicodedata.normalize("NFKC", name)).casefold()


def _is_in(name: str, written: str) -> bool:
    if not name.isascii():
        return name in written
    return re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", written) is not None


def inducers_among(medications: Iterable[Medication]) -> tuple[Medication, ...]:
    return tuple(medication for medication in medications if medication.inducer is not None)


def taken_on(
    medications: Iterable[Medication], day: PartialDate | date
) -> tuple[bool | None, tuple[Medication, ...]]:
    """Return whether an inducer was taken on the day, and the drugs that decide it.

    None: the dates of a drug leave open whether it was taken that day; those drugs are returned.
    """
    inducers = inducers_among(medications)
    taken = tuple(m for m in inducers if m.span.includes(day))
    if taken:
        return True, taken
    possible = tuple(m for m in inducers if m.span.includes(day) is None)
    return (None if possible else False), possible
