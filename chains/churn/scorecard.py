"""The scorecard: every signal with its feature, shape, weight in log-odds and reason, read from one table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Knot = tuple[float, float]


class Part(BaseModel):
    """A part of the scorecard: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Labels(Part):
    """What a signal is called when it raises the risk and when it lowers it."""

    raises: str = Field(min_length=1)
    lowers: str = Field(min_length=1)


class Signal(Part):
    """One line of the scorecard; `weight` is in log-odds, knots are (feature value, share of the weight in [-1, 1])."""

    name: str = Field(min_length=1)
    label: Labels
    feature: str = Field(min_length=1)
    family: str = Field(min_length=1)
    weight: Annotated[float, Field(ge=0, le=5)]
    knots: tuple[Knot, ...] = Field(min_length=2)
    reason: str = Field(min_length=1)
    reading: bool = False
    spread: Annotated[float, Field(ge=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _knots_are_in_order(self) -> Self:
        values = [value for value, _ in self.knots]
        if any(later <= earlier for earlier, later in itertools.pairwise(values)):
            raise ValueError(f"the knots of {self.name} must rise in their feature value")
        if any(abs(share) > 1 for _, share in self.knots):
            raise ValueError(f"a knot of {self.name} has a share outside [-1, 1]")
        return self

    @property
    def most(self) -> float:
        """The greatest contribution the signal can make, in log-odds."""
        return self.weight * max(share for _, share in self.knots)

    @property
    def least(self) -> float:
        """The smallest contribution the signal can make, in log-odds."""
        return self.weight * min(share for _, share in self.knots)

    def contribution(self, feature: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Log-odds for each feature value; 0 where it is NaN."""
        values, shares = zip(*self.knots, strict=True)
        return np.where(np.isnan(feature), 0.0, self.weight * np.interp(feature, values, shares))


class Base(Part):
    """The loss at a renewal with every signal neutral."""

    renewal_loss_probability: Annotated[float, Field(gt=0, lt=1)]
    reason: str = Field(min_length=1)


class MidTerm(Part):
    """Loss between renewals, as a share of the renewal risk for each quarter."""

    loss_share_per_quarter: Annotated[float, Field(gt=0, lt=1)]
    reason: str = Field(min_length=1)


class Scorecard(Part):
    """The whole table; `irreducible_spread` is the standard deviation, in log-odds, that full data leaves."""

    version: int
    base: Base
    mid_term: MidTerm
    irreducible_spread: Annotated[float, Field(gt=0)]
    irreducible_reason: str = Field(min_length=1)
    signals: tuple[Signal, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [signal.name for signal in self.signals]
        if len(set(names)) != len(names):
            raise ValueError("two signals of the scorecard have the same name")
        return self

    @property
    def base_log_odds(self) -> float:
        """The base in log-odds."""
        p = self.base.renewal_loss_probability
        return math.log(p / (1 - p))

    @property
    def by_name(self) -> Mapping[str, Signal]:
        """The signals by name."""
        return {signal.name: signal for signal in self.signals}


def parse_scorecard(text: str) -> Scorecard:
    """A scorecard from YAML; raises pydantic's ValidationError, a ValueError, that names what is wrong."""
    return Scorecard.model_validate(yaml.safe_load(text))


def default_scorecard() -> Scorecard:
    """The documented scorecard that ships with Baton."""
    return parse_scorecard(resources.files("chains.churn").joinpath("scorecard.yaml").read_text(encoding="utf-8"))
