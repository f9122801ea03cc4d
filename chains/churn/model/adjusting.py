"""How far a model may move a computed probability, and when a person should look instead."""

from __future__ import annotations

import math
from dataclasses import dataclass

from chains.churn.summary import percent

_ROUNDED = 4
_LEAST_DISTANCE = 2e-4


@dataclass(frozen=True)
class Adjustment:
    """What came of a model's correction: what is applied, in log-odds, and what a person should know."""

    applied: float = 0.0
    review: str = ""


def bounded_adjustment(
    proposed: float, probability: float, renewal_risk: float, *, bound: float, edge: float
) -> Adjustment:
    """The model's correction within its bound; beyond the bound nothing is applied and a person is asked.

    An adjustment never moves an account over the edge from which it counts as at risk, in either direction: who is on
    the list is decided by the computed figures.

    Args:
        proposed: The model's correction in log-odds.
        probability, renewal_risk: The computed chances, by the horizon and at the renewal.
        bound: The largest correction that may be applied, in log-odds.
        edge: The probability from which accounts are listed.
    """
    if abs(proposed) > bound:
        there = percent(shifted(probability, proposed))
        return Adjustment(
            review=f"The model disagrees strongly: it would put the risk at {there} rather than {percent(probability)}."
        )
    room = min(abs(proposed), *(_room(value, edge, up=proposed > 0) for value in (probability, renewal_risk)))
    return Adjustment(applied=round(math.copysign(room, proposed), _ROUNDED) if room else 0.0)


def shifted(probability: float, log_odds: float) -> float:
    """The probability moved by so many log-odds."""
    return 1.0 / (1.0 + math.exp(-(_logit(probability) + log_odds)))


def _room(value: float, edge: float, *, up: bool) -> float:
    """How far the value may go before it crosses the edge; without end where the edge is not in its way."""
    if not 0 < edge < 1 or (value >= edge) == up:
        return math.inf
    return max(0.0, abs(_logit(edge) - _logit(value)) - _LEAST_DISTANCE)


def _logit(probability: float) -> float:
    return math.log(probability) - math.log1p(-probability)
