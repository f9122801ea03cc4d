"""To whom a mail may go: a present contact who has not opted out, by role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.records import Account, Contact

_RANKS: Mapping[str, int] = {
    "champion": 0,
    "executive_sponsor": 1,
    "administrator": 2,
    "power_user": 3,
    "procurement": 5,
}
_UNKNOWN_RANK = 4


@dataclass(frozen=True)
class RecipientChoice:
    """The contact chosen, or none; `reason` names nobody."""

    contact: Contact | None
    reason: str


def choose_recipient(account: Account, as_of: dt.date) -> RecipientChoice:
    """The contact in the best role who is there, may be written to and can be reached; none with the reason."""
    if not account.contacts:
        return RecipientChoice(None, "no contact is known")
    present = [c for c in account.contacts if c.left_on is None or c.left_on > as_of]
    if not present:
        return RecipientChoice(None, "every known contact has left")
    willing = [c for c in present if c.email_opt_out is not True]
    if not willing:
        return RecipientChoice(None, "every present contact has opted out of e-mail")
    reachable = [c for c in willing if c.contact_id or c.email]
    if not reachable:
        return RecipientChoice(None, "no present contact has an id or an e-mail address")
    best = min(reachable, key=lambda c: (_rank(c), not c.email, not c.contact_id, c.contact_id))
    role = _role(best).replace("_", " ") or "contact without a stated role"
    passed_over = len(account.contacts) - len(reachable)
    note = f"; {passed_over} not to be written to" if passed_over else ""
    return RecipientChoice(best, f"{role}, the best role among those who can be written to{note}")


def _role(contact: Contact) -> str:
    return contact.role.strip().casefold().replace(" ", "_").replace("-", "_")


def _rank(contact: Contact) -> int:
    return _RANKS.get(_role(contact), _UNKNOWN_RANK)
