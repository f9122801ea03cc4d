"""What cannot be right in one account's records, or cannot be compared or understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.canonical import PRIORITY, STATUS
from connectors.records import Account, Contract, Finding, Invoice, Survey, Ticket, UsageWeek

LONGEST_TERM_MONTHS = 600
LONGEST_NOTICE_DAYS = 3_650
USERS_PER_SEAT = 3
"""More users than this for one seat are a mistake; fewer are a customer that uses more than it pays for."""

_STATUSES = frozenset(("", *STATUS.values()))
_PRIORITIES = frozenset(("", *PRIORITY.values()))
# NPS has one scale. Satisfaction and effort are asked on scales up to 5, 7 or 10, or kept in per cent.
_SCALES: Mapping[str, tuple[float, float]] = {"nps": (0, 10), "": (0, 10), "csat": (0, 100), "ces": (0, 100)}


def note(account: Account, code: str, severity: str, message: str, count: int = 1, touches: str = "") -> Finding:
    """A finding about one account; `code` goes without its first part."""
    return Finding(
        severity=severity,
        scope=account.account_id,
        code=f"account.{code}",
        message=message,
        count=count,
        touches=touches,
    )


def doubts(
    account: Account,
    usage: Sequence[UsageWeek],
    tickets: Sequence[Ticket],
    invoices: Sequence[Invoice],
    surveys: Sequence[Survey],
) -> Iterator[Finding]:
    """The defects of an account as it was given, and of its records as they stood on a day."""
    disorder = _out_of_order(account.contract, tickets, invoices)
    if disorder:
        yield note(
            account,
            "order",
            "warning",
            "Dates stand out of order (closed before opened, paid or due before issued, renewal before start).",
            disorder,
        )
    impossible = list(_impossible(account, usage, surveys))
    if impossible:
        counts, touched, reasons = zip(*impossible, strict=True)
        yield note(
            account,
            "impossible",
            "warning",
            f"Values cannot be right: {'; '.join(reasons)}.",
            sum(counts),
            ", ".join(dict.fromkeys(touched)),
        )
    currencies = {i.currency for i in invoices if i.currency}
    if account.annual_recurring_revenue and account.annual_recurring_revenue.currency:
        currencies.add(account.annual_recurring_revenue.currency)
    if len(currencies) > 1:
        yield note(
            account,
            "currencies",
            "warning",
            f"Amounts are in several currencies ({', '.join(sorted(currencies))}) and are not compared.",
            len(currencies),
            "invoices",
        )
    if not usage:
        yield note(account, "no_usage", "warning", "There is no usage data.", touches="usage")
    yield from _unknown_words(account, tickets)


def _out_of_order(contract: Contract | None, tickets: Sequence[Ticket], invoices: Sequence[Invoice]) -> int:
    disorder = sum(1 for t in tickets if t.opened_at and t.closed_at and t.closed_at < t.opened_at)
    disorder += sum(
        1
        for i in invoices
        if i.issued_on and ((i.due_on and i.due_on < i.issued_on) or (i.paid_on and i.paid_on < i.issued_on))
    )
    if contract and contract.start_date and contract.renewal_date and contract.renewal_date < contract.start_date:
        disorder += 1
    return disorder


def _impossible(
    account: Account, usage: Sequence[UsageWeek], surveys: Sequence[Survey]
) -> Iterator[tuple[int, str, str]]:
    """How many values of a kind cannot be, what they touch, and why."""
    if negative := sum(map(_is_negative, usage)):
        yield negative, "usage", "usage counts are negative"
    if crowded := sum(map(_is_crowded, usage)):
        yield crowded, "usage", f"there are more than {USERS_PER_SEAT} users for each licensed seat"
    contract = account.contract
    if contract and (contract.seats or 0) < 0:
        yield 1, "contract", "the number of seats is negative"
    if contract and not 0 <= (contract.term_months or 0) <= LONGEST_TERM_MONTHS:
        yield 1, "contract", "the term is no length of a contract"
    if contract and not 0 <= (contract.notice_days or 0) <= LONGEST_NOTICE_DAYS:
        yield 1, "contract", "the notice period is no length of one"
    if account.annual_recurring_revenue and account.annual_recurring_revenue.amount < 0:
        yield 1, "contract", "the revenue is negative"
    if beyond := sum(map(_is_off_scale, surveys)):
        yield beyond, "surveys", "survey scores lie outside their scale and are not used"


def _is_negative(week: UsageWeek) -> bool:
    counts = (week.active_users, week.licensed_seats, week.key_actions, week.api_calls, week.features_used)
    return any(count is not None and count < 0 for count in counts)


def _is_crowded(week: UsageWeek) -> bool:
    users, seats = week.active_users, week.licensed_seats
    return users is not None and seats is not None and users > USERS_PER_SEAT * seats > 0


def _is_off_scale(survey: Survey) -> bool:
    scale = _SCALES.get(survey.kind)
    return scale is not None and survey.score is not None and not scale[0] <= survey.score <= scale[1]


def _unknown_words(account: Account, tickets: Sequence[Ticket]) -> Iterator[Finding]:
    """Words that stay as they were given and are read as if nothing stood there."""
    if account.status not in _STATUSES:
        yield note(
            account,
            "status_unknown",
            "warning",
            "The status is a word that is not known here; it is read as that of an active customer.",
            touches="contract",
        )
    unknown = sum(ticket.priority not in _PRIORITIES for ticket in tickets)
    if unknown:
        yield note(
            account,
            "priority_unknown",
            "info",
            "Priorities of tickets are words that are not known here; they are read as if none were given.",
            unknown,
            "tickets",
        )
