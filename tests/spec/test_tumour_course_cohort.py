"""The scans of the SYNTHETIC demonstration cohort give its best responses and progression days.

The cohort is a reconstruction from published summary figures; no row is a real patient. The last scan of a
period is its progression; those before are stable, or a response where the best response of the period is PR.
"""

from collections import Counter

import pytest

from assessments.domain.mrecist import ResponseCriteria, SdReference
from tests.spec.tumour_cases import course, day_of

COHORT = """
    SYNTHETIC | scans, days from first dose    | best in Treatment 1 | scans, days from first PD | best in Treatment 2
    SYN-001 | 33                             | PD | -                      | -
    SYN-002 | 42                             | PD | 30                     | PD
    SYN-003 | 40 83 120 168                  | SD | 51 107                 | SD
    SYN-004 | 48 102                         | SD | 35                     | PD
    SYN-005 | 36                             | PD | 38                     | PD
    SYN-006 | 50 90 135 170 216 252          | PR | 44 81 112              | SD
    SYN-007 | 51 96 139 188 233 272 301      | SD | 51 97 133 168          | SD
    SYN-008 | 34 80 126 161 210              | SD | 50 91                  | SD
    SYN-009 | -                              | NE | -                      | -
    SYN-010 | 28                             | PD | 35 77                  | PD
    SYN-011 | 43 78 125 181                  | PR | 43 84                  | SD
    SYN-012 | 42 87 119                      | SD | 36 84 128 177 231      | SD
    SYN-013 | 50 91                          | SD | 51 98                  | SD
    SYN-014 | 43 79                          | SD | 49                     | PD
    SYN-015 | 47 92 145                      | SD | 40                     | PD
    SYN-016 | 29                             | PD | 43                     | PD
    SYN-017 | -                              | NE | -                      | -
    SYN-018 | 38                             | PD | -                      | -
    SYN-019 | 41                             | PD | -                      | -
    SYN-020 | 35                             | PD | -                      | -
    SYN-021 | -                              | NE | -                      | -
    SYN-022 | 35 75 126                      | SD | 54                     | PD
    SYN-023 | 51 100 147 190 233 282 331 385 | PR | 42                     | PD
    SYN-024 | -                              | NE | -                      | -
    SYN-025 | 33 77 108                      | SD | 46 86 126              | SD
    SYN-026 | 45 97                          | SD | -                      | -
    SYN-027 | 49 84                          | SD | 33                     | PD
    SYN-029 | 44 92 138                      | SD | 43 92 138              | SD
    SYN-030 | 36 72 112                      | SD | 35 77                  | PD
"""  # noqa: E501


def rows(table: str) -> list[list[str]]:
    lines = table.strip().splitlines()[1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def days(cell: str) -> list[int]:
    return [] if cell == "-" else [int(day) for day in cell.split()]


def scans(scan_days: list[int], baseline: int, best: str) -> list[str]:
    """Return the scans of a period as text: unchanged or a third smaller, then twice the baseline."""
    size = baseline * 2 // 3 if best == "PR" else baseline
    return [f"{day} T1={size}" for day in scan_days[:-1]] + [
        f"{day} T1={2 * baseline}" for day in scan_days[-1:]
    ]


@pytest.mark.parametrize("reference", list(SdReference))
@pytest.mark.parametrize("row", rows(COHORT), ids=lambda row: row[0])
def test_the_synthetic_cohort_has_its_responses(row: list[str], reference: SdReference) -> None:
    _, first, best1, second, best2 = row
    days1 = days(first)
    days2 = [days1[-1] + day for day in days(second)]
    result = course(
        "\n".join(["-7 T1=30", *scans(days1, 30, best1), *scans(days2, 60, best2)]),
        second="T1" if days2 else "",
        chosen_on=str(days1[-1]) if days1 else "",
        criteria=ResponseCriteria(sd_reference=reference),
    )
    assert (result.bor1, result.bor2 or "-") == (best1, best2)
    assert day_of(result.pd1.date if result.pd1 else None) == (days1[-1] if days1 else None)
    assert day_of(result.pd2.date if result.pd2 else None) == (days2[-1] if days2 else None)
    assert result.findings == ()


def test_the_table_is_the_whole_cohort() -> None:
    cohort = rows(COHORT)
    assert Counter(row[2] for row in cohort) == {"PR": 3, "SD": 14, "PD": 8, "NE": 4}
    assert Counter(row[4] for row in cohort) == {"SD": 9, "PD": 11, "-": 9}
