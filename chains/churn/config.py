"""What operations people may set about churn: thresholds, bands, the fiscal year, interval width."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ChurnConfig(BaseModel):
    """The churn workflow's settings; probabilities in [0, 1], days as counts, months 1 to 12."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_risk_from: float = Field(0.30, gt=0, lt=1)
    band_medium_from: float = Field(0.15, gt=0, lt=1)
    band_high_from: float = Field(0.30, gt=0, lt=1)
    band_critical_from: float = Field(0.60, gt=0, lt=1)
    interval_width: float = Field(0.80, gt=0, lt=1)
    fiscal_year_start_month: int = Field(1, ge=1, le=12)
    time_zone: str = "UTC"
    max_question_chars: int = Field(4000, ge=100)
    max_accounts: int = Field(20_000, ge=1)
    max_drafts: int = Field(200, ge=1)
    rates: dict[str, float] = Field(
        default_factory=dict,
        description="Units of one common currency per unit of each; empty compares nothing across currencies.",
    )
