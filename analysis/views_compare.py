"""The published figures beside what a run computes."""

from collections import Counter
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from analysis import selectors
from analysis.forms import ComparisonFilter
from analysis.models import RunState
from analysis.published import AGREES, NOT_COMPUTED, Comparison, compare
from analysis.views import AnalysisView
from trial.http import PersonRequest


class ComparePage(AnalysisView):
    def get(self, request: PersonRequest, pk: int) -> HttpResponse:
        run = selectors.get_run(pk)
        if run.state != RunState.FINISHED:
            raise Http404("The run is not finished.")
        rows = [shown(run.pk, row) for row in compare(run)]
        choices = {name: sorted({row[name] for row in rows}) for name in ("verdict", "source")}
        chosen = ComparisonFilter(request.GET, verdicts=choices["verdict"], sources=choices["source"])
        wanted = (
            {name: value for name, value in chosen.cleaned_data.items() if value} if chosen.is_valid() else {}
        )
        return self.render(
            "analysis/compare.html",
            run=run,
            rows=[row for row in rows if all(row[name] == value for name, value in wanted.items())],
            counts=sorted(Counter(row["verdict"] for row in rows).items()),
            filter=chosen,
        )


def shown(run_id: int, row: Comparison) -> dict[str, Any]:
    """A row of the comparison, with the address of the cell or box it was computed in."""
    return {
        **{name: getattr(row, name) for name in ("id", "source", "printed", "computed", "verdict", "reason")},
        "what": ", ".join(filter(None, (row.row, row.column))),
        "agrees": row.verdict == AGREES,
        "href": _address(run_id, row),
    }


def _address(run_id: int, row: Comparison) -> str:
    if row.computed == NOT_COMPUTED:
        return ""
    if row.point:  # a box nobody is in is not drawn
        return "" if row.computed == "0" else reverse("analysis:point", args=[run_id, row.output, row.point])
    return reverse("analysis:cell", args=[run_id, row.output, row.output_row, row.output_column])
