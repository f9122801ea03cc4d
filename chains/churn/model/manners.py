"""The manners of a mail that a model wrote: no flattery, pressure or blame, no invented event, no second salutation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import yaml

from chains.evidence import Check, Fact, Statement
from chains.grounding.reading import read
from chains.grounding.tables import compiled
from prompts.loader import load_text

# Rules that hold only beside certain facts; all others hold everywhere.
_CONDITIONAL = frozenset(("renewal_as_end", "still_open", "already_closed"))
_LONGEST_SENTENCE = 50


def well_mannered(statements: Sequence[Statement], facts: Mapping[str, Fact], *, notice: bool) -> Check:
    """Whether the sentences between salutation and farewell keep to good manners and to what their own facts say.

    Args:
        statements: Every sentence the model wrote, with the facts it cites.
        facts: The facts by id.
        notice: Whether the customer has given notice, so that the renewal day is an end.
    """
    bad = [finding for one in statements for finding in _findings(one, facts, notice=notice)]
    if sum(one.text.count("?") for one in statements) > 1:
        bad.append("ask one question at most")
    if len({one.text for one in statements}) < len(statements):
        bad.append("say nothing twice")
    if any(len(one.text.split()) > _LONGEST_SENTENCE for one in statements):
        bad.append(f"no sentence longer than {_LONGEST_SENTENCE} words")
    detail = "; ".join(dict.fromkeys(bad))[:400]
    return Check(name="manners", passed=not bad, detail=detail)


def _findings(statement: Statement, facts: Mapping[str, Fact], *, notice: bool) -> Iterator[str]:
    low = read(statement.text).low
    cited = [facts[fact_id] for fact_id in statement.fact_ids if fact_id in facts]
    states = {fact.value for fact in cited if fact.field == "state"}
    kinds = [kind for kind in _rules() if kind not in _CONDITIONAL]
    if not notice and any(fact.field == "renewal_date" for fact in cited):
        kinds.append("renewal_as_end")
    if states == {"closed"}:
        kinds.append("still_open")
    if states == {"open"}:
        kinds.append("already_closed")
    if "[[" in statement.text:
        yield "no placeholders: the house adds names"
    for kind in kinds:
        says, pattern = _rules()[kind]
        if match := pattern.search(low):
            yield f'{says} ("{match.group()}")'


@cache
def _rules() -> Mapping[str, tuple[str, re.Pattern[str]]]:
    document = yaml.safe_load(load_text("churn/manners.yaml"))
    return {
        kind: (rule["says"], compiled(rule["patterns"])) for kind, rule in document.items() if isinstance(rule, dict)
    }
