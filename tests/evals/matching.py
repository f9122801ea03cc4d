"""Scores the matching of customers on an organisation whose true pairs are known, with some of the ids hidden.

`python -m tests.evals.matching` prints precision and recall of the hidden pairs for each seed: by domain and name, by
name alone, by domain and a name with a slip of the pen, by such a name alone (which is asked, not merged); and how long ten thousand names take against ten thousand. It reads
`../shared/data/org_history`.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.matching import Party, match

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "org_history"
HIDDEN_SHARES = (0.07, 0.30)
SEEDS = range(10)
BY = ("domain and name", "name", "domain and misspelt name", "misspelt name")
LEAST_PRECISION, LEAST_RECALL = 0.99, 0.97
NAMES = 10_000


@dataclass(frozen=True)
class Score:
    """How the customers with a hidden id were matched."""

    hidden: int
    merged: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the merged pairs that are true."""
        return self.right / self.merged if self.merged else float("nan")

    @property
    def recall(self) -> float:
        """Share of the true pairs that were merged."""
        return self.right / self.hidden

    def __add__(self, other: Score) -> Score:
        return Score(self.hidden + other.hidden, self.merged + other.merged, self.right + other.right)


def accounts() -> list[Party]:
    """The CRM's accounts."""
    return [Party(row["Id"], row["Name"], row["Website"]) for row in _rows("crm_accounts.csv")]


def customers() -> list[Party]:
    """Billing's customers; some have no id of the CRM, and nobody knows the truth of these."""
    return [
        Party(row["customer_id"], row["legal_name"], row["billing_email"], row["crm_account_id"])
        for row in _rows("billing_customers.csv")
    ]


def score(left: Sequence[Party], right: Sequence[Party], share: float, seed: int, by: str) -> Score:
    """Match with a share of the known ids hidden at random; only these count."""
    rng = random.Random(seed)
    truth = {party.key: party.reference for party in left if party.reference}
    hidden = frozenset(rng.sample(sorted(truth), round(share * len(truth))))
    seen = [party._replace(reference="") if party.key in hidden else party for party in left]
    if "domain" not in by:
        seen = [party._replace(domain="") for party in seen]
    if "misspelt" in by:
        seen = [party._replace(name=slipped(party.name, rng)) if party.key in hidden else party for party in seen]
    found = {key: account for key, account in match(seen, right).right_of().items() if key in hidden}
    return Score(len(hidden), len(found), sum(truth[key] == account for key, account in found.items()))


def slipped(name: str, rng: random.Random) -> str:
    """The name with two neighbouring letters swapped, one left out or one doubled, before its last word."""
    place = rng.randrange(1, max(2, name.rfind(" ") - 1))
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return rng.choice((swapped, name[:place] + name[place + 1 :], name[:place] + name[place] + name[place:]))


def scores(share: float, by: str) -> list[Score]:
    """One score a seed."""
    left, right = customers(), accounts()
    return [score(left, right, share, seed, by) for seed in SEEDS]


def seconds_of_many() -> float:
    """How long ten thousand misspelt names take against ten thousand."""
    rng = random.Random(1)
    names = ["".join(rng.choices("abcdefghilmnoprstuv", k=9)) + " Freight Ltd" for _ in range(NAMES)]
    left = [Party(f"l{number}", f"{name[0]}x{name[2:]}") for number, name in enumerate(names)]
    right = [Party(f"r{number}", name) for number, name in enumerate(names)]
    started = time.perf_counter()
    match(left, right)
    return time.perf_counter() - started


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _row(title: str, found: Score) -> str:
    return f"| {title} | {found.hidden} | {found.merged} | {found.precision:.4f} | {found.recall:.4f} |"


def main() -> None:
    """Print the table and the time."""
    if not FOLDER.is_dir():
        sys.exit(f"There is no {FOLDER.name} in {FOLDER.parent.name}; it holds the true pairs.")
    print("| ids hidden, matched by, seed | hidden | merged | precision | recall |\n|---|---|---|---|---|")
    for share in HIDDEN_SHARES:
        for by in BY:
            found = scores(share, by)
            for seed, one in zip(SEEDS, found, strict=True):
                print(_row(f"{share:.0%}, {by}, {seed}", one))
            print(_row(f"**{share:.0%}, {by}, all**", sum(found[1:], start=found[0])))
    print(f"\n{NAMES:,} names against {NAMES:,}: {seconds_of_many():.2f} s")


if __name__ == "__main__":
    main()
