"""Finds the accounts a question names: by id, by name, by part of a name, and misspelt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chains.churn.planner.exclusion import continues_from, left_out_from
from chains.churn.planner.names import NameIndex
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import known_words, word_set
from chains.churn.planner.territories import country_words

_MOST_ALIKE = 25
_LONGEST_REST = 4
_BETWEEN_FORMS = frozenset({".", "&", "and"})


@dataclass(slots=True)
class NamedAccounts:
    """Ids of the accounts named, in the question's order, and what was guessed of them.

    `stranger` is a name in full that no account bears, though some begin like it.
    """

    ids: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    left_out_places: list[tuple[int, int]] = field(default_factory=list)
    stranger: str = ""
    listed: frozenset[str] = frozenset()

    def add(self, names: NameIndex, numbers: tuple[int, ...]) -> None:
        """Add the accounts with those numbers."""
        for number in numbers[:_MOST_ALIKE]:
            if names.account_id(number) not in self.ids:
                self.ids.append(names.account_id(number))


def accounts_in(reading: Reading, names: NameIndex, listed: Sequence[str] = ()) -> NamedAccounts:
    """The accounts the question names; their words are taken.

    A name that fits several means the one that `listed`, the accounts of the earlier answer, holds. Those it leaves
    out ("except Acme") stand in `left_out`; they are flagged unless listed, because a plan names accounts only to keep
    them.
    """
    named = NamedAccounts(listed=frozenset(listed))
    at = 0
    while at < len(reading):
        at = _by_id(reading, at, names, named) or _by_name(reading, at, names, named) or at + 1
    _misspelt(reading, names, named)
    if not set(named.left_out) <= set(listed):
        named.left_out = []
    for first, last in named.left_out_places:
        reading.take(first, last, "known" if named.left_out else "flag")
    return named


def _by_id(reading: Reading, at: int, names: NameIndex, named: NamedAccounts) -> int:
    """Take an account's id at the word; ids with hyphens were split into words."""
    if not reading.is_open(at):
        return 0
    for length in (3, 2, 1):
        if at + length > len(reading) or not all(map(reading.is_open, range(at, at + length))):
            continue
        text = "".join(reading.original(at, at + length).split()).lower()
        number = names.by_id.get(text)
        if (
            number is not None
            and re.search(r"\d", text)
            and len(text) >= 3
            and not re.fullmatch(r"\d{1,4}|[qh]\d", text)
        ):
            return _settle(reading, at, at + length, names, (number,), named)
    return 0


def _by_name(reading: Reading, at: int, names: NameIndex, named: NamedAccounts) -> int:
    word = reading.words[at]
    if not reading.is_open(at) or word not in names or word in word_set("accounts_joining"):
        return 0
    match = names.match_at(reading.words, at)
    if match is None:
        if _stands_as_name(reading, at, at + 1) and len(word) >= 4 and word not in known_words():
            inner = names.inner_match(word)
            if 0 < len(inner) <= 3:
                return _accept(reading, at, at + 1, names, inner, named)
        return 0
    last = at + match.length
    if form := _legal_form_after(reading, last):
        return _in_full(reading, at, form, names, named)
    part = reading.words[at:last]
    familiar = all(word in known_words() or word in country_words() or word in word_set("legal_forms") for word in part)
    certain = match.whole and (match.length > 1 or not familiar)
    if certain or (match.length > 1 and not familiar) or (not familiar and _stands_as_name(reading, at, last)):
        return _accept(reading, at, last, names, match.numbers, named)
    return 0


def _legal_form_after(reading: Reading, at: int) -> int:
    """Where the legal form stands that ends the name going on from the word; 0 where none goes on."""
    last = at
    while last < min(len(reading), at + _LONGEST_REST) and reading.is_open(last) and reading.is_capital(last):
        if reading.words[last] in word_set("legal_forms"):
            return last if last > at and not reading.text.isupper() else 0
        last += 1
    return 0


def _in_full(reading: Reading, at: int, form: int, names: NameIndex, named: NamedAccounts) -> int:
    """Take a name in full: mistyped, or of a company that is not in the data, whoever is called much like it."""
    numbers = _like(reading, at, form, names)
    if numbers:
        return _accept(reading, at, form, names, numbers, named)
    last = form + 1
    while more := _form_at(reading, last):
        last = more + 1
    named.stranger = reading.original(at, last)
    reading.take(at, last, "flag")
    return last


