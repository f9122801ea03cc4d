"""Which customer of one system is which customer of another: by stated id, then domain, then legal name.

A pair that is not certain is a finding for a person (`Matches.ambiguous`); it is never merged silently.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from connectors.company_names import CompanyName, company_name, domain_name

Method = Literal["id", "domain", "name"]

SURE_SCORE = 90.0
"""Similarity of two names, 0 to 100, from which one may be taken for the other; chosen on names, not on outcomes."""
DOUBT_SCORE = 84.0
"""Similarity from which a pair is worth a person's look."""
MARGIN = 6.0
"""By how much the best name must beat the next."""
_BLOCK = 1_000
# fmt: off
PUBLIC_DOMAINS = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
    "gmx.de", "gmx.net", "web.de", "t-online.de", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net",
    "proton.me", "protonmail.com", "qq.com", "163.com",
))
# fmt: on
"""Mail providers, whose domain says nothing of the customer."""


class Party(NamedTuple):
    """A customer as one system knows it; `domain` may be a web or mail address, `reference` the other system's key."""

    key: str
    name: str = ""
    domain: str = ""
    reference: str = ""


class Pair(NamedTuple):
    """Two records of one customer; `score` in [0, 1] is how alike they are by that method."""

    left: str
    right: str
    method: Method
    score: float


class Ambiguity(NamedTuple):
    """A left customer that may be any of `candidates` (right key, score in [0, 1]), best first, and why it is open."""

    left: str
    candidates: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True)
class Matches:
    """Every left customer once: in `pairs`, in `ambiguous`, or in `unmatched_left`."""

    pairs: list[Pair] = field(default_factory=list)
    ambiguous: list[Ambiguity] = field(default_factory=list)
    unmatched_left: list[str] = field(default_factory=list)
    unmatched_right: list[str] = field(default_factory=list)

    def right_of(self) -> dict[str, str]:
        """The right key of each left key that was matched."""
        return {pair.left: pair.right for pair in self.pairs}


class _Open(NamedTuple):
    """A proposal by one method for one left customer, before proposals are held against each other."""

    candidates: tuple[tuple[str, float], ...]
    reason: str = ""


def match(
    left: Iterable[Party],
    right: Iterable[Party],
    *,
    many_to_one: bool = False,
    sure: float = SURE_SCORE,
    doubt: float = DOUBT_SCORE,
) -> Matches:
    """Pair the customers of two systems.

    Explicit references win; then a domain that belongs to one right customer (or to several of which the name
    picks one); then the legal name, equal or nearly so, of the same legal form where both name one.

    Args:
        many_to_one: Whether several left customers may share a right one by domain (by reference they always may).
        sure: Name similarity, 0 to 100, from which a pair is merged if no other comes within `MARGIN`.
        doubt: Name similarity, 0 to 100, from which a pair becomes a finding.
    """
    lefts, rights = _unique(left), _unique(right)
    names = {party.key: company_name(party.name) for party in rights}
    pairs = [Pair(p.key, p.reference, "id", 1.0) for p in lefts if p.reference in names]
    taken = {pair.right for pair in pairs}
    done = {pair.left for pair in pairs}
    ambiguous: list[Ambiguity] = []

    rest = [party for party in lefts if party.key not in done]
    by_domain = _domain_proposals(rest, rights, names)
    _settle(by_domain, "domain", taken if not many_to_one else set(), pairs, ambiguous, many_to_one=many_to_one)
    taken |= {pair.right for pair in pairs}

    rest = [party for party in rest if party.key not in by_domain]
    by_name = _name_proposals(rest, rights, names, sure=sure, doubt=doubt)
    _settle(by_name, "name", taken, pairs, ambiguous, many_to_one=False)

    found, used = {p.left for p in pairs} | {a.left for a in ambiguous}, {p.right for p in pairs}
    return Matches(
        pairs=pairs,
        ambiguous=ambiguous,
        unmatched_left=[party.key for party in lefts if party.key not in found],
        unmatched_right=[party.key for party in rights if party.key not in used],
    )


def _unique(parties: Iterable[Party]) -> list[Party]:
    """The parties with a key, the first of each."""
    return list({party.key: party for party in reversed(list(parties)) if party.key}.values())[::-1]


def _settle(
    proposals: dict[str, _Open],
    method: Method,
    taken: set[str],
    pairs: list[Pair],
    ambiguous: list[Ambiguity],
    *,
    many_to_one: bool,
) -> None:
    """Merge the proposals that stand alone; two that want the same customer, or one already given, stay open."""
    wanted = Counter(o.candidates[0][0] for o in proposals.values() if not o.reason)
    for key, proposal in proposals.items():
        best, score = proposal.candidates[0]
        reason = proposal.reason
        if not reason and best in taken:
            reason = "the customer is already matched by a stronger key"
        elif not reason and wanted[best] > 1 and not many_to_one:
            reason = "several customers claim the same one"
        if reason:
            ambiguous.append(Ambiguity(key, proposal.candidates, reason))
        else:
            pairs.append(Pair(key, best, method, score))


