"""The pattern language of the lexicons."""

from __future__ import annotations

import re

import pytest

from chains.churn.tickets.patterns import PatternCompiler, spellings

COMPILER = PatternCompiler({"DEAL": "(contract|agreement)", "OUR_DEAL": "(our DEAL|subscription)"}, {"our", "we"})


def matches(pattern: str, text: str) -> bool:
    return re.search(COMPILER.compile(pattern).source(), f" {text} ") is not None


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("cancel DEAL", "we cancel contract now", True),
        ("cancel DEAL", "we cancel contracts", False),
        ("cancel* DEAL", "cancelling agreement", True),
        ("cancel .. DEAL", "cancel all of our contract", True),
        ("cancel .. DEAL", "cancel a b c d contract", False),
        ("cancel ... DEAL", "cancel a b c d contract", True),
        ("end OUR_DEAL", "end our agreement", True),
        ("end OUR_DEAL", "end agreement", False),
        ("(end|stop using) it", "stop using it", True),
        ("end our? plan", "end plan", True),
        ("end (our|the)? plan", "end the plan", True),
        ("loading (wheel|(blue|red) bar) spins", "loading red bar spins", True),
        ("~renew soon", "autorenewal soon", True),
        ("kündigen wir", "kuendigen wir", True),
        ("kündigen wir", "kundigen wir", True),
        ("out of", "without offer", False),
        ("with !you,us end", "with acme end", True),
        ("with !you,us end", "with us end", False),
        ("we are out $", "now we are out", True),
        ("we are out $", "we are out today", False),
        ("^ cancel", "cancel it", True),
        ("^ cancel", "please cancel", False),
        ("DEAL & (stop|end)", "we end our contract", True),
        ("DEAL & (stop|end)", "the contract we stop", True),
        ("DEAL & (stop|end)", "we end our call", False),
        ("DEAL & (stop|end) & -(customer|guest)", "a customer may end his contract", False),
        ("DEAL & (stop|end .. now)", "agreement to end it now", True),
    ],
)
def test_pattern_matches_as_described(pattern: str, text: str, found: bool) -> None:
    assert matches(pattern, text) is found


def test_pattern_gap_never_skips_a_barred_word() -> None:
    source = COMPILER.compile("customer .. cancel", frozenset({"we"})).source()
    assert re.search(source, " customer wants to cancel ")
    assert not re.search(source, " customer and we cancel ")


def test_frame_covers_its_whole_sentence() -> None:
    frame = COMPILER.compile("DEAL & end")
    assert frame.frame
    assert [hit[0] for hit in re.finditer(frame.source(), " we end our contract now ")] == [" we end our contract now"]


def test_pattern_needs_its_rarest_words_first() -> None:
    assert COMPILER.compile("our .. termination we").needs[0] == {"termination"}


def test_pattern_of_one_word_is_single() -> None:
    assert COMPILER.compile("(outage|downtime*)").single
    assert not COMPILER.compile("(outage|down time)").single


@pytest.mark.parametrize(
    "pattern",
    ["", "(open", "close)", "a|b", "..", "maybe?", "a UNKNOWN list", "(a|b?) c", "(|a)", "!a", "^", "a & b?", "a & -b"],
)
def test_pattern_that_is_wrong_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|list of words"):
        COMPILER.compile(pattern)


def test_spellings_cover_umlauts_dropped_and_spelt_out() -> None:
    assert spellings("Grüße") == ("grusse", "gruesse")
