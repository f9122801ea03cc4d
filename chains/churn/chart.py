"""A picture of the risk: probability against renewal date, as SVG, drawn without a browser."""

from __future__ import annotations

from typing import Any

from chains.churn.schema import ChurnReport

BAND_COLOURS = {"low": "#4c956c", "medium": "#d9a21b", "high": "#dd6b20", "critical": "#b3261e", "unknown": "#8a8f98"}
_LABELLED = 14


def risk_chart(report: ChurnReport, *, width: int = 760, height: int = 300) -> str:
    """SVG of every account with a renewal date: days on x, probability on y, area its revenue; "" without any."""
    points = [
        {
            "renewal": account.renewal_date,
            "probability": account.churn_probability,
            "arr": max(account.annual_recurring_revenue.amount, 1.0),
            "band": account.band,
            "name": account.name or account.account_id,
            "label": (account.name or account.account_id)[:28] if rank < _LABELLED else "",
        }
        for rank, account in enumerate(report.accounts)
        if account.renewal_date and not account.abstained
    ]
    if not points:
        return ""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(vl_spec=_spec(points, report, width, height))
    return svg


def _spec(points: list[dict[str, Any]], report: ChurnReport, width: int, height: int) -> dict[str, Any]:
    x = {
        "field": "renewal",
        "type": "temporal",
        "title": "Renewal date",
        "axis": {"format": "%d %b %Y", "labelAngle": -30, "tickCount": 8, "grid": False},
    }
    y = {
        "field": "probability",
        "type": "quantitative",
        "title": f"Churn probability by {report.plan.horizon.to}",
        "axis": {"format": ".0%"},
        "scale": {"domain": [0, 1]},
    }
    bands = list(BAND_COLOURS)
    colour = {
        "field": "band",
        "type": "nominal",
        "title": "Risk",
        "scale": {"domain": bands, "range": list(BAND_COLOURS.values())},
        "legend": {"values": [band for band in bands if any(point["band"] == band for point in points)]},
    }
    size = {
        "field": "arr",
        "type": "quantitative",
        "title": "Revenue a year",
        "legend": None,
        "scale": {"range": [60, 700]},
    }
    threshold = report.plan.min_probability
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "circle", "opacity": 0.75}, "encoding": {"x": x, "y": y, "color": colour, "size": size}},
        {
            "mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 10, "color": "#333a45"},
            "encoding": {"x": x, "y": y, "text": {"field": "label"}},
        },
    ]
    if 0 < threshold < 1:
        rule = {
            "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#8a8f98"},
            "encoding": {"y": {"datum": threshold}},
        }
        layers.insert(0, rule)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "data": {"values": points},
        "layer": layers,
        "config": {"font": "system-ui, sans-serif", "view": {"stroke": "#d5d9e0"}},
    }
