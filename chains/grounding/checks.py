"""All checks of one draft, in a fixed order; deterministic, with no model as judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from chains.evidence import Check, Fact, Statement
from chains.grounding.claims import Claims
from chains.grounding.policy import DraftAudience, DraftPolicy
from chains.grounding.subject_matter import on_subject
from chains.grounding.surface import fits_length, no_links, no_markup, one_proposal, placeholders_valid, right_recipient
from chains.grounding.wording import (
    harmless_passed_over,
    in_language,
    names_supported,
    no_internal_signals,
    no_promises,
    quoteless,
)


def check_draft(
    subject: str,
    body: str,
    statements: Sequence[Statement],
    facts: Mapping[str, Fact],
    *,
    language: str,
    as_of: dt.date,
    account: DraftAudience,
    policy: DraftPolicy,
) -> list[Check]:
    """Every check of the draft, passed or failed; a failed one says what to mend, and never a person's value.

    Args:
        subject, body: The masked text.
        statements: The sentences of the body that state something, with the facts they rest on.
        facts: Every fact of the account, by id.
        language: ISO 639-1 code of the language the draft must be in: en, de, fr or es.
        as_of: The day of the run.
        account: Whom the draft is for, and what else the run knows.
        policy: What the playbook allows.
    """
    cited = [facts[fact_id] for item in statements for fact_id in item.fact_ids if fact_id in facts]
    shareable = [fact for fact in cited if fact.audience == "shareable"]
    shared = [fact.value for fact in shareable]
    # A ticket's subject was written by the customer; the rest of what may be told comes from our own records.
    ours = [fact.value for fact in shareable if fact.field != "subject"]
    names = (account.account.name, *policy.known_names)
    # Quotations are read like the rest: in our mail, whatever it says is said by us.
    readings = [harmless_passed_over(quoteless(text, (), names)) for text in (subject, body)]
    claims = Claims(subject, body, statements, facts, as_of, policy, language)
    return [
        _cites_known_facts(statements, facts),
        _shareable_only(cited),
        claims.numbers_supported(),
        claims.dates_supported(),
        names_supported(subject, body, account, policy),
        placeholders_valid(subject, body, account),
        no_links(subject, body, account, policy),
        no_promises(readings, policy, language),
        no_internal_signals(readings, policy),
        no_markup(subject, body),
        fits_length(subject, body, policy),
        in_language(body, language, [*shared, *names]),
        on_subject(subject, body, language, supported=shared, policy=policy, names=[account.account.name, *ours]),
        claims.statements_cover_body(),
        right_recipient(account, as_of),
        one_proposal(body, policy),
    ]


def is_blocked(checks: Sequence[Check]) -> bool:
    """Whether any check failed, or none was made."""
    return not checks or any(not check.passed for check in checks)


def blocked_reason(checks: Sequence[Check]) -> str:
    """Why the draft is blocked: each failed check with what to mend; "" when it is not."""
    return "; ".join(f"{check.name}: {check.detail}" for check in checks if not check.passed)


def _cites_known_facts(statements: Sequence[Statement], facts: Mapping[str, Fact]) -> Check:
    unknown = sorted({fact_id for item in statements for fact_id in item.fact_ids if fact_id not in facts})
    detail = f"{len(unknown)} cited fact ids do not exist: cite only facts that were given" if unknown else ""
    return Check(name="cites_known_facts", passed=not unknown, detail=detail)


def _shareable_only(cited: Sequence[Fact]) -> Check:
    internal = sorted({fact.fact_id for fact in cited if fact.audience != "shareable"})
    detail = f"{', '.join(internal[:5])}: internal, the customer must not be told" if internal else ""
    return Check(name="shareable_only", passed=not internal, detail=detail)