def _domain_proposals(
    lefts: Sequence[Party], rights: Sequence[Party], names: dict[str, CompanyName]
) -> dict[str, _Open]:
    """For each left customer whose domain a right one has: that one, or those it may be."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for party in rights:
        if (domain := domain_name(party.domain)) and domain not in PUBLIC_DOMAINS:
            owners[domain].append(party.key)
    proposals: dict[str, _Open] = {}
    for party in lefts:
        keys = owners.get(domain_name(party.domain), [])
        if len(keys) == 1:
            proposals[party.key] = _Open(((keys[0], 1.0),))
        elif keys:
            proposals[party.key] = _by_name_among(company_name(party.name), keys, names)
    return proposals


def _by_name_among(name: CompanyName, keys: list[str], names: dict[str, CompanyName]) -> _Open:
    """The one of several owners of a domain that bears the name, or all of them as a question."""
    same = [key for key in keys if names[key].stem == name.stem]
    chosen = [key for key in same if names[key].form == name.form] if len(same) > 1 else same
    if len(chosen) == 1:
        return _Open(((chosen[0], 1.0),))
    return _Open(tuple((key, 0.5) for key in keys[:5]), "several customers share the domain")


def _name_proposals(
    lefts: Sequence[Party],
    rights: Sequence[Party],
    names: dict[str, CompanyName],
    *,
    sure: float,
    doubt: float,
) -> dict[str, _Open]:
    """For each left customer a right one whose name is equal, else nearly equal."""
    by_words: defaultdict[str, list[str]] = defaultdict(list)
    for party in rights:
        if names[party.key].stem:
            by_words[_sorted_words(names[party.key].stem)].append(party.key)
    proposals: dict[str, _Open] = {}
    fuzzy: list[tuple[str, CompanyName]] = []
    for party in lefts:
        name = company_name(party.name)
        if keys := by_words.get(_sorted_words(name.stem)):
            proposals[party.key] = _equal_names(name, keys, names)
        elif name.stem:
            fuzzy.append((party.key, name))
    proposals.update(_similar_names(fuzzy, [(p.key, names[p.key]) for p in rights], sure=sure, doubt=doubt))
    return proposals


def _sorted_words(stem: str) -> str:
    return " ".join(sorted(stem.split()))


def _equal_names(name: CompanyName, keys: list[str], names: dict[str, CompanyName]) -> _Open:
    """Which of the customers of that name it is: the one of the same legal form, or the only one."""
    same_form = [key for key in keys if names[key].form == name.form]
    if len(same_form) == 1:
        return _Open(((same_form[0], 1.0),))
    if len(keys) == 1 and not (name.form and names[keys[0]].form):
        return _Open(((keys[0], 0.97),))
    if len(keys) == 1:
        return _Open(((keys[0], 0.85),), "the same name with another legal form")
    return _Open(tuple((key, 0.85) for key in keys[:5]), "several customers have this name")


def _similar_names(
    lefts: list[tuple[str, CompanyName]], rights: list[tuple[str, CompanyName]], *, sure: float, doubt: float
) -> dict[str, _Open]:
    """The nearly equal names, compared all with all in blocks so that memory stays flat."""
    proposals: dict[str, _Open] = {}
    stems = [name.stem for _, name in rights]
    for start in range(0, len(lefts), _BLOCK):
        block = lefts[start : start + _BLOCK]
        scores = process.cdist(
            [name.stem for _, name in block], stems, scorer=fuzz.ratio, score_cutoff=doubt, dtype=np.float32, workers=-1
        )
        for row in np.flatnonzero(scores.any(axis=1)):
            key, name = block[row]
            found = np.flatnonzero(scores[row])
            best = found[np.argsort(-scores[row, found], kind="stable")]
            near = [(*rights[i], float(scores[row, i])) for i in best]
            proposals[key] = _judged(name, near, sure=sure)
    return proposals


def _judged(name: CompanyName, near: list[tuple[str, CompanyName, float]], *, sure: float) -> _Open:
    """Whether the nearest name is near enough, far enough from the next, and does not contradict."""
    # Of one legal form first: a company of that name and another form is another company, and no rival.
    near = sorted(near, key=lambda one: (-one[2], _other_form(name, one[1])))
    candidates = tuple((key, round(score / 100, 3)) for key, _, score in near[:5])
    _, nearest, score = near[0]
    rivals = [rival for _, other, rival in near[1:] if not _other_form(name, other)]
    if score < sure:
        return _Open(candidates, "the names are only similar")
    if rivals and score - rivals[0] < MARGIN:
        return _Open(candidates, "several names are similar")
    if _other_form(name, nearest):
        return _Open(candidates, "a similar name with another legal form")
    if numbers_in(name.stem) != numbers_in(nearest.stem):
        return _Open(candidates, "the names differ in a number")
    return _Open(candidates)


def _other_form(name: CompanyName, other: CompanyName) -> bool:
    """Whether both name a legal form, and not the same."""
    return bool(name.form and other.form and name.form != other.form)


def numbers_in(stem: str) -> list[str]:
    """The words of a name that hold a digit; two names that differ there are two customers."""
    return [word for word in stem.split() if any(letter.isdigit() for letter in word)]
