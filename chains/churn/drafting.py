"""From a case to a draft that a person can decide on: written, held against its facts, bound by a digest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from chains.churn.email import EmailBrief, EmailOptions, Recipient, Sender, choose_recipient, tell, write_email
from chains.churn.next_steps import default_playbook
from chains.churn.schema import Plan
from chains.churn.state import Case, ChurnState
from chains.evidence import Check, Draft
from chains.privacy import Masker
from connectors.records import Account, Contact

QUOTATION_CHECKS = frozenset({"names_supported", "numbers_supported", "dates_supported", "no_links", "no_promises", "no_internal_signals", "placeholders_valid", "language"})


def draft_case(case: Case, state: ChurnState, alike: Counter[str]) -> Case:
    """The case with a mail to its best contact, or with a failed check that says why there is none.

    Args:
        alike: How many mails of each story the run has written; the writer varies its words by it.
    """
    if not case.drivers:
        return case
    written = write_for(case, state, alike)
    return replace(case, draft=written) if isinstance(written, Draft) else replace(case, checks=(written,))


def write_for(case: Case, state: ChurnState, alike: Counter[str] | None = None, *, quote_subjects: bool = True, variant: int = -1) -> Draft | Check:
    """The draft, or the check that failed because nobody can be written to."""
    as_of = state["portfolio"].as_of
    original = state["scope"].active[case.row]
    choice = choose_recipient(case.account, as_of)
    if choice.contact is None or not choice.contact.contact_id:
        reason = choice.reason if choice.contact is None else "the best contact has no id"
        return Check(name="recipient", passed=False, detail=f"No e-mail was drafted: {reason}.")
    brief = EmailBrief(
        account=case.account,
        readings=case.readings,
        plays=case.plays,
        recipient=recipient_of(case, original, choice.contact, state["retrieved"].masker),
        sender=sender_of(case, original, state["retrieved"].masker),
        as_of=as_of,
    )
    minutes = {key: offer.minutes for key, offer in default_playbook().offers.items()}
    key = tell(brief, minutes).key
    if variant < 0 and alike is not None:
        variant = alike[key]
        alike[key] += 1
    return write_email(brief, case.book, max(variant, 0), options_of(state["plan"], quote_subjects=quote_subjects))


def options_of(plan: Plan, *, quote_subjects: bool = True) -> EmailOptions:
    """The asker's wishes as the writer takes them."""
    return EmailOptions(
        language=plan.language,
        tone=plan.tone or "formal",  # type: ignore[arg-type]
        length="short" if plan.length == "short" else "normal",
        quote_subjects=quote_subjects,
    )


def recipient_of(case: Case, original: Account, chosen: Contact, masker: Masker) -> Recipient:
    """The contact as placeholders; a name the records do not hold stays empty."""
    account_id, contact_id = case.account.account_id, chosen.contact_id
    known = next(contact for contact in original.contacts if contact.contact_id == contact_id)
    handle = masker.contact(account_id, contact_id)
    first = masker.placeholder(handle, "first_name", account_id) if known.first_name else ""
    last = masker.placeholder(handle, "last_name", account_id) if known.last_name else ""
    return Recipient(contact_id, chosen.language, first, last)


def sender_of(case: Case, original: Account, masker: Masker) -> Sender:
    """The account's owner as a placeholder, or nobody."""
    if original.owner is None or not original.owner.owner_id:
        return Sender()
    account_id = case.account.account_id
    name = masker.placeholder(masker.owner(account_id), "name", account_id) if original.owner.name else ""
    return Sender(original.owner.owner_id, name)
