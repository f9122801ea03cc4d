"""What one sentence says by itself: leaving, staying, feelings, trouble and topics."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chains.churn.tickets.lexicon import Lexicon
from chains.churn.tickets.matching import Match, is_negated, longest_apart, overlaps, said_by_others, strength

# Shares below are judgement, set before any labelled ticket was seen.
_OPPOSITE_OF_GOOD = 0.8
_OPPOSITE_OF_BAD = 0.25
_BEFORE_BUT = 0.55
_QUOTED_SHARE = 0.1
_MOST = 0.97
_TERSE_WORDS = 2
_TERSE_WEIGHT = 0.45
_DOWNSIZING = "downsizing"
_HEADING_WORDS = 4
_MOST_WHILE_OPEN = 0.58
_MOCKING_SENTENCE_WORDS = 7


class SentenceReading(msgspec.Struct, frozen=True, gc=False):
    """One sentence as read; `leave` holds (word position, name, weight), `good` and `bad` strengths in [0, 1].

    `stays_at` is the word position of a promise to stay, or -1. `mocks` marks short praise that turns out mockery
    when trouble follows. `harmless` says that what looked like leaving was something else, `heading` that the sentence
    is too short to tell, `no_calls` that its writer does not want to be called.
    """

    leave: tuple[tuple[int, str, float], ...] = ()
    stays_at: int = -1
    denies: bool = False
    good: tuple[float, ...] = ()
    bad: tuple[float, ...] = ()
    good_names: tuple[str, ...] = ()
    bad_names: tuple[str, ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    troubles: int = 0
    relief: bool = False
    sarcastic: bool = False
    mocks: bool = False
    instructs: bool = False
    no_calls: bool = False
    harmless: bool = False
    heading: bool = False


NOTHING = SentenceReading()
_Feelings = tuple[tuple[float, ...], tuple[float, ...], tuple[str, ...], tuple[str, ...]]
_UNMOVED: _Feelings = ((), (), (), ())


def read_sentence(
    words: Sequence[str], matches: Sequence[Match], open_quotes: int, lexicon: Lexicon
) -> SentenceReading:
    """Read one sentence of which every cue was found; `open_quotes` counts the quotation marks before it."""
    if not matches:
        return NOTHING
    by_kind: dict[str, list[Match]] = {}
    about: dict[tuple[str, int, int], float] = {}
    for match in matches:
        cue = match.cue
        if cue.kind == "topic":  # a word that several languages share counts once
            place = (cue.name, match.start, match.end)
            about[place] = max(cue.weight, about.get(place, 0.0))
        else:
            by_kind.setdefault(cue.kind, []).append(match)
    topics: dict[str, float] = {}
    for (name, _, _), weight in about.items():
        topics[name] = topics.get(name, 0.0) + weight
    if not by_kind:
        return SentenceReading(topics=tuple(topics.items()))
    leave, denies = _leaving(words, by_kind, open_quotes, lexicon) if "leave" in by_kind else ((), False)
    undecided = by_kind.get("open", ())
    stays = [one.start for one in _stated(words, by_kind.get("stay", ()), lexicon) if not overlaps(one, undecided)]
    relief = bool(_stated(words, by_kind.get("relief", ()), lexicon))
    troubles = len(longest_apart(_stated(words, by_kind.get("trouble", ()), lexicon)))
    mock = "mock" in by_kind
    good, bad, good_names, bad_names = _feelings(words, by_kind, lexicon) if "sentiment" in by_kind else _UNMOVED
    return SentenceReading(
        leave=leave,
        stays_at=max(stays, default=-1),
        denies=denies,
        good=good,
        bad=bad,
        good_names=good_names,
        bad_names=bad_names,
        topics=tuple(topics.items()),
        troubles=troubles,
        relief=relief,
        sarcastic="sarcasm" in by_kind or (mock and troubles > 0 and not relief),
        mocks=mock and not troubles and not relief and len(words) <= _MOCKING_SENTENCE_WORDS,
        instructs="instruction" in by_kind,
        no_calls="no_calls" in by_kind and _refuses_calls(words, by_kind, open_quotes, lexicon),
        harmless="benign" in by_kind,
        heading=len(words) <= _HEADING_WORDS,
    )


def _stated(words: Sequence[str], matches: Sequence[Match], lexicon: Lexicon) -> list[Match]:
    return [match for match in matches if not is_negated(words, match, lexicon)]


def _refuses_calls(words: Sequence[str], by_kind: dict[str, list[Match]], open_quotes: int, lexicon: Lexicon) -> bool:
    """Whether the writer asks for no calls: "do not call the API" and what others said are no such wish."""
    return any(
        not overlaps(match, by_kind.get("benign", ())) and not said_by_others(words, match, open_quotes, lexicon)
        for match in by_kind["no_calls"]
    )


def _leaving(
    words: Sequence[str], by_kind: dict[str, list[Match]], open_quotes: int, lexicon: Lexicon
) -> tuple[tuple[tuple[int, str, float], ...], bool]:
    """What speaks for leaving, and whether leaving is denied."""
    benign = by_kind.get("benign", ())
    most = _MOST_WHILE_OPEN if "open" in by_kind else 1.0
    leave: list[tuple[int, str, float]] = []
    denies = False
    for match in by_kind.get("leave", ()):
        if overlaps(match, benign):
            continue
        if is_negated(words, match, lexicon):
            denies = True
            continue
        weight = min(match.cue.weight, most)
        # "Cancellation" as a subject line says more than the word in passing; "Fewer seats" does not.
        if len(words) <= _TERSE_WORDS and match.cue.name != _DOWNSIZING:
            weight = max(weight, _TERSE_WEIGHT)
        if said_by_others(words, match, open_quotes, lexicon):
            weight *= _QUOTED_SHARE
        leave.append((match.start, match.cue.name, weight))
    return tuple(leave), denies


def _feelings(words: Sequence[str], by_kind: dict[str, list[Match]], lexicon: Lexicon) -> _Feelings:
    """Strengths of good and of bad feelings, and their names."""
    courtesy = by_kind.get("courtesy", ())
    good: list[float] = []
    bad: list[float] = []
    good_names: list[str] = []
    bad_names: list[str] = []
    turn = (
        -1
        if lexicon.contrasts.isdisjoint(words)
        else max(place for place, word in enumerate(words) if word in lexicon.contrasts)
    )
    felt = by_kind.get("sentiment", ())
    for match in longest_apart([match for match in felt if not match.cue.frame]):
        if overlaps(match, courtesy):
            continue
        value = match.cue.weight * strength(words, match, lexicon)
        if is_negated(words, match, lexicon):
            value *= -_OPPOSITE_OF_GOOD if value > 0 else -_OPPOSITE_OF_BAD
        else:
            (bad_names if value < 0 else good_names).append(match.cue.name)
        if value < 0:
            bad.append(min(-value, _MOST))
        else:
            good.append(min(value * (_BEFORE_BUT if match.start < turn else 1.0), _MOST))
    if bad or not good:  # a frame of trouble says little beside outright praise: "the crash was fixed, great team"
        framed = {match.cue.name: match.cue.weight for match in felt if match.cue.frame}
        bad += [-weight for weight in framed.values()]
        bad_names += framed
    return tuple(good), tuple(bad), tuple(good_names), tuple(bad_names)
