"""The digest that a decision binds to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from chains.evidence import Fact


def draft_digest(
    *, subject: str, body: str, language: str, to_contact_id: str, facts: Iterable[Fact], plan_digest: str = ""
) -> str:
    """SHA-256 in hex over masked text, language, recipient, cited facts and plan; the order of facts does not matter.

    Args:
        subject, body: The masked text, exactly as it will be shown and sent.
        language: The draft's language.
        to_contact_id: The recipient.
        facts: The facts cited; ids and values count.
        plan_digest: Digest of the plan the draft came from.
    """
    value = {
        "subject": subject,
        "body": body,
        "language": language,
        "to_contact_id": to_contact_id,
        "facts": sorted({fact.fact_id: [fact.fact_id, fact.value] for fact in facts}.values()),
        "plan": plan_digest,
    }
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
