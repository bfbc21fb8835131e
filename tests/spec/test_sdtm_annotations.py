"""How the place of a field in SDTM is written, and what is refused."""

import pytest

from documents.domain.sdtm import Annotation, SdtmError, Target, parse_annotation

WRITTEN = """
    DM.SEX                                            | DM.SEX
    VS.VSORRES where VSTESTCD = SYSBP                 | VS.VSORRES where VSTESTCD = SYSBP
    TU.TUDTC; TR.TRDTC                                | TU.TUDTC; TR.TRDTC
    RS.RSORRES where RSCAT = ECOG and RSTESTCD = E1   | RS.RSORRES where RSCAT = ECOG and RSTESTCD = E1
    SUPPAE.QVAL where QNAM = AESOSP                   | SUPPAE.QVAL where QNAM = AESOSP
    RELREC.RELID where RDOMAIN = EX                   | RELREC.RELID where RDOMAIN = EX
    not submitted: serves the site alone              | [not submitted] serves the site alone
"""
REFUSED = """
    SEX                                | is not DOMAIN.VARIABLE
    DM.sex                             | is not DOMAIN.VARIABLE
    DEMO.SEX                           | is not DOMAIN.VARIABLE
    DM.TOOLONGNAME                     | is not DOMAIN.VARIABLE
    DM.SEX;                            | is not DOMAIN.VARIABLE
    VS.VSORRES where VSTESTCD          | is not VARIABLE = VALUE
    VS.VSORRES where VSTESTCD = A and B  | is not VARIABLE = VALUE
    not submitted:                     | does not say why
"""


def rows(table: str) -> list[tuple[str, str]]:
    return [tuple(part.strip() for part in line.split("|")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "said"), rows(WRITTEN))
def test_an_annotation_says_what_was_declared(text, said):
    assert str(parse_annotation(text)) == said


@pytest.mark.parametrize(("text", "why"), rows(REFUSED))
def test_what_is_no_target_is_refused(text, why):
    with pytest.raises(SdtmError, match=why):
        parse_annotation(text)


def test_a_target_is_taken_apart():
    assert parse_annotation("VS.VSORRES where VSTESTCD = SYSBP") == Annotation(
        (Target("VS", "VSORRES", (("VSTESTCD", "SYSBP"),)),)
    )
