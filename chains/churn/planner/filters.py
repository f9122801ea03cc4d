"""Combines places, segments, industries and owners into filters, with "except" and "outside"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chains.churn.planner.categories import Category, guessed_segments_in, industries_in, segments_in
from chains.churn.planner.people import owners_in
from chains.churn.planner.phrases import Found
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import word_set
from chains.churn.planner.territories import Place
from chains.churn.planner.vocabulary import Vocabulary

# Groups of countries that sales organisations name as regions of their own.
_NAMES_OF_REGIONS = frozenset({"emea", "amer", "apac"})


@dataclass(slots=True)
class Filters:
    """Values by kind (segment, region, country, industry, owner), and what was guessed."""

    values: dict[str, list[str]] = field(default_factory=dict)
    excluded: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    mine: bool = False
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    first: int
    last: int
    values: tuple[str, ...]
    place: Place | None = None


def filters_in(reading: Reading, vocabulary: Vocabulary) -> Filters:
    """Every filter the question names; the words are taken."""
    filters = Filters()
    owners = owners_in(reading, vocabulary)
    filters.notes += owners.notes
    filters.mine, filters.unknown = owners.mine, owners.unknown
    items = [_Item("owner", found.first, found.last, found.value) for found in owners.found]
    items += _places(reading, vocabulary, filters)
    for category in (*segments_in(reading, vocabulary), *industries_in(reading, vocabulary)):
        items += _category_item(reading, category, filters)
    for category, note in guessed_segments_in(reading, vocabulary):
        if not any(item.kind == "segment" for item in items):
            filters.notes.append(note)
            items += _category_item(reading, category, filters)
        else:
            reading.take(category.first, category.last)
    _combine(reading, sorted(items, key=lambda item: item.first), vocabulary, filters)
    return filters


def _category_item(reading: Reading, found: Found[Category], filters: Filters) -> list[_Item]:
    if not reading.is_open(found.first):
        return []
    reading.take(found.first, found.last)
    category = found.value
    if category.missing:
        filters.notes.append(f"No account in the data has the {category.kind} {category.name}.")
    return [_Item(category.kind, found.first, found.last, category.values)]


def _places(reading: Reading, vocabulary: Vocabulary, filters: Filters) -> list[_Item]:
    territories = vocabulary.territories
    found = list(territories.phrases.find(reading))
    for at, word in enumerate(reading.words):
        if reading.is_open(at) and word in {"us"} and _is_united_states(reading, at):
            found.append(Found(at, at + 1, territories.country("US")))
        elif reading.is_open(at) and len(word) == 2 and word.upper() in territories.codes and _is_code(reading, at):
            found.append(Found(at, at + 1, territories.country(word.upper())))
    items = []
    for place in found:
        if not reading.is_open(place.first):
            continue
        reading.take(place.first, place.last)
        if place.value.missing:
            filters.notes.append(f"No account in the data is in {reading.original(place.first, place.last)}.")
        elif place.value.kind == "country" and place.value.name in _NAMES_OF_REGIONS:
            said = reading.original(place.first, place.last)
            spelt = ", ".join(place.value.values)
            filters.notes.append(f"No region in the data is called {said}; it is read as its countries: {spelt}.")
        elif "speaking" in reading.words[place.first : place.last]:
            said = reading.original(place.first, place.last)
            filters.notes.append(f'"{said}" is read as {", ".join(place.value.values)}.')
        items.append(_Item(place.value.kind, place.first, place.last, place.value.values, place.value))
    return _beside_each_other(reading, sorted(items, key=lambda item: item.first), vocabulary, filters)


def _is_united_states(reading: Reading, at: int) -> bool:
    if reading.original(at, at + 1) == "US":
        return not reading.text.isupper()
    before = reading.words[at - 1] if at else ""
    after = reading.words[at + 1] if at + 1 < len(reading) else ""
    return before == "the" or after in word_set("filters_american")


def _is_code(reading: Reading, at: int) -> bool:
    return reading.original(at, at + 1).isupper() and not reading.text.isupper()


def _beside_each_other(reading: Reading, items: list[_Item], vocabulary: Vocabulary, filters: Filters) -> list[_Item]:
    """Spell a region out as countries when the question names it beside a country ("Japan and EMEA")."""
    territories = vocabulary.territories
    result = list(items)
    for index, (left, right) in enumerate(pairwise(items)):
        if left.kind == right.kind or not left.place or not right.place:
            continue
        between = reading.words[left.last : right.first]
        if not between or not all(word in word_set("filters_and") or word in {"the", "in"} for word in between):
            continue
        region_at = index if left.kind == "region" else index + 1
        region = items[region_at].place
        country = items[index + 1 if region_at == index else index].place
        if region is None or country is None or not territories.is_spelt_out(region):
            continue
        spelt = territories.region_as_countries(region)
        if set(country.codes) <= set(spelt.codes):
            continue
        result[region_at] = _Item("country", items[region_at].first, items[region_at].last, spelt.values, spelt)
        filters.notes.append(f"{region.values[0]} is spelt out as its countries, to stand beside {country.values[0]}.")
    return result


def _combine(reading: Reading, items: Sequence[_Item], vocabulary: Vocabulary, filters: Filters) -> None:
    excluded_at: set[int] = set()
    included: dict[str, dict[str, None]] = {}
    excluded: dict[str, dict[str, None]] = {}
    for item in items:
        if _is_replaced(reading, item.first):
            continue
        out = (
            _is_negated(reading, item.first)
            or _continues_exclusion(reading, item.first, excluded_at)
            or _is_left_out(reading, item.last)
        )
        if out:
            excluded_at.update(range(item.first, item.last))
        target = excluded if out else included
        target.setdefault(item.kind, {}).update(dict.fromkeys(item.values))
    everything: dict[str, Sequence[str]] = {
        "segment": vocabulary.segments,
        "region": vocabulary.regions,
        "country": vocabulary.countries,
        "industry": vocabulary.industries,
        "owner": tuple(vocabulary.owners),
    }
    for kind, universe in everything.items():
        wanted: Sequence[str] = list(included.get(kind, {}))
        if kind in excluded:
            wanted = [value for value in (wanted or universe) if value not in excluded[kind]]
            if not wanted:
                filters.notes.append(f"Leaving out the {kind} named leaves no {kind}; it was not applied.")
        filters.values[kind] = list(wanted)
    filters.excluded = {kind: list(values) for kind, values in excluded.items() if kind not in included}


def _is_replaced(reading: Reading, first: int) -> bool:
    """Whether the value stands after "instead of": another one takes its place."""
    said = " ".join(reading.words[max(first - 4, 0) : first])
    hit = re.search(
        r"(?:^| )(?:instead of|rather than|in place of|statt|anstatt|anstelle von|au lieu (?:de|du)"
        r"|plutot que|en lugar de|en vez de)(?: (?:the|in|der|den|la|el|les))*$",
        said,
    )
    if hit:
        reading.take(first - len(hit.group().split()), first)
    return hit is not None


def _is_negated(reading: Reading, first: int) -> bool:
    at = first - 1
    for _ in range(5):
        if at < 0:
            return False
        word = reading.words[at]
        before = reading.words[at - 1] if at else ""
        if f"{before}-{word}" in word_set("filters_pairs") or (word == "but" and before in word_set("filters_all_but")):
            reading.take(at - 1, at + 1)
            return True
        if word in word_set("filters_negators") and not (word == "no" and at != first - 1):
            reading.take(at, at + 1)
            return True
        if word not in word_set("filters_between"):
            return False
        at -= 1
    return False


def _continues_exclusion(reading: Reading, first: int, excluded_at: set[int]) -> bool:
    at = first - 1
    joined = False
    while at >= 0 and (reading.words[at] in word_set("filters_and") or reading.words[at] in {"the", "in", "from"}):
        joined = joined or reading.words[at] in word_set("filters_and")
        at -= 1
    return joined and at in excluded_at


def _is_left_out(reading: Reading, last: int) -> bool:
    return reading.open_word(last) in {"excluded", "aside"} or [
        reading.open_word(last),
        reading.open_word(last + 1),
    ] == ["left", "out"]
