"""What the built-in writer writes passes every check that a draft is held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import msgspec
import pytest

from chains.churn.drafting import policy_for
from chains.churn.email import EmailBrief, EmailOptions, Story, tell, write_email
from chains.churn.email.language import Language
from chains.churn.email.parties import Length, Tone
from chains.churn.facts import FactBook
from chains.churn.next_steps import default_playbook
from chains.churn.tickets.reading import TOPICS
from chains.evidence import Check, Draft
from chains.grounding import DraftAudience, DraftPolicy, audience, blocked_reason, check_draft
from chains.privacy import Masker
from connectors.records import Contact, Contract, Owner
from tests.unit.chains.churn.story_accounts import (
    AS_OF,
    brief,
    downsizing_brief,
    driver,
    leaving_brief,
    no_calls_brief,
    notice_brief,
    reading,
    ticket,
    topic_brief,
)

LANGUAGES: tuple[Language, ...] = get_args(Language)
OLD = dt.date(2026, 9, 1)
YEARS = Contract(
    start_date=dt.date(2021, 1, 10), term_months=12, renewal_date=dt.date(2027, 1, 10), seats=253, notice_days=30
)
SIGNALS = ("champion_gone", "licence_use", "contraction", "renewal", "nps")


def briefs(language: Language) -> Iterator[tuple[str, EmailBrief]]:
    """One brief for each story kind and topic: fresh and old, open and closed, and with a second ticket."""
    for topic in TOPICS:
        for closed in (False, True):
            yield f"{topic}, closed {closed}", topic_brief(topic, language, closed=closed)
        one, two = ticket("500001", OLD), ticket("500002", AS_OF, priority="low")
        yield (
            f"{topic}, closed long ago",
            brief([ticket("500003", OLD, OLD)], [reading("500003", topic, language=language)], language=language),
        )
        readings = [reading("500001", topic, language=language), reading("500002", "pricing", language=language)]
        yield f"{topic}, old and beside prices", brief([one, two], readings, language=language)
    yield "leaving", leaving_brief(language)
    yield "notice", notice_brief(language)
    yield "notice, no calls", notice_brief(language, 0, "no_calls")
    yield "downsizing", downsizing_brief(language)
    yield "outage, no calls", no_calls_brief("outage", language)
    yield "billing, no calls, for years", no_calls_brief("billing", language, contract=YEARS)
    yield "bug, for years", topic_brief("bug", language, contract=YEARS)
    left = [reading("500001", "contract", leave=0.95, language=language)]
    yield "leaving long ago", brief([ticket("500001", OLD)], left, language=language)
    yield "review without contract", brief(language=language, contract=None)
    for signal in SIGNALS:
        yield f"review, {signal}", brief(language=language, contract=YEARS, drivers=[driver(signal, 0.6, "So.")])


def audience_of(what: EmailBrief) -> DraftAudience:
    """The brief's account with people, as a run knows it."""
    person = Contact(contact_id="c1", first_name="Anna", last_name="Schmidt", email="anna@alpine.example")
    account = msgspec.structs.replace(
        what.account, name="Alpine Foods GmbH", contacts=[person], owner=Owner(owner_id="o1", name="Jonas Weber")
    )
    return audience(account, "c1", Masker([account]), [account])


def story_of(what: EmailBrief) -> Story:
    """What the brief's mail tells."""
    return tell(what, {key: offer.minutes for key, offer in default_playbook().offers.items()})


def policy_with(play_id: str) -> DraftPolicy:
    """The policy of a mail about prices that draws on that play alone."""
    return policy_for(replace(story_of(topic_brief("pricing")), play_ids=(play_id,)))


def policy_of(what: EmailBrief) -> DraftPolicy:
    """The policy that the run holds the brief's draft against."""
    return policy_for(story_of(what))


def checks_of(draft: Draft, facts: FactBook, to: DraftAudience, policy: DraftPolicy) -> list[Check]:
    """Every check of the draft."""
    return check_draft(
        draft.subject,
        draft.body,
        draft.statements,
        {fact.fact_id: fact for fact in facts.all()},
        language=draft.language,
        as_of=AS_OF,
        account=to,
        policy=policy,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", get_args(Length))
def test_every_story_passes_every_check_in_every_variant_and_tone(language: Language, length: Length) -> None:
    tones = get_args(Tone)
    for number, (name, what) in enumerate(briefs(language)):
        to, policy = audience_of(what), policy_of(what)
        # A short mail takes its sentences from those of a normal one, so that every other variant tells enough.
        for variant in range(11) if length == "normal" else range(number % 2, 11, 2):
            # Every tone meets every variant of some story; all three in each would take minutes.
            tone = tones[(variant + len(name)) % len(tones)]
            facts = FactBook({}, str)
            options = EmailOptions(tone=tone, length=length)
            draft = write_email(what, facts, variant, options)
            reason = blocked_reason(checks_of(draft, facts, to, policy))
            if reason:  # A quotation that a check stops is left out, as the run does it.
                draft = write_email(what, facts, variant, replace(options, quote_subjects=False))
                reason = blocked_reason(checks_of(draft, facts, to, policy))
            assert not reason, f"{name}, variant {variant}, {tone}: {reason}\n\n{draft.body}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tone", get_args(Tone))
def test_every_tone_passes_every_check_in_every_variant(language: Language, tone: Tone) -> None:
    for what in (topic_brief("pricing", language), leaving_brief(language), brief(language=language, contract=YEARS)):
        to, policy = audience_of(what), policy_of(what)
        for variant in range(11):
            facts = FactBook({}, str)
            draft = write_email(what, facts, variant, EmailOptions(tone=tone))
            assert not blocked_reason(checks_of(draft, facts, to, policy)), draft.body


def prices_in(text: str, policy: DraftPolicy) -> str:
    """Why a mail with that sentence about prices is blocked; "" when it is not."""
    what = topic_brief("pricing")
    facts = FactBook({}, str)
    draft = write_email(what, facts)
    added = draft.model_copy(update={"body": f"{draft.body}\n{text}"})
    return blocked_reason(checks_of(added, facts, audience_of(what), policy))


def test_prices_may_be_spoken_of_only_where_a_play_of_the_mail_offers_that_talk() -> None:
    assert not prices_in("We could look at the prices in the agreement.", policy_with("terms_conversation"))
    assert "price (prices)" in prices_in("We could look at the prices in the agreement.", policy_with("outage_review"))


@pytest.mark.parametrize(
    "promise",
    [
        "A discount is possible.",
        "We could look at a lower price.",
        "The price stays the same.",
        "We can freeze the price for you.",
        "There is no price increase.",
        "We keep your price.",
        "Der Preis bleibt gleich.",
        "Les prix restent inchangés.",
        "Los precios se mantienen.",
    ],
)
def test_a_talk_about_prices_permits_no_promise_about_them(promise: str) -> None:
    assert "no_promises" in prices_in(promise, policy_with("terms_conversation"))


@pytest.mark.parametrize("language", ["fr", "es"])
def test_a_point_of_view_is_no_web_address(language: Language) -> None:
    words = {"fr": "Votre point de vue compte pour moi.", "es": "En ese punto no hay dudas para mí."}
    what = topic_brief("outage", language)
    facts = FactBook({}, str)
    draft = write_email(what, facts)
    added = draft.model_copy(update={"body": f"{draft.body}\n{words[language]}"})
    assert not blocked_reason(checks_of(added, facts, audience_of(what), policy_of(what)))
