"""From a case to a draft that a person can decide on: written, held against its facts, bound by a digest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chains.churn.email import EmailBrief, EmailOptions, Recipient, Sender, Story, choose_recipient, tell, write_email
from chains.churn.next_steps import Playbook, default_playbook
from chains.churn.schema import Plan
from chains.churn.state import Case, ChurnState
from chains.evidence import Check, Draft, DraftStatus, Fact
from chains.grounding import DraftPolicy, audience, check_draft, is_blocked
from chains.grounding.names import NameIndex
from chains.privacy import Masker
from connectors.records import Account, Contact


def draft_case(case: Case, state: ChurnState, alike: Counter[str]) -> Case:
    """The case with a mail to its best contact, or with a failed check that says why there is none.

    Args:
        alike: How many mails of each story the run has written; the writer varies its words by it.
    """
    if not case.drivers:
        return case
    variant, written = _first_version(case, state, alike)
    if isinstance(written, Draft):
        return replace(case, draft=written, variant=variant)
    return replace(case, checks=(written,))


def _first_version(case: Case, state: ChurnState, alike: Counter[str]) -> tuple[int, Draft | Check]:
    brief = brief_of(case, state)
    if isinstance(brief, Check):
        return 0, brief
    key = tell(brief, minutes_of(default_playbook())).key
    variant = alike[key]
    alike[key] += 1
    return variant, write_email(brief, case.book, variant, options_of(state["plan"]))


def could_be_long(case: Case, state: ChurnState) -> bool:
    """Whether a long mail to the case's contact can say something true that a normal one does not."""
    brief = brief_of(case, state)
    return not isinstance(brief, Check) and tell(brief, minutes_of(default_playbook())).can_be_long


def write_for(case: Case, state: ChurnState, *, variant: int, quote_subjects: bool) -> Draft | Check:
    """The mail in the words of the variant, or the check that failed because nobody can be written to."""
    brief = brief_of(case, state)
    if isinstance(brief, Check):
        return brief
    return write_email(brief, case.book, variant, options_of(state["plan"], quote_subjects=quote_subjects))


def brief_of(case: Case, state: ChurnState) -> EmailBrief | Check:
    """What the mail rests on, persons as placeholders."""
    as_of = state["portfolio"].as_of
    original = state["scope"].active[case.row]
    choice = choose_recipient(case.account, as_of)
    if choice.contact is None or not choice.contact.contact_id:
        reason = choice.reason if choice.contact is None else "the best contact has no id"
        return Check(name="recipient", passed=False, detail=f"No e-mail was drafted: {reason}.")
    return EmailBrief(
        account=case.account,
        readings=case.readings,
        plays=case.plays,
        recipient=recipient_of(case, original, choice.contact, state["retrieved"].masker),
        sender=sender_of(case, original, state["retrieved"].masker),
        as_of=as_of,
    )


def options_of(plan: Plan, *, quote_subjects: bool = True) -> EmailOptions:
    """The asker's wishes as the writer takes them."""
    return EmailOptions(
        language=plan.language,
        tone=plan.tone or "formal",  # type: ignore[arg-type]
        length=plan.length if plan.length in ("short", "long") else "normal",  # type: ignore[arg-type]
        quote_subjects=quote_subjects,
    )


def recipient_of(case: Case, original: Account, chosen: Contact, masker: Masker) -> Recipient:
    """The contact as placeholders; a name the records do not hold stays empty.

    A contact of whom nothing personal came at all was sent without: whoever kept the values fills them in by the id.
    """
    account_id, contact_id = case.account.account_id, chosen.contact_id
    known = next(contact for contact in original.contacts if contact.contact_id == contact_id)
    kept_back = not (known.first_name or known.last_name or known.email or known.phone)
    handle = masker.contact(account_id, contact_id)
    first = masker.placeholder(handle, "first_name", account_id) if known.first_name or kept_back else ""
    last = masker.placeholder(handle, "last_name", account_id) if known.last_name or kept_back else ""
    return Recipient(contact_id, chosen.language, first, last)


def sender_of(case: Case, original: Account, masker: Masker) -> Sender:
    """The account's owner as a placeholder, or nobody; one who came as an id alone is filled in by it."""
    owner, account_id = original.owner, case.account.account_id
    if owner is None or not owner.owner_id:
        return Sender()
    named = owner.name or not owner.email
    name = masker.placeholder(masker.owner(account_id), "name", account_id) if named else ""
    return Sender(owner.owner_id, name)


def check_case(case: Case, state: ChurnState, names: NameIndex) -> Case:
    """The case with its draft checked; one that quotes what it may not is written again without quotations.

    A draft that still fails is blocked: it is shown with the reason and cannot be approved.
    """
    if case.draft is None:
        return case
    if case.draft.checks:  # A model's draft has passed them all, or it would not be here.
        return replace(case, draft=case.draft.model_copy(update={"status": "awaiting_approval"}))
    checked = _checked(case, case.draft, state, names)
    if checked.status == "blocked":
        again = write_for(case, state, quote_subjects=False, variant=case.variant)
        if isinstance(again, Draft):
            repaired = _checked(case, again, state, names)
            checked = repaired if repaired.status != "blocked" else checked
    return replace(case, draft=checked)


def _checked(case: Case, draft: Draft, state: ChurnState, names: NameIndex) -> Draft:
    checks = checks_of(case, draft, state, names, {fact.fact_id: fact for fact in case.book.all()})
    status: DraftStatus = "blocked" if is_blocked(checks) else "awaiting_approval"
    return draft.model_copy(update={"checks": list(checks), "status": status})


def checks_of(
    case: Case,
    draft: Draft,
    state: ChurnState,
    names: NameIndex,
    facts: Mapping[str, Fact],
    story: Story | None = None,
) -> Sequence[Check]:
    """Every check of the draft against these facts, whoever wrote it; `story` saves telling it again."""
    original = state["scope"].active[case.row]
    return check_draft(
        draft.subject,
        draft.body,
        draft.statements,
        facts,
        language=draft.language,
        as_of=state["portfolio"].as_of,
        account=audience(original, draft.to_contact_id, state["retrieved"].masker, names),
        policy=policy_for(story or story_of(case, state)),
    )


def story_of(case: Case, state: ChurnState) -> Story | None:
    """What the case's mail tells; None where nobody can be written to."""
    brief = brief_of(case, state)
    return None if isinstance(brief, Check) else tell(brief, minutes_of(default_playbook()))


def policy_for(story: Story | None, playbook: Playbook | None = None) -> DraftPolicy:
    """What a mail that tells this story may contain beyond its facts.

    The story's offer, with its length, is the only one; a customer who asked for no calls is offered none. Each play's
    offers say what they permit to be spoken of, so that prices can be a subject where the playbook offers a talk about
    them. A discount can be permitted by no playbook.
    """
    book = playbook or default_playbook()
    if story is None:
        return DraftPolicy(meeting_minutes=frozenset(), meeting_periods=frozenset())
    offered = {offer for play in book.plays if play.id in story.play_ids for offer in play.may_offer}
    policy = DraftPolicy(
        may_offer=frozenset(kind for offer in offered for kind in book.offers[offer].permits),
        meeting_minutes=frozenset({story.minutes}),
    )
    return replace(policy, meeting_minutes=frozenset(), meeting_periods=frozenset()) if story.no_calls else policy


def minutes_of(playbook: Playbook) -> dict[str, int]:
    """How long each offer takes."""
    return {key: offer.minutes for key, offer in playbook.offers.items()}
