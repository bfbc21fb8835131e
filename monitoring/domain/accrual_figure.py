"""Accrual as a figure: patients enrolled, month by month, against the target."""

from collections.abc import Sequence
from typing import Any

from monitoring.domain.accrual import AccrualMonth


def accrual_figure(months: Sequence[AccrualMonth], *, target: int) -> dict[str, Any]:
    """A Vega-Lite specification: the step of the total, and the target as a line with its words."""
    values = [
        {
            "month": f"{entry.month.isoformat()}T00:00:00",
            "total": entry.total,
            "detail": f"{entry.month:%Y-%m}: {entry.enrolled} enrolled, {entry.total} in all",
        }
        for entry in months
    ]
    x = {
        "field": "month",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%Y-%m", "labelOverlap": True},
    }
    y = {
        "field": "total",
        "type": "quantitative",
        "title": "patients",
        "scale": {"domain": [0, max(target, len(values) and months[-1].total)]},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": (
            f"Patients enrolled by month against the target of {target}; the table beneath holds the numbers."
        ),
        "background": "white",
        "width": 520,
        "height": 200,
        "layer": [
            {
                "data": {"values": values},
                "mark": {
                    "type": "line",
                    "interpolate": "step-after",
                    "color": "#14566e",
                    "strokeWidth": 2,
                    "point": True,
                },
                "encoding": {"x": x, "y": y, "tooltip": {"field": "detail", "type": "nominal"}},
            },
            {
                "data": {"values": [{"target": target, "words": f"target {target}"}]},
                "layer": [
                    {
                        "mark": {"type": "rule", "strokeDash": [6, 4], "color": "#744700"},
                        "encoding": {"y": {"field": "target", "type": "quantitative"}},
                    },
                    {
                        "mark": {"type": "text", "align": "left", "x": 4, "dy": -6, "color": "#744700"},
                        "encoding": {
                            "y": {"field": "target", "type": "quantitative"},
                            "text": {"field": "words"},
                        },
                    },
                ],
            },
        ],
    }
