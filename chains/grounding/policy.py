"""What a draft may say and to whom: the policy of a playbook, and the audience of one draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from chains.grounding.names import NameIndex
from chains.privacy import Masker
from connectors.records import Account, Contact


@dataclass(frozen=True, kw_only=True)
class DraftPolicy:
    """What a draft may contain beyond its facts.

    Attributes:
        may_offer: Kinds of promise the playbook allows: discount, refund, credit, free, guarantee, fix_by, price (that
            prices are spoken of at all), price_promise, sla, contract, entitlement, commitment. Other entries allow
            nothing.
        allowed_numbers: Plain numbers that may stand anywhere, such as "2".
        meeting_minutes: Lengths of a meeting that may be proposed, in minutes.
        allowed_dates: Days that may be proposed.
        meeting_periods: Spans that may be proposed for a meeting, as the tables name them ("week:1" is next week).
        allowed_times: Times of day that may be proposed, as "14:30".
        allowed_links: Addresses that may stand in the text, exactly as written.
        known_names: Products and firms of the vendor, which are neither numbers, links nor competitors.
        forbidden_names: Competitors and other names never to be mentioned.
        max_words, max_subject_chars: Limits of length.
        one_proposal: Whether more than one question is refused.
    """

    may_offer: frozenset[str] = frozenset()
    allowed_numbers: frozenset[str] = frozenset()
    meeting_minutes: frozenset[int] = frozenset({15, 20, 30, 45, 60})
    allowed_dates: frozenset[dt.date] = frozenset()
    meeting_periods: frozenset[str] = frozenset({"week:0", "week:1"})
    allowed_times: frozenset[str] = frozenset()
    allowed_links: frozenset[str] = frozenset()
    known_names: frozenset[str] = frozenset()
    forbidden_names: frozenset[str] = frozenset()
    max_words: int = 180
    max_subject_chars: int = 90
    one_proposal: bool = False


@dataclass(frozen=True, kw_only=True)
class DraftAudience:
    """Whom a draft is written to, and what else the run knows.

    Attributes:
        account: The account the draft is for.
        to_contact_id: The contact it goes to.
        masker: The masker of the run; it knows every person.
        placeholders: The placeholders the draft may use: of the recipient and the account's owner.
        names: Every account's name in the run; build it once a run.
    """

    account: Account
    to_contact_id: str
    masker: Masker
    placeholders: frozenset[str] = frozenset()
    names: NameIndex = field(default_factory=lambda: NameIndex(()))

    def contact(self) -> Contact | None:
        """The recipient's record, if the account has it."""
        return next((contact for contact in self.account.contacts if contact.contact_id == self.to_contact_id), None)


def audience(
    account: Account, contact_id: str, masker: Masker, accounts: Sequence[Account] | NameIndex
) -> DraftAudience:
    """The audience of a draft to one contact; only the recipient's and the owner's placeholders are allowed."""
    allowed: set[str] = set()
    for handle, fields in _handles(account, contact_id, masker):
        allowed |= {f"[[{handle}.{name}]]" for name in fields}
    names = accounts if isinstance(accounts, NameIndex) else NameIndex(accounts)
    return DraftAudience(
        account=account, to_contact_id=contact_id, masker=masker, placeholders=frozenset(allowed), names=names
    )


def _handles(account: Account, contact_id: str, masker: Masker) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    if any(contact.contact_id == contact_id for contact in account.contacts):
        found.append((masker.contact(account.account_id, contact_id), ("first_name", "last_name")))
    if account.owner is not None and (account.owner.owner_id or account.owner.email or account.owner.name):
        found.append((masker.owner(account.account_id), ("name", "first_name", "last_name", "email")))
    return found
