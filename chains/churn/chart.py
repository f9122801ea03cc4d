"""A picture of the risk: risk at renewal against renewal date, as SVG, drawn without a browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from chains.churn.schema import AccountRisk, ChurnReport

BAND_COLOURS = {"low": "#4c956c", "medium": "#d9a21b", "high": "#dd6b20", "critical": "#b3261e", "unknown": "#8a8f98"}
EARLY_WARNING = "early warning"
_EARLY_COLOUR = "#6b6fb5"
_LABEL_CHARS = 26
_LEAST_DRAWN = 0.02
_LABEL_WIDTH_PX, _LABEL_HEIGHT_PX, _LABEL_GAP_PX = 6.0, 13.0, 10.0


def risk_chart(report: ChurnReport, *, width: int = 820, height: int = 300) -> str:
    """SVG with one circle an account: its renewal on x, the risk of losing it then on y, area its revenue.

    A line stands at the end of the period asked about, one at the threshold. "" when no account has a renewal date.
    """
    accounts = [account for account in report.accounts if account.renewal_date and not account.abstained]
    if not accounts:
        return ""
    import vl_convert

    labelled = _labelled(accounts, width, height)
    points = [
        {
            "renewal": account.renewal_date,
            "risk": account.renewal_risk,
            "arr": max(account.annual_recurring_revenue.amount, 1.0),
            "kind": EARLY_WARNING if account.early_warning else account.band,
            "right": _label(account) if labelled.get(account.account_id) == "right" else "",
            "left": _label(account) if labelled.get(account.account_id) == "left" else "",
        }
        for account in accounts
    ]
    svg: str = vl_convert.vegalite_to_svg(vl_spec=_spec(points, report, width, height))
    return svg


def _label(account: AccountRisk) -> str:
    return (account.name or account.account_id)[:_LABEL_CHARS]


def _labelled(accounts: list[AccountRisk], width: int, height: int) -> dict[str, str]:
    """On which side of its circle a name finds room, for the accounts where it does, those most at risk first."""
    days = [dt.date.fromisoformat(account.renewal_date).toordinal() for account in accounts]
    first, span = min(days), max(max(days) - min(days), 1)
    boxes: list[tuple[float, float, float]] = []
    sides: dict[str, str] = {}
    for account, day in zip(accounts, days, strict=True):
        at, line = (day - first) / span * width, account.renewal_risk * height
        length = _LABEL_WIDTH_PX * len(_label(account))
        places = {
            "right": (at + _LABEL_GAP_PX, at + _LABEL_GAP_PX + length),
            "left": (at - _LABEL_GAP_PX - length, at - _LABEL_GAP_PX),
        }
        for side, (start, end) in places.items():
            inside = start >= 0 and end <= width
            if inside and all(end < l or start > r or abs(line - y) > _LABEL_HEIGHT_PX for l, r, y in boxes):  # noqa: E741
                boxes.append((start, end, line))
                sides[account.account_id] = side
                break
    return sides


def _spec(points: list[dict[str, Any]], report: ChurnReport, width: int, height: int) -> dict[str, Any]:
    x = {
        "field": "renewal",
        "type": "temporal",
        "title": "Renewal date",
        "axis": {"format": "%-d %b %Y", "tickCount": 7, "grid": False},
    }
    y = {
        "field": "risk",
        "type": "quantitative",
        "title": "Risk of losing the account at its renewal",
        "axis": {"format": ".0%", "tickCount": 5},
        "scale": {"domain": [0, 1]},
    }
    colours = {**BAND_COLOURS, EARLY_WARNING: _EARLY_COLOUR}
    shown = [kind for kind in colours if any(point["kind"] == kind for point in points)]
    colour = {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "scale": {"domain": shown, "range": [colours[kind] for kind in shown]},
        "legend": {"orient": "top"},
    }
    size = {"field": "arr", "type": "quantitative", "legend": None, "scale": {"range": [60, 700]}}
    text = {"type": "text", "fontSize": 10, "color": "#333a45"}
    right, left = {**text, "align": "left", "dx": _LABEL_GAP_PX}, {**text, "align": "right", "dx": -_LABEL_GAP_PX}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "circle", "opacity": 0.75}, "encoding": {"x": x, "y": y, "color": colour, "size": size}},
        {"mark": right, "encoding": {"x": x, "y": y, "text": {"field": "right"}}},
        {"mark": left, "encoding": {"x": x, "y": y, "text": {"field": "left"}}},
    ]
    rule = {"type": "rule", "strokeDash": [4, 4], "color": "#8a8f98"}
    if 0 < report.plan.min_probability < 1:
        layers.append({"mark": rule, "encoding": {"y": {"datum": report.plan.min_probability}}})
    if report.plan.horizon.to and any(point["renewal"] > report.plan.horizon.to for point in points):
        layers.append(
            {"mark": rule, "encoding": {"x": {"datum": _date_parts(report.plan.horizon.to), "type": "temporal"}}}
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "data": {"values": points},
        "layer": layers,
        "config": {"font": "system-ui, sans-serif", "view": {"stroke": "#d5d9e0"}},
    }


def _date_parts(day: str) -> dict[str, int]:
    date = dt.date.fromisoformat(day)
    return {"year": date.year, "month": date.month, "date": date.day}


def driver_chart(account: AccountRisk, *, width: int = 520) -> str:
    """SVG of what moves one account's log-odds, the strongest first; "" when nothing does."""
    drivers = [driver for driver in account.drivers if abs(driver.contribution) >= _LEAST_DRAWN]
    if not drivers:
        return ""
    import vl_convert

    values = [{"label": driver.label, "push": driver.contribution, "direction": driver.direction} for driver in drivers]
    directions = {"raises": BAND_COLOURS["critical"], "lowers": BAND_COLOURS["low"]}
    colour = {
        "field": "direction",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(directions), "range": list(directions.values())},
    }
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "x": {"field": "push", "type": "quantitative", "title": "Push on the log-odds of leaving"},
            "y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}},
            "color": colour,
        },
        "config": {"font": "system-ui, sans-serif"},
    }
    svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
    return svg


def interval_chart(scores: Sequence[Mapping[str, float]], *, x: str, title: str, width: int = 520) -> str:
    """SVG of a probability with its interval along `x`; every row has x, churn_probability, low and high."""
    import vl_convert

    axis = {"field": x, "type": "quantitative", "title": title}
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": 220,
        "data": {"values": [dict(row) for row in scores]},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25, "color": BAND_COLOURS["high"]},
                "encoding": {
                    "x": axis,
                    "y": {
                        "field": "low",
                        "type": "quantitative",
                        "title": "Churn probability",
                        "axis": {"format": ".0%"},
                    },
                    "y2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "line", "color": BAND_COLOURS["critical"]},
                "encoding": {"x": axis, "y": {"field": "churn_probability", "type": "quantitative"}},
            },
        ],
        "config": {"font": "system-ui, sans-serif"},
    }
    svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
    return svg
