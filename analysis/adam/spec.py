"""The analysis data sets in the shape of CDISC ADaM: every variable once, with its label, type and origin.

Type is text, integer, float or date (ISO 8601). Length is the longest value a text may have: a longer one is
refused, never cut. Origin is Assigned, Derived, Predecessor or Collected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analysis.outputs import Dataset, DatasetColumn


class SpecificationError(ValueError):
    """A record that does not fit its data set."""


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    name: str
    label: str
    structure: str
    variables: tuple[DatasetColumn, ...]


def _variables(text: str) -> tuple[DatasetColumn, ...]:
    """Lines of name, label, type with the length of a text, origin."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, label, kind, origin = (part.strip() for part in line.split("|"))
        type_, _, length = kind.partition(" ")
        found.append(
            DatasetColumn(name=name, label=label, type=type_, length=int(length or 8), origin=origin)
        )
    return tuple(found)


IDENTIFIERS = """
    STUDYID | Study Identifier | text 40 | Assigned
    USUBJID | Unique Subject Identifier | text 80 | Derived
    SUBJID | Subject Identifier for the Study | text 20 | Collected
    SITEID | Study Site Identifier | text 10 | Collected
"""
TREATMENT = """
    TRTP | Planned Treatment | text 40 | Predecessor
    TRTA | Actual Treatment | text 40 | Predecessor
    SAFFL | Safety Population Flag | text 1 | Predecessor
"""
PERIOD = """
    APERIOD | Period | integer | Derived
    APERIODC | Period (C) | text 40 | Derived
"""
SOURCE = """
    SRCDOM | Source Data | text 8 | Assigned
    SRCVAR | Source Variable | text 8 | Assigned
    SRCSEQ | Source Sequence Number | integer | Derived
    SRCREF | Source Form (slug/id) | text 60 | Derived
"""

ADSL = DatasetSpec(
    "ADSL",
    "Subject-Level Analysis Dataset",
    "One record per subject",
    _variables(
        IDENTIFIERS
        + """
    AGE | Age | integer | Derived
    AGEU | Age Units | text 10 | Assigned
    SEX | Sex | text 1 | Collected
    ARM | Description of Planned Arm | text 40 | Assigned
    ACTARM | Description of Actual Arm | text 40 | Derived
    TRT01P | Planned Treatment for Period 01 | text 40 | Assigned
    TRT01PN | Planned Treatment for Period 01 (N) | integer | Assigned
    TRT01A | Actual Treatment for Period 01 | text 40 | Derived
    TRT01AN | Actual Treatment for Period 01 (N) | integer | Derived
    TRT02P | Planned Treatment for Period 02 | text 40 | Derived
    TRT02PN | Planned Treatment for Period 02 (N) | integer | Derived
    TRT02A | Actual Treatment for Period 02 | text 40 | Derived
    TRT02AN | Actual Treatment for Period 02 (N) | integer | Derived
    TRTSDT | Date of First Exposure to Treatment | date | Derived
    TRTEDT | Date of Last Exposure to Treatment | date | Derived
    TR01SDT | Date of First Exposure in Period 01 | date | Derived
    TR01EDT | Date of Last Exposure in Period 01 | date | Derived
    TR02SDT | Date of First Exposure in Period 02 | date | Derived
    TR02EDT | Date of Last Exposure in Period 02 | date | Derived
    AP01SDT | Period 01 Start Date | date | Derived
    AP01EDT | Period 01 End Date | date | Derived
    AP02SDT | Period 02 Start Date | date | Derived
    AP02EDT | Period 02 End Date | date | Derived
    RFICDT | Date of Informed Consent | date | Collected
    ENRLDT | Date of Enrollment | date | Collected
    ENRLFL | Enrolled Population Flag | text 1 | Derived
    SAFFL | Safety Population Flag | text 1 | Derived
    FASFL | Full Analysis Set Population Flag | text 1 | Derived
    TRT2FL | Entered Treatment 2 Flag | text 1 | Derived
    ETIOLOGY | Underlying Cause of Liver Disease | text 4 | Collected
    ECOGBL | Baseline ECOG Performance Status | integer | Collected
    CPSCORBL | Baseline Child-Pugh Score | integer | Derived
    BCLCBL | Baseline BCLC Stage | text 1 | Collected
    VIFL | Vascular Invasion Flag | text 1 | Collected
    EHSFL | Extrahepatic Spread Flag | text 1 | Collected
    AFPBL | Baseline AFP (ng/mL) | float | Collected
    DCPBL | Baseline DCP (mAU/mL) | float | Collected
    PRETRTFL | Pretreated Flag | text 1 | Collected
    PD1DT | Date of First Progression | date | Derived
    PD2DT | Date of Second Progression | date | Derived
    CONTDT | Date of Decision to Continue | date | Collected
    EOTSTT | End of Treatment Status | text 12 | Derived
    EOTDT | End of Treatment Date | date | Collected
    DCTREAS | Reason for Discontinuation of Treatment | text 40 | Collected
    EOSSTT | End of Study Status | text 12 | Derived
    DCSREAS | Reason for Discontinuation from Study | text 40 | Derived
    LSTALVDT | Date Last Known Alive | date | Derived
    DTHFL | Subject Death Flag | text 1 | Derived
    DTHDT | Date of Death | date | Collected
    DTHCAUS | Cause of Death | text 40 | Collected
"""
    ),
)

