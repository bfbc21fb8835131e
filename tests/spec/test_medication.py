"""Inducers of CYP3A4 by any of their names, and the days on which one was taken."""

from datetime import date

import pytest

from casebook.domain.partial_dates import PartialDate
from casebook.domain.partial_spans import PartialSpan
from patients.domain.medication import (
    STRONG_CYP3A4_INDUCERS,
    Medication,
    find_inducer,
    inducers_among,
    taken_on,
)

NAMES = """
    Rifampicin                       | rifampicin
    RIFAMPIN 450 mg                  | rifampicin
    ｒｉｆａｍｐｉｃｉｎ             | rifampicin
    リファンピシンカプセル150mg      | rifampicin
    ﾘﾌｧﾝﾋﾟｼﾝ                         | rifampicin
    isoniazid/rifampicin             | rifampicin
    RFP                              | rifampicin
    Carbamazepine                    | carbamazepine
    テグレトール錠200mg              | carbamazepine
    phenytoin sodium                 | phenytoin
    Fosphenytoin                     | fosphenytoin
    ホスフェニトイン                 | fosphenytoin
    フェノバール                     | phenobarbital
    St. John's wort                  | St John's wort
    St John’s Wort extract           | St John's wort
    saint johns wort                 | St John's wort
    セイヨウオトギリソウ（ハーブ）   | St John's wort
    Decadron                         | dexamethasone
    Rifaximin                        |
    Oxcarbazepine                    |
    エソメプラゾール                 |
    Amlodipine                       |
    carp                             |
                                     |
"""


@pytest.mark.parametrize("row", NAMES.strip("\n").splitlines())
def test_an_inducer_is_known_by_every_name(row: str) -> None:
    written, expected = (cell.strip() for cell in row.split("|"))
    found = find_inducer(written)
    assert (found.name if found else "") == expected


def test_every_inducer_is_found_by_each_of_its_own_names() -> None:
    for inducer in STRONG_CYP3A4_INDUCERS:
        for name in (inducer.name, *inducer.synonyms):
            for written in (name, name.upper(), f"{name} 100 mg"):
                assert find_inducer(written) is inducer, written


def taken(drug: str, start: str, end: str = "", *, systemic: bool = True) -> Medication:
    span = PartialSpan(start=PartialDate(start), end=PartialDate(end) if end else None, ongoing=not end)
    return Medication(drug=drug, span=span, systemic=systemic)


def test_what_acts_where_it_is_put_induces_nothing() -> None:
    ointment = taken("Dexamethasone ointment", "2012-01", systemic=False)
    tablets = taken("Dexamethasone", "2012-01")
    assert inducers_among((ointment, tablets, taken("Amlodipine", "2012"))) == (tablets,)


ON_THE_DAY = """
                                       | no  |
    Amlodipine 2010                    | no  |
    Rifampicin 2010                    | yes | Rifampicin
    Rifampicin 2010 2012-03-14         | no  |
    Rifampicin 2010 2012-03-15         | yes | Rifampicin
    Rifampicin 2010 2012-03            | ?   | Rifampicin
    Rifampicin 2012-03                 | ?   | Rifampicin
    Rifampicin UNK                     | ?   | Rifampicin
    Rifampicin 2012-03; Phenytoin 2010 | yes | Phenytoin
    Rifampicin 2012-03; Phenytoin 2013 | ?   | Rifampicin
"""


@pytest.mark.parametrize("row", ON_THE_DAY.strip("\n").splitlines())
def test_whether_an_inducer_was_taken_on_15_march_2012(row: str) -> None:
    listed, answer, drugs = (cell.strip() for cell in row.split("|"))
    medications = [taken(*one.split()) for one in listed.split(";") if one.strip()]
    expected = {"yes": True, "no": False, "?": None}[answer]
    decided, by = taken_on(medications, date(2012, 3, 15))
    assert decided is expected
    assert [one.drug for one in by] == drugs.split()
