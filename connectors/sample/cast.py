"""Who is in the sample organisation: each account's place, name and story, from the seed alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.sample.stories import STORIES
from connectors.sample.tables import Place, in_ascii, places, table


@dataclass(frozen=True)
class Role:
    """One account's part; `share` (of the days left in the quarter) or `days` place its renewal, else it is spread."""

    story: str
    segment: str
    place: Place
    industry: str
    name: str
    domain: str
    share: float | None = None
    days: int | None = None


class _Names:
    """Deals company names, no two alike."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def deal(self, place: Place, industry: str) -> tuple[str, str]:
        """A company's name and domain."""
        words = table("companies")
        nouns = words["industries"][industry]
        # A stem serves once per culture while there are enough; then with another noun.
        stems = self._rng.sample(words["stems"][place.stems], len(words["stems"][place.stems]))
        stems.sort(key=lambda stem: sum(name.startswith(in_ascii(stem)) for name in self._taken))
        noun_choice = nouns.get(place.stems, nouns["default"])
        for stem in stems:
            for noun in self._rng.sample(noun_choice, len(noun_choice)):
                key = in_ascii(stem + noun)
                if key not in self._taken:
                    self._taken.add(key)
                    return f"{stem} {noun} {self._rng.choice(place.forms)}", f"{key}.example"
        raise ValueError(f"too few company names for {place.country}")

    def keep(self, name: str) -> None:
        """Take a given name out of the deal."""
        self._taken.add(in_ascii(" ".join(name.split()[:2])))


def cast(seed: int) -> list[Role]:
    """Every account's role, in a fixed order for a seed."""
    rng = random.Random(f"{seed}:cast")
    names = _Names(rng)
    named = [*table("cast")["lead"], *table("cast")["twins"]]
    for row in named:
        if "name" in row:
            names.keep(row["name"])
    roles = [_named_role(row, names) for row in named]
    free = [(group["segment"], group["region"]) for group in table("cast")["groups"] for _ in range(group["count"])]
    for role in roles:
        free.remove((role.segment, role.place.region))
    rng.shuffle(free)
    return roles + list(_dealt(free, names, rng))


def _named_role(row: dict[str, Any], names: _Names) -> Role:
    place = places()[row["country"]]
    name, domain = (row["name"], row["domain"]) if "name" in row else names.deal(place, row["industry"])
    return Role(
        story=row["story"],
        segment="Enterprise",
        place=place,
        industry=row["industry"],
        name=name,
        domain=domain,
        share=row.get("share"),
        days=row.get("days"),
    )


def _dealt(free: list[tuple[str, str]], names: _Names, rng: random.Random) -> Iterator[Role]:
    """Roles for the rest, stories in the proportion of the mix, countries by weight, industries in turn."""
    deck = _deck(len(free), rng)
    industries = list(table("companies")["industries"])
    for number, (segment, region) in enumerate(free):
        story = next((story for story in deck if segment in STORIES[story].segments), "healthy")
        if story in deck:
            deck.remove(story)
        there = [place for place in places().values() if place.region == region]
        place = rng.choices(there, [place.weight for place in there])[0]
        industry = industries[number % len(industries)]
        name, domain = names.deal(place, industry)
        yield Role(story=story, segment=segment, place=place, industry=industry, name=name, domain=domain)


def _deck(size: int, rng: random.Random) -> list[str]:
    """As many stories as accounts, each about as often as the mix says, shuffled."""
    mix: dict[str, int] = table("cast")["mix"]
    whole = sum(mix.values())
    deck = [story for story, share in mix.items() for _ in range(round(share / whole * size))]
    deck += ["healthy"] * (size - len(deck))
    rng.shuffle(deck)
    return deck[:size]
