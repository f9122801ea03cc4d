"""What became of the accounts of a history."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import SourceRefusedError
from connectors.labels import read_labels
from connectors.source_config import LabelsConfig
from tests.unit.connectors.memory_source import NOW


def labels(folder: Path, text: str, **columns: str):
    (folder / "labels.csv").write_text(text)
    return read_labels(LabelsConfig(str(folder), "labels.csv", **columns), lambda: NOW)


def test_labels_say_who_left_after_which_day(tmp_path: Path) -> None:
    found = labels(tmp_path, "id,day,left\nA,2026-01-05,1\nB,2026-01-05T00:00:00Z,no\nC,2026-02-02, TRUE \n",
                   account_id="id", as_of="day", churned="left")  # fmt: skip
    assert [(one.account_id, one.as_of, one.churned) for one in found] == [
        ("A", "2026-01-05", True), ("B", "2026-01-05", False), ("C", "2026-02-02", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("account_id,as_of,churned_within_90d\nA,soon,1\n", "`labels.csv` row 1: `as_of` is no day"),
        ("account_id,as_of\nA,2026-01-05\n", "churned_within_90d"),
    ],
)
def test_labels_that_cannot_be_read_say_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceRefusedError, match=message):
        labels(tmp_path, text)
