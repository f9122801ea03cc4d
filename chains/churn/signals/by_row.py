"""Aggregates of child records by account row, without a loop over accounts; NaN where an account has none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_SECONDS_A_DAY = 86_400


def rows_of(frame: pd.DataFrame) -> Ints:
    """The ``row`` column as an array."""
    return frame["row"].to_numpy(dtype=np.int64)


def counts(rows: Ints, size: int) -> Floats:
    """Records an account; 0 where it has none."""
    return np.bincount(rows, minlength=size).astype(np.float64)


def sums(rows: Ints, values: Floats, size: int) -> Floats:
    """Sum of `values` an account; 0 where it has none."""
    return np.bincount(rows, weights=values, minlength=size).astype(np.float64)


def largest(rows: Ints, values: Floats, size: int) -> Floats:
    """Greatest value an account; NaN where it has none."""
    result = np.full(size, -np.inf)
    np.maximum.at(result, rows, values)
    return np.where(np.isinf(result), np.nan, result)


def medians(rows: Ints, values: Floats, size: int) -> Floats:
    """Median of the values that are not NaN; NaN where there is none."""
    present = ~np.isnan(values)
    rows, values = rows[present], values[present]
    order = np.lexsort((values, rows))
    rows, values = rows[order], values[order]
    count = np.bincount(rows, minlength=size)
    start = np.cumsum(count) - count
    result = np.full(size, np.nan)
    some = count > 0
    low = start[some] + (count[some] - 1) // 2
    high = start[some] + count[some] // 2
    result[some] = (values[low] + values[high]) / 2
    return result


def latest(rows: Ints, when: Floats, values: Floats, size: int) -> Floats:
    """The value whose `when` is greatest, among values that are not NaN; NaN where there is none."""
    present = ~np.isnan(values) & ~np.isnan(when)
    rows, when, values = rows[present], when[present], values[present]
    order = np.lexsort((when, rows))
    result = np.full(size, np.nan)
    result[rows[order]] = values[order]
    return result


def days_before(now: np.datetime64, when: pd.Series) -> Floats:
    """Days from each instant to `now`; NaN where the instant is absent."""
    moments = when.to_numpy().astype("datetime64[s]")
    seconds = (now.astype("datetime64[s]") - moments).astype(np.float64)
    seconds[np.isnat(moments)] = np.nan
    return np.asarray(seconds / _SECONDS_A_DAY, dtype=np.float64)


def half_life(age_days: Floats, days: float) -> Floats:
    """Weight that halves every `days`; 1 for today."""
    return np.asarray(np.exp2(-np.maximum(age_days, 0.0) / days), dtype=np.float64)
