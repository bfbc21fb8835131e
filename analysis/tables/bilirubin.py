"""Elevated bilirubin in Treatment 1: those who continued beyond progression against those who did not."""

from analysis.facts import StudyFacts, Subject
from analysis.outputs import Cell, Column, Row, Table
from analysis.tables.adverse_events import EventCounts
from analysis.tables.baseline import FISHER, TESTS, fisher_p
from analysis.tables.cells import count_cell, either, value_cell

TERM = "Blood bilirubin increased"


def bilirubin_table(facts: StudyFacts) -> Table:
    counts = EventCounts(facts)

    def reasons(subject: Subject) -> list[str]:
        return counts.reasons(subject, [TERM], 1, 1)

    def having(group: list[Subject]) -> list[Subject]:
        return [subject for subject in group if reasons(subject)]

    treated = facts.membership("safety")
    groups = {"continued": facts.treatment_2, "not_continued": facts.not_continued}
    tested = [[len(having(group)), len(group) - len(having(group))] for group in groups.values()]
    cells: dict[str, Cell] = {
        id: count_cell(having(group), group, reasons, treated) for id, group in groups.items()
    }
    compared = [*facts.treatment_2, *facts.not_continued]
    cells["p"] = value_cell(fisher_p(tested), compared, either(reasons, treated))
    cells["test"] = Cell(text=FISHER)
    return Table(
        title="Bilirubin elevation during Treatment 1",
        population=facts.protocol.analysis_set("safety").label,
        columns=[
            Column(id="continued", label="Continued beyond first PD", n=len(facts.treatment_2)),
            Column(id="not_continued", label="Not continued", n=len(facts.not_continued)),
            Column(id="p", label="P"),
            Column(id="test", label="Test"),
        ],
        rows=[Row(id="bilirubin", label=f"{TERM}, any grade, n (%)", cells=cells)],
        footnotes=[f"Events counted as in Table 3. {TESTS}"],
    )