ADTTE = DatasetSpec(
    "ADTTE",
    "Time-to-Event Analysis Dataset",
    "One record per subject per endpoint",
    _variables(
        IDENTIFIERS
        + TREATMENT
        + """
    ASEQ | Analysis Sequence Number | integer | Derived
    PARAMCD | Parameter Code | text 8 | Assigned
    PARAM | Parameter | text 60 | Assigned
    AVAL | Analysis Value | integer | Derived
    STARTDT | Time-to-Event Origin Date for Subject | date | Derived
    ADT | Analysis Date | date | Derived
    CNSR | Censor | integer | Derived
    EVNTDESC | Event or Censoring Description | text 120 | Derived
    CNSDTDSC | Censor Date Description | text 80 | Derived
"""
        + SOURCE
        + "    STARTREF | Form of the Start Date (slug/id) | text 60 | Derived"
    ),
)

ADRS = DatasetSpec(
    "ADRS",
    "Disease Response Analysis Dataset",
    "One record per subject per period per parameter per assessment",
    _variables(
        IDENTIFIERS
        + TREATMENT
        + PERIOD
        + """
    ASEQ | Analysis Sequence Number | integer | Derived
    PARAMCD | Parameter Code | text 8 | Assigned
    PARAM | Parameter | text 60 | Assigned
    AVISIT | Analysis Visit | text 20 | Derived
    AVISITN | Analysis Visit (N) | integer | Derived
    ADT | Analysis Date | date | Collected
    ADY | Analysis Relative Day | integer | Derived
    AVALC | Analysis Value (C) | text 13 | Derived
    AVAL | Analysis Value | integer | Derived
    ANL01FL | Up to First PD of the Period Flag | text 1 | Derived
"""
        + SOURCE
    ),
)

ADAE = DatasetSpec(
    "ADAE",
    "Adverse Events Analysis Dataset",
    "One record per adverse event",
    _variables(
        IDENTIFIERS
        + TREATMENT
        + PERIOD
        + """
    AESEQ | Sequence Number | integer | Derived
    AETERM | Reported Term for the Adverse Event | text 2000 | Collected
    AEDECOD | Dictionary-Derived Term | text 200 | Collected
    AEBODSYS | Body System or Organ Class | text 120 | Assigned
    AESTDTC | Start Date/Time of Adverse Event | text 10 | Collected
    AEENDTC | End Date/Time of Adverse Event | text 10 | Collected
    ASTDT | Analysis Start Date | date | Derived
    ASTDTF | Analysis Start Date Imputation Flag | text 1 | Derived
    AENDT | Analysis End Date | date | Derived
    AENDTF | Analysis End Date Imputation Flag | text 1 | Derived
    AETOXGR | Standard Toxicity Grade | text 1 | Derived
    TOXGRT1 | Grade Counted in Treatment 1 | integer | Derived
    TOXGRT2 | Grade Counted in Treatment 2 | integer | Derived
    AESER | Serious Event | text 1 | Collected
    AEREL | Causality | text 12 | Collected
    AREL | Analysis Causality | text 1 | Derived
    AEACN | Action Taken with Study Treatment | text 40 | Collected
    AEOUT | Outcome of Adverse Event | text 40 | Collected
    TRTEMFL | Treatment Emergent Analysis Flag | text 1 | Derived
    CONTRFL | Entries Contradict Each Other Flag | text 1 | Derived
    CONTRRS | What Contradicts in the Entries | text 200 | Derived
    SRCREF | Source Form (slug/id) | text 60 | Derived
"""
    ),
)

ADEX = DatasetSpec(
    "ADEX",
    "Exposure Analysis Dataset",
    "One record per subject per period per parameter per dose interval",
    _variables(
        IDENTIFIERS
        + TREATMENT
        + PERIOD
        + """
    ASEQ | Analysis Sequence Number | integer | Derived
    PARAMCD | Parameter Code | text 8 | Assigned
    PARAM | Parameter | text 60 | Assigned
    ASTDT | Analysis Start Date | date | Derived
    AENDT | Analysis End Date | date | Derived
    AVAL | Analysis Value | float | Derived
    AVALC | Analysis Value (C) | text 1 | Derived
    EXDOSE | Dose | float | Collected
    EXDOSU | Dose Units | text 2 | Assigned
    EXDOSFRQ | Dosing Frequency per Interval | text 3 | Collected
    SRCREF | Source Form (slug/id) | text 60 | Derived
"""
    ),
)

SPECS = (ADSL, ADTTE, ADRS, ADAE, ADEX)


def build(
    spec: DatasetSpec, records: Iterable[Mapping[str, Any]], *, footnotes: Iterable[str] = ()
) -> Dataset:
    """The data set of these records; a variable without a value is missing, an unknown one is refused."""
    return Dataset(
        name=spec.name,
        label=spec.label,
        structure=spec.structure,
        columns=list(spec.variables),
        rows=[_row(spec, record) for record in records],
        footnotes=list(footnotes),
    )


def _row(spec: DatasetSpec, record: Mapping[str, Any]) -> list[Any]:
    unknown = set(record) - {variable.name for variable in spec.variables}
    if unknown:
        raise SpecificationError(f"{spec.name} has no variable {', '.join(sorted(unknown))}")
    return [_value(spec, variable, record.get(variable.name)) for variable in spec.variables]


def _value(spec: DatasetSpec, variable: DatasetColumn, value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, Decimal):
        value = float(value)
    fits = {
        "text": isinstance(value, str) and len(value) <= variable.length,
        "date": isinstance(value, str),
        "integer": type(value) is int,
        "float": isinstance(value, int | float) and type(value) is not bool,
    }
    if not fits[variable.type]:
        raise SpecificationError(f"{spec.name}.{variable.name} cannot hold what it was given")
    return float(value) if variable.type == "float" else value
