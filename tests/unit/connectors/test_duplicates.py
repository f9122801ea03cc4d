"""Customers that seem to stand twice in one system."""

from __future__ import annotations

import pytest

from connectors.duplicates import duplicates
from connectors.matching import Party


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("Alpine Foods GmbH", "alpine.example"), ("ALPINE FOODS", "www.alpine.example"), "the same domain and name"),
        (("Alpine Foods GmbH", ""), ("ALPINE FOODS G.M.B.H.", "other.example"), "nearly the same legal name"),
        (("Northern Freight Holding Ltd", ""), ("Northern Freigth Holding Ltd", ""), "nearly the same legal name"),
        (("Alpine Foods GmbH", "alpine.example"), ("Alpine Foods AG", "alpine.example"), ""),
        (("Alpine Foods GmbH", "alpine.example"), ("Alpine Hotels GmbH", "alpine.example"), ""),
        (("Northern Freight Fund 2 Ltd", ""), ("Northern Freight Fund 3 Ltd", ""), ""),
        (("Alpine Foods GmbH", "x@gmail.com"), ("Alpine Foods Ltd", "x@gmail.com"), ""),
        (("", "alpine.example"), ("", "alpine.example"), ""),
        (("Unknown", "alpine.example"), ("unknown", "alpine.example"), ""),
        (("Alpine Foods GmbH", "x@bluewin.ch"), ("Alpine Foods", "x@bluewin.ch"), ""),
        (("Bauer GmbH", "bauer.example"), ("Baur GmbH", "bauer.example"), ""),
    ],
)
def test_two_customers_are_told_apart_or_questioned(one: tuple[str, str], other: tuple[str, str], reason: str) -> None:
    found = duplicates([Party("a", *one), Party("b", *other), Party("c", "Cedar Inc", "cedar.example")])
    assert [(group.keys, group.reason) for group in found] == ([(("a", "b"), reason)] if reason else [])


def test_three_of_a_kind_are_one_group() -> None:
    (group,) = duplicates([Party(key, "Alpine Foods GmbH", "alpine.example") for key in "abc"])
    assert sorted(group.keys) == ["a", "b", "c"]