def _accept(
    reading: Reading, at: int, last: int, names: NameIndex, numbers: tuple[int, ...], named: NamedAccounts
) -> int:
    said = reading.original(at, last)
    while (form := _form_at(reading, last)) and _is_of(names, numbers, reading.words[form]):
        last = form + 1
    if _leave_out(reading, at, last, names, numbers, named):
        return last
    of_answer = tuple(number for number in numbers if names.account_id(number) in named.listed)
    if len(numbers) > 1 and len(of_answer) == 1:
        named.notes.append(f'"{said}" is read as {names.name(of_answer[0])}, which the earlier answer lists.')
        numbers = of_answer
    elif len(numbers) > 1:
        listed = ", ".join(names.name(number) for number in numbers[:5])
        more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
        named.notes.append(f'"{said}" fits {len(numbers)} accounts; all are included: {listed}{more}.')
    elif any(names.name(number).lower().find(said.lower()) < 0 for number in numbers):
        named.notes.append(f'"{said}" is read as {names.name(numbers[0])}.')
    return _settle(reading, at, last, names, numbers, named)


def _settle(
    reading: Reading, at: int, last: int, names: NameIndex, numbers: tuple[int, ...], named: NamedAccounts
) -> int:
    if not _leave_out(reading, at, last, names, numbers, named):
        named.add(names, numbers)
        reading.take(at, last)
    return last


def _leave_out(
    reading: Reading, at: int, last: int, names: NameIndex, numbers: tuple[int, ...], named: NamedAccounts
) -> bool:
    """Set the accounts aside when the words before leave them out, and say whether they do."""
    first = left_out_from(reading, at)
    if first is None and named.left_out_places and continues_from(reading, at, named.left_out_places[-1][1]):
        first = named.left_out_places.pop()[0]
    if first is None:
        return False
    named.left_out_places.append((first, last))
    named.left_out += [names.account_id(number) for number in numbers]
    return True


def _form_at(reading: Reading, at: int) -> int:
    """Where the next part of a legal form stands, a mark before it at most ("& Co. KG"); 0 where none follows."""
    place = at + (reading.open_word(at) in _BETWEEN_FORMS)
    word = reading.open_word(place)
    return place if len(word) > 1 and word in word_set("legal_forms") else 0


def _is_of(names: NameIndex, numbers: tuple[int, ...], word: str) -> bool:
    return any(word in re.findall(r"\w+", names.name(number).lower()) for number in numbers)


def _stands_as_name(reading: Reading, at: int, last: int) -> bool:
    """Whether the words stand where a name stands: written with a capital, or after "why is", before "'s"."""
    if reading.is_capital(at):
        return True
    before = reading.words[at - 1] if at else ""
    after = reading.words[last] if last < len(reading) else "?"
    return before in word_set("accounts_cue_before") and after in word_set("accounts_cue_after") | {
        "",
        "?",
        ".",
        ",",
        "!",
    }


def _misspelt(reading: Reading, names: NameIndex, named: NamedAccounts) -> None:
    known = known_words()
    odd = [at for at, word in enumerate(reading.words[:400]) if reading.is_open(at) and _is_odd(word, known)]
    for at in odd[:12]:
        if not reading.is_open(at):
            continue
        for first, last in _windows(reading, at):
            numbers = _like(reading, first, last, names)
            if numbers:
                _accept(reading, first, last, names, numbers, named)
                break


def _is_odd(word: str, known: frozenset[str]) -> bool:
    return len(word) >= 4 and word.isalpha() and word not in known and word not in country_words()


def _windows(reading: Reading, at: int) -> list[tuple[int, int]]:
    windows = [(at - 1, at + 2), (at, at + 3), (at, at + 2), (at - 1, at + 1), (at, at + 1)]
    return [
        (a, b)
        for a, b in windows
        if a >= 0
        and b <= len(reading)
        and all(
            reading.is_open(i) and reading.words[i] not in word_set("accounts_joining") and reading.words[i].isalpha()
            for i in range(a, b)
        )
    ]


def _like(reading: Reading, first: int, last: int, names: NameIndex) -> tuple[int, ...]:
    words = reading.words[first:last]
    if len(words) > 1:
        near = names.close_names(words)
        best = max((score for score, _ in near), default=0)
        return tuple(number for score, number in near if score == best)
    if len(words[0]) < 5 or not _stands_as_name(reading, first, last):
        return ()
    numbers, _ = names.close_words(words[0])
    return numbers
