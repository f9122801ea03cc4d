"""Where texts name persons whom the records know, however the names are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.shim.name_words import FORMS_OF_ADDRESS, PARTICLES, TITLES, Person, is_ordinary, name_parts, spelt
from connectors.toolkit.folding import fold
from connectors.toolkit.ordinary_words import ordinary_words

# A tag between two names does not part them; what stands in its attributes is text like any other.
_TOKEN = re.compile(r"</?(?:b|i|u|s|p|em|br|li|td|div|span|font|strong)\s?/?>|([^\W\d_]+)", re.IGNORECASE)
_GAP = re.compile(r"\s{0,40}(?:[,._'’\"+/–-]|</?\w{1,6}\s?/?>){0,3}\s{0,40}")

_FURTHEST = 6
_LEAST_GLUED = 5


class NameSpan(NamedTuple):
    """Where a person is named; a `single` name is a first or a last name alone."""

    start: int
    end: int
    single: bool


@dataclass
class _Family:
    """Persons of one family name: their other names, and the letters these begin with."""

    others: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    known: _Known


class _Known(NamedTuple):
    """What a word as it is typed may stand for; `cut` letters at its end are a genitive."""

    spelt: frozenset[str]
    families: tuple[_Family, ...] = ()
    accounts: frozenset[str] = frozenset()
    glued: frozenset[str] = frozenset()
    ordinary: bool = False
    cut: int = 0

    @property
    def names(self) -> bool:
        return bool(self.families or self.accounts or self.glued)


class PersonNames:
    """Every known person's names: full ones and those behind Mr or Ms count everywhere, single ones in their account.

    Case, accents, transliterations and widths do not matter, nor blanks, line breaks or tags between the names. A
    single name that is an ordinary word as well counts only where it is written with a capital.
    """

    def __init__(self, persons: Iterable[Person]) -> None:
        self._families: dict[str, _Family] = {}
        self._singles: dict[str, set[str]] = {}
        self._glued: dict[str, set[str]] = {}
        self._seen: dict[str, _Known] = {}
        for person in persons:
            self._add(person)

    def spans(self, text: str, account_id: str | None) -> Iterator[NameSpan]:
        """Where persons are named in a text of the account; None takes single names of every account.

        Args:
            text: Normalised, without hidden characters.
        """
        tokens = self._tokens(text)
        at = 0
        while at < len(tokens):
            if not tokens[at].known.names:
                at += 1
                continue
            first, last, single = self._longest(text, tokens, at, account_id)
            if last >= first:
                end = tokens[last].end - tokens[last].known.cut
                yield NameSpan(tokens[first].start, _double_name(text, tokens, last, end), single)
            at = max(at, last) + 1

    def is_full_name(self, words: Sequence[str]) -> bool:
        """Whether the folded words hold a family name beside another name of one of its bearers."""
        return any(
            not family.others.isdisjoint(words) for word in words if (family := self._families.get(word)) is not None
        )

    def _add(self, person: Person) -> None:
        given, family = name_parts(person)
        every = (*given, *family)
        for word in every:
            if max(map(len, word)) > 1:
                for spelling in word:
                    self._singles.setdefault(spelling, set()).add(person.account_id)
        for place, word in enumerate(family):
            others = [other for other in (*given, *family[:place], *family[place + 1 :]) if max(map(len, other)) > 1]
            for spelling in word:
                known = self._families.setdefault(spelling, _Family())
                known.others.update(one for other in others for one in other)
                known.initials.update(one[0] for other in given for one in other)
        for name in ("".join(word[0] for word in part) for part in (given, family) if len(part) > 1):
            self._singles.setdefault(name, set()).add(person.account_id)
        self._add_glued(given, family, person.account_id)

    def _add_glued(self, given: Sequence[tuple[str, ...]], family: Sequence[tuple[str, ...]], account_id: str) -> None:
        for which in {0, 1} if given and family else ():
            one, other = ("".join(word[min(which, len(word) - 1)] for word in part) for part in (given, family))
            for glued, where in ((one + other, ""), (other + one, ""), (one[0] + other, account_id)):
                if len(glued) >= _LEAST_GLUED and glued not in ordinary_words():
                    self._glued.setdefault(glued, set()).add(where)

    def _tokens(self, text: str) -> list[_Token]:
        seen = self._seen
        tokens = []
        for match in _TOKEN.finditer(text):
            if word := match[1]:
                known = seen.get(word) or self._known(word)
                tokens.append(_Token(match.start(), match.end(), word, known))
        return tokens

    def _known(self, word: str) -> _Known:
        known = self._looked_up(word)
        if not known.names and word[-1] in "sS" and len(word) > 3:
            stem = self._looked_up(word[:-1])
            if stem.names and not known.ordinary:
                known = stem._replace(cut=1)
        self._seen[word] = known
        return known

    def _looked_up(self, word: str) -> _Known:
        spellings = spelt(word)
        return _Known(
            spelt=spellings,
            families=tuple(self._families[one] for one in spellings if one in self._families),
            accounts=frozenset(where for one in spellings for where in self._singles.get(one, ())),
            glued=frozenset(where for one in spellings for where in self._glued.get(one, ())),
            ordinary=is_ordinary(word),
        )

    def _longest(self, text: str, tokens: Sequence[_Token], at: int, account_id: str | None) -> tuple[int, int, bool]:
        """The first and the last token of the name at this place; the last before the first where there is none."""
        for anchor in range(at, min(at + _FURTHEST, len(tokens))):
            if anchor > at and not _joined(text, tokens[anchor - 1], tokens[anchor]):
                break
            first, last = self._full(text, tokens, anchor)
            if first <= at <= last and last > first:
                return first, last, False
        token = tokens[at]
        if _counts(token.known.glued, account_id):
            return at, at, False
        if token.known.families and at and _is_addressed(text, tokens, at):
            return at, at, False
        if _counts(token.known.accounts, account_id) and _tells(token, anywhere=account_id is None):
            return at, at, True
        return at, at - 1, False

    def _full(self, text: str, tokens: Sequence[_Token], anchor: int) -> tuple[int, int]:
        """The stretch around a family name that holds other names, or initials, of one of its bearers."""
        best = anchor, anchor
        for family in tokens[anchor].known.families:
            first = self._reach(text, tokens, anchor, family, step=-1)
            last = self._reach(text, tokens, anchor, family, step=1)
            if last - first > best[1] - best[0] and _is_meant(tokens, first, anchor, last):
                best = first, last
        return best

    def _reach(self, text: str, tokens: Sequence[_Token], anchor: int, family: _Family, *, step: int) -> int:
        reached, at = anchor, anchor + step
        while 0 <= at < len(tokens) and abs(at - anchor) <= _FURTHEST:
            left, right = (tokens[at], tokens[at - step]) if step < 0 else (tokens[at - step], tokens[at])
            if not _joined(text, left, right):
                break
            token = tokens[at]
            if not token.known.spelt.isdisjoint(family.others) or _is_initial(text, tokens, at, anchor, family):
                reached = at
            elif not _links(token) and text[left.end : right.start] != "-":
                break
            at += step
        return reached


def _joined(text: str, left: _Token, right: _Token) -> bool:
    return _GAP.fullmatch(text, left.end, right.start) is not None


def _links(token: _Token) -> bool:
    return fold(token.text) in PARTICLES or fold(token.text) in TITLES


def _counts(accounts: Set[str], account_id: str | None) -> bool:
    return bool(accounts) if account_id is None else account_id in accounts or "" in accounts


def _tells(token: _Token, *, anywhere: bool) -> bool:
    """Whether a single word names somebody; in a question about everybody ordinary and tiny words never do."""
    text = token.text
    if len(text) < 3:
        return text.istitle() and not token.known.ordinary and not anywhere
    return not token.known.ordinary or (not anywhere and text[0] != text[0].lower())


def _is_initial(text: str, tokens: Sequence[_Token], at: int, anchor: int, family: _Family) -> bool:
    """Whether the token is the first letter of a name: `J. Böhm`, `Böhm, J.`, `j.boehm`."""
    token = tokens[at]
    if len(token.text) > 1 or fold(token.text) not in family.initials:
        return False
    sign = text[token.end : token.end + 1]
    if token.text.islower():
        return at < anchor and sign in ("_", ".", "-") and text[token.end + 1 : token.end + 2].isalpha()
    return sign == "." or not tokens[anchor].known.ordinary


def _is_meant(tokens: Sequence[_Token], first: int, anchor: int, last: int) -> bool:
    """Whether words that are all ordinary ones, turned round, are written like a name."""
    taken = tokens[first : last + 1]
    if first < anchor or not all(token.known.ordinary for token in taken):
        return True
    return all(token.text[0] != token.text[0].lower() for token in taken)


def _is_addressed(text: str, tokens: Sequence[_Token], at: int) -> bool:
    """Whether a word such as Mr stands before the name, with titles and particles between them."""
    if tokens[at].text.islower():
        return False
    for before in range(at - 1, max(at - 4, -1), -1):
        if not _joined(text, tokens[before], tokens[before + 1]):
            return False
        word = fold(tokens[before].text)
        if word in FORMS_OF_ADDRESS:
            return True
        if word not in PARTICLES and word not in TITLES:
            return False
    return False


def _double_name(text: str, tokens: Sequence[_Token], last: int, end: int) -> int:
    """Where the name ends; the other half of a double name that nobody here has belongs to it (Weiss-Meier)."""
    if last + 1 < len(tokens) and text[end : tokens[last + 1].start] == "-":
        other = tokens[last + 1]
        if other.text.istitle() and not other.known.ordinary:
            return other.end
    return end
