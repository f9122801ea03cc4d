"""The known persons and companies of a run, indexed by the folded words of their names; built on first use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from functools import cached_property
from itertools import pairwise
from typing import Any

import ahocorasick

from chains.privacy.folding import fold, spellings, words, written
from chains.privacy.lexicon import given_names, ordinary_spellings, ordinary_words, shape_set
from chains.privacy.local_parts import JOINT, expects_login
from chains.privacy.names import PERSON, name_extent
from chains.privacy.own_names import Phrase, Words
from chains.privacy.people import (
    Person,
    folded_sequences,
    persons_of,
    persons_of_all,
    phone_key,
    telling_parts,
)
from chains.privacy.places import Token, is_meant, is_telling, tokens_of
from chains.privacy.spans import Span
from connectors.records import Account

Replace = Callable[[Person, str], str]

_KEEP_RANK, _OWN_RANK, _FULL_RANK, _SINGLE_RANK = 8, 10, 30, 35
_GAP = re.compile(r"[\s,._\-–'’+/]{1,3}")
_FOLLOWING = re.compile(r"(?:[ ][^\W\d_a-z][\w'’-]*){1,2}")
# The end of a user name such as sunny_77.
_NUMBER_BEHIND = re.compile(r"[._-]?\d{1,6}(?!\w)")
# Scripts that write names without blanks between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class Directory:
    """Every known person and company of the run."""

    def __init__(self, accounts: Sequence[Account], keep: Sequence[str] = ()) -> None:
        self._accounts = accounts
        self._keep = keep
        self._words: dict[str, Words] = {}

    @cached_property
    def _by_id(self) -> dict[str, Account]:
        return {account.account_id: account for account in self._accounts}

    def account(self, account_id: str) -> Account:
        """The account of that id; raises KeyError when the run has none."""
        return self._by_id[account_id]

    def words_of(self, account_id: str) -> Words:
        """The account's own names; empty for an unknown account."""
        found = self._words.get(account_id)
        if found is None:
            company = self._company_words(account_id) | self._kept_words
            found = self._words[account_id] = Words(self._by_id.get(account_id), company)
        return found

    @cached_property
    def _names(self) -> set[tuple[str, str]]:
        return {(person.first_name, person.last_name) for person in persons_of_all(self._accounts)}

    @cached_property
    def _parts(self) -> set[str]:
        return {part for pair in self._names for name in pair for part in telling_parts(name)}

    @cached_property
    def singles(self) -> frozenset[str]:
        """Folded words that name some person of the run and are no ordinary word, with a genitive s too."""
        folded = {spelling for part in self._parts for spelling in spellings(part)}
        folded |= {word + "s" for word in folded if len(word) > 2}
        return frozenset(word for word in folded if len(word) > 2) - ordinary_words()

    @cached_property
    def _accented(self) -> dict[str, set[str]]:
        """Names that only without their accents are an ordinary word (Möre, more), as written, by that word."""
        found: dict[str, set[str]] = {}
        for part in self._parts:
            if not part.isascii() and fold(part) in ordinary_words() and written(part) not in ordinary_spellings():
                found.setdefault(fold(part), set()).add(written(part))
        return found

    @cached_property
    def full_names(self) -> dict[str, set[tuple[str, ...]]]:
        """Full names as folded words, both ways round, by their first word."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for first_name, last_name in self._names:
            for first in folded_sequences(first_name):
                for last in folded_sequences(last_name):
                    found.setdefault(first[0], set()).add(first + last)
                    found.setdefault(last[0], set()).add(last + first)
        return found

    @cached_property
    def _ordinary_full_names(self) -> dict[str, set[str]]:
        ordinary = ordinary_words()
        found: dict[str, set[str]] = {}
        for options in self.full_names.values():
            for name in options:
                if ordinary.issuperset(name):
                    found.setdefault(name[0], set()).add(name[-1])
        return found

    @cached_property
    def phones(self) -> frozenset[str]:
        """The keys of every known phone number."""
        return frozenset(filter(None, (phone_key(person.phone) for person in persons_of_all(self._accounts))))

    @cached_property
    def _company_names(self) -> frozenset[str]:
        names = {account.name.strip() for account in self._accounts} | {name.strip() for name in self._keep}
        return frozenset(name for name in names if name and "@" not in name)

    @cached_property
    def _companies(self) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        kept = {name.strip() for name in self._keep}
        for name in self._company_names:
            tokens = tuple(fold(match.group()) for match in words(name))
            for option in {tokens, _without_legal_form(tokens)}:
                if option and (name in kept or (len(option) > 1 and option not in self.full_names.get(option[0], ()))):
                    found.setdefault(option[0], []).append(option)
        for options in found.values():
            options.sort(key=len, reverse=True)
        return found

    def is_company_name(self, text: str) -> bool:
        """Whether the whole text is the name of an account, or one to keep."""
        return text.strip() in self._company_names

    def may_occur(self, folded: Set[str]) -> bool:
        """Whether a person of the run may be named among these folded words."""
        if not self.singles.isdisjoint(folded) or not self._accented.keys().isdisjoint(folded):
            return True
        firsts = self._ordinary_full_names.keys() & folded
        return any(not self._ordinary_full_names[first].isdisjoint(folded) for first in firsts)

    def _openings(self, folded: Set[str], own: Words) -> set[str]:
        indexes = (own.phrases, self.full_names, self._companies, self.singles, self._accented, given_names())
        return {word for word in folded if any(word in index for index in indexes)}

    def name_spans(self, text: str, folded: Set[str], own: Words, replace: Replace) -> Iterator[Span]:
        """Where persons are named in the text, and the companies whose names only look like persons."""
        openings = self._openings(folded, own)
        tokens = tokens_of(text)
        own_company = self._company_words(own.account_id)
        at = 0
        while at < len(tokens):
            if tokens[at].folded not in openings:
                at += 1
                continue
            count, spans = self._match(text, tokens, at, own, own_company, replace)
            yield from spans
            at += count

    def _match(
        self, text: str, tokens: list[Token], at: int, own: Words, own_company: Set[str], replace: Replace
    ) -> tuple[int, list[Span]]:
        token = tokens[at]
        for company in self._companies.get(token.folded, ()):
            if _stands(text, tokens, at, company):
                return len(company), [Span(token.start, tokens[at + len(company) - 1].end, None, _KEEP_RANK)]
        for phrase in own.phrases.get(token.folded, ()):
            if _stands(text, tokens, at, phrase.tokens) and _is_own(text, tokens, at, phrase, own):
                if len(phrase.tokens) == 1 and (other := _double_name(text, tokens, at, own)):
                    return 1, [Span(*other, PERSON, _OWN_RANK)]
                return len(phrase.tokens), _own_spans(text, tokens, at, phrase, replace)
        for name in self.full_names.get(token.folded, ()):
            if _stands(text, tokens, at, name) and is_meant(text, tokens, at, name, {}, frozenset()):
                end = tokens[at + len(name) - 1].end
                return len(name), [Span(token.start, end, PERSON, _FULL_RANK, gives_way=True)]
        if self._is_single(token, own_company):
            return 1, [Span(token.start, _with_surname(text, token), PERSON, _SINGLE_RANK, gives_way=True)]
        return 1, []

    def _is_single(self, token: Token, own_company: Set[str]) -> bool:
        if token.text.islower() and token.text != token.text.upper():
            return False
        if token.folded in own_company:
            return False
        if not token.text.isascii() and written(token.text) in self._accented.get(token.folded, ()):
            return True
        return token.folded in self.singles or (token.folded in given_names() and not token.text.isupper())

    def _company_words(self, account_id: str) -> frozenset[str]:
        account = self._by_id.get(account_id)
        return frozenset(fold(match.group()) for match in words(account.name)) if account else frozenset()

    @cached_property
    def _kept_words(self) -> frozenset[str]:
        return frozenset(fold(match.group()) for name in self._keep for match in words(name))

    @cached_property
    def _unspaced(self) -> Any:
        automaton: Any = ahocorasick.Automaton()
        for person in persons_of_all(self._accounts):
            for value, field in _unspaced_values(person):
                known = automaton.get(value, None)
                automaton.add_word(value, (len(value), [*(known[1] if known else []), (person, field)]))
        if len(automaton):
            automaton.make_automaton()
        return automaton

    def unspaced_spans(self, text: str, account_id: str, replace: Replace) -> Iterator[Span]:
        """Names in scripts that put no blanks between words, wherever they stand."""
        if not _UNSPACED.search(text) or not len(self._unspaced):
            return
        own = (
            {person.key: person for person in persons_of(self._by_id[account_id])} if account_id in self._by_id else {}
        )
        for last, (length, bearers) in self._unspaced.iter(text):
            mine = next(((person, field) for person, field in bearers if person.key in own), None)
            replacement = PERSON if mine is None else replace(*mine)
            yield Span(last - length + 1, last + 1, replacement, _OWN_RANK if mine else _FULL_RANK)


def _unspaced_values(person: Person) -> Iterator[tuple[str, str]]:
    first, last = person.first_name.strip(), person.last_name.strip()
    whole = "name" if person.kind == "owner" else "last_name"
    if _UNSPACED.search(first + last):
        yield from ((value, whole) for value in (last + first, first + last) if first and last)
        yield from ((value, field) for value, field in ((first, "first_name"), (last, "last_name")) if len(value) > 1)


def _double_name(text: str, tokens: list[Token], at: int, own: Words) -> tuple[int, int] | None:
    """Where the name is half of a double name that nobody here has (Müller-Lüdenscheidt, only Müller is known)."""
    start, end = tokens[at].start, tokens[at].end
    if at + 1 < len(tokens) and text[end : tokens[at + 1].start] == "-" and _is_other_name(tokens[at + 1], own):
        return start, tokens[at + 1].end
    if at and text[tokens[at - 1].end : start] == "-" and _is_other_name(tokens[at - 1], own):
        return tokens[at - 1].start, end
    return None


def _is_other_name(token: Token, own: Words) -> bool:
    return token.text.istitle() and token.folded not in ordinary_words() and token.folded not in own.phrases


def _is_own(text: str, tokens: list[Token], at: int, phrase: Phrase, own: Words) -> bool:
    if not phrase.user_name:
        wanted = phrase.tokens
        return is_telling(wanted) or is_meant(text, tokens, at, wanted, own.spelt, own.phrases.keys())
    taken = tokens[at : at + len(phrase.tokens)]
    joined = all(JOINT.fullmatch(text, left.end, right.start) for left, right in pairwise(taken))
    return joined and (not phrase.needs_login or expects_login(text[max(0, taken[0].start - 30) : taken[0].start]))


def _own_spans(text: str, tokens: list[Token], at: int, phrase: Phrase, replace: Replace) -> list[Span]:
    spans = []
    for count, field in phrase.parts:
        end = tokens[at + count - 1].end
        if phrase.user_name and (number := _NUMBER_BEHIND.match(text, end)):
            end = number.end()
        spans.append(Span(tokens[at].start, end, replace(phrase.person, field), _OWN_RANK))
        at += count
    return spans


def _stands(text: str, tokens: list[Token], at: int, wanted: tuple[str, ...]) -> bool:
    if at + len(wanted) > len(tokens):
        return False
    for offset, word in enumerate(wanted):
        token = tokens[at + offset]
        last = offset == len(wanted) - 1
        if token.folded != word and not (last and offset and token.folded == word + "s"):
            return False
        if offset and not _GAP.fullmatch(text, tokens[at + offset - 1].end, token.start):
            return False
    return True


def _with_surname(text: str, token: Token) -> int:
    following = _FOLLOWING.match(text, token.end)
    if following is None:
        return token.end
    start, end = name_extent(text, token.end + 1, following.end())
    return end if end > start else token.end


def _without_legal_form(tokens: tuple[str, ...]) -> tuple[str, ...]:
    while len(tokens) > 1 and tokens[-1] in shape_set("legal_forms"):
        tokens = tokens[:-1]
    return tokens
