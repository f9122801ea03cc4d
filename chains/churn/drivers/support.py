"""Plain words for the signals of support."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

from chains.churn.drivers.case import Case, Read, Told
from chains.churn.signals.readings import WITHIN_DAYS
from chains.churn.signals.tickets import OPEN_WEIGHT, RECENT_DAYS, RESOLUTION_DAYS
from chains.churn.spoken import count
from connectors.records import Ticket

_MAX_CITED = 4
_UNHAPPY_BELOW = -0.15
_HAPPY_FROM = 0.15
_MEANS_LEAVING_FROM = 0.3


def _age_days(case: Case, ticket: Ticket) -> float:
    return (case.now - ticket.opened_at).total_seconds() / 86_400 if ticket.opened_at else 0.0


def _age(case: Case, ticket: Ticket) -> str:
    return count(max((case.as_of - ticket.opened_at.date()).days, 0), "day") if ticket.opened_at else "some time"


def _opened_on(case: Case, ticket: Ticket) -> str:
    return case.day(ticket.opened_at.date()) if ticket.opened_at else "an unknown day"


def _recent(case: Case) -> list[Ticket]:
    return [ticket for ticket in case.tickets if _age_days(case, ticket) <= RECENT_DAYS]


def _cite(case: Case, tickets: list[Ticket]) -> list[str]:
    return [fact for ticket in tickets[:_MAX_CITED] for fact in case.cite_ticket(ticket)]


def load(case: Case, raises: bool) -> Told:
    """Tickets against the account's own habit."""
    recent = _recent(case)
    against = "more" if raises else "fewer"
    text = f"{_opened(len(recent))} in the last {RECENT_DAYS} days, {against} than is usual for this account."
    return Told(text, _cite(case, recent or case.tickets))


def severe(case: Case, raises: bool) -> Told:
    """Tickets of high or critical priority."""
    grave = [ticket for ticket in _recent(case) if ticket.priority in ("high", "critical")]
    recent = _recent(case)
    if grave:
        latest = grave[0].opened_at or case.now
        when = f"{'the latest ' if len(grave) > 1 else ''}on {case.day(latest.date())}"
        text = f"{_opened(len(grave), 'serious ticket')} in the last {RECENT_DAYS} days, {when}."
        return Told(text if raises else f"Only {text}", _cite(case, grave))
    among = f", of {count(len(recent), 'ticket')} in all" if recent else ""
    text = f"No {'serious ' if recent else ''}ticket was opened in the last {RECENT_DAYS} days{among}."
    if not recent and not math.isnan(case.value("ticket_load")):  # It says so already.
        text = "No serious incident was reported lately."
    return Told(text, _cite(case, recent or case.tickets[:1]))


def open_time(case: Case, raises: bool) -> Told:
    """The case that has been open longest, an important one first."""
    waiting = [ticket for ticket in case.tickets if case.is_open(ticket)]
    waiting.sort(key=lambda ticket: -_age_days(case, ticket) * OPEN_WEIGHT.get(ticket.priority, OPEN_WEIGHT[""]))
    if not waiting:
        return Told("No case is open.")
    first = waiting[0]
    grade = f" of {first.priority} priority" if first.priority else ""
    text = f"A case{grade} has been open since {_opened_on(case, first)}, for {_age(case, first)}."
    return Told(text, _cite(case, [first]))


def unanswered(case: Case, raises: bool) -> Told:
    """The case that waits longest for a first answer."""
    waiting = [
        ticket
        for ticket in case.tickets
        if case.is_open(ticket) and (ticket.first_response_at is None or ticket.first_response_at >= case.now)
    ]
    if not waiting:
        return Told("Every open case has had an answer.")
    oldest = waiting[-1]
    text = f"A case opened on {_opened_on(case, oldest)}, {_age(case, oldest)} ago, has had no answer yet."
    return Told(text, _cite(case, [oldest]))


def resolution(case: Case, raises: bool) -> Told:
    """Median days to close."""
    recent = [ticket for ticket in case.tickets if _age_days(case, ticket) <= RESOLUTION_DAYS]
    closed = [ticket for ticket in recent if not case.is_open(ticket)]
    if len(closed) < len(recent):
        return _resolution_so_far(case, recent, raises)
    days = count(max(case.value("resolution_days"), 1), "day")
    text = f"Half of the cases of the last four months took {days} or {'longer' if raises else 'less'} to close."
    return Told(text, _cite(case, closed))


def _resolution_so_far(case: Case, recent: list[Ticket], raises: bool) -> Told:
    """How many cases took how long, where some are open: counted, as nobody knows their median yet."""
    median = case.value("resolution_days")
    if raises:
        some = [ticket for ticket in recent if _days_taken(case, ticket) >= median]
        took, limit = "took", math.floor(min((_days_taken(case, ticket) for ticket in some), default=median))
    else:
        limit = max(math.ceil(median), 1)
        some = [ticket for ticket in recent if not case.is_open(ticket) and _days_taken(case, ticket) <= limit]
        took = "was closed within" if len(some) == 1 else "were closed within"
    of_all, days = f"{len(some)} of the {count(len(recent), 'case')} of the last four months", count(limit, "day")
    so_far = " or longer, counting those still open" if raises else ""
    return Told(f"{of_all} {took} {days}{so_far}.", _cite(case, some))


def _days_taken(case: Case, ticket: Ticket) -> float:
    """Days until the case was closed, or so far."""
    until = case.now if case.is_open(ticket) or ticket.closed_at is None else ticket.closed_at
    return (until - (ticket.opened_at or case.now)).total_seconds() / 86_400


def mood(case: Case, raises: bool) -> Told:
    """How the tickets that were read sound."""
    read = _read(case)
    told = [one for one in read if (one.sentiment < _UNHAPPY_BELOW if raises else one.sentiment > _HAPPY_FROM)]
    text = f"{_sound(len(told), len(read), 'unhappy' if raises else 'content')}."
    return Told(text, _cite(case, [one.ticket for one in told or read]))


def intent(case: Case, raises: bool) -> Told:
    """Tickets that speak of leaving."""
    read = _read(case)
    leaving = sorted(
        (one for one in read if one.leave_intent >= _MEANS_LEAVING_FROM), key=lambda one: one.opened_at, reverse=True
    )
    if not leaving:
        strongest = sorted(read, key=lambda one: -one.leave_intent)[:1]
        return Told(
            "A ticket hints at leaving, without saying so plainly.", _cite(case, [one.ticket for one in strongest])
        )
    if notices := [one for one in leaving if one.kind == "notice"]:
        return _notice(case, notices)
    if all(one.kind == "downsizing" for one in leaving):
        return _less(case, leaving)
    latest = leaving[0]
    is_settled, of_day = not case.is_open(latest.ticket), f"of {case.day(latest.opened_at.date())}"
    if len(leaving) == 1:
        text = f"1 ticket, {of_day}, speaks of leaving or of looking at other products"
        text += "." if is_settled else " and is still open."
    else:
        text = f"{len(leaving)} tickets speak of leaving or of looking at other products, the latest {of_day}"
        text += "." if is_settled else " and still open."
    return Told(text, _cite(case, [one.ticket for one in leaving]))


def _notice(case: Case, notices: list[Read]) -> Told:
    """A notice that was given; whether its ticket is closed changes nothing in it."""
    day = case.day(notices[0].opened_at.date())
    text = f"The customer gave notice of termination on {day}."
    if len(notices) > 1:
        text = f"The customer gave notice of termination in {len(notices)} tickets, the latest of {day}."
    return Told(text, _cite(case, [one.ticket for one in notices]), "Gave notice of termination")


def _less(case: Case, wishes: list[Read]) -> Told:
    day = case.day(wishes[0].opened_at.date())
    text = f"1 ticket, of {day}, asks for fewer seats or a smaller plan."
    if len(wishes) > 1:
        text = f"{len(wishes)} tickets ask for fewer seats or a smaller plan, the latest of {day}."
    return Told(text, _cite(case, [one.ticket for one in wishes]), "Asks for less")


def _read(case: Case) -> list[Read]:
    since = case.now - dt.timedelta(days=WITHIN_DAYS)
    return [one for one in case.read if since <= one.opened_at < case.now]


def _opened(number: int, noun: str = "ticket") -> str:
    return f"{count(number, noun)} {'was' if number == 1 else 'were'} opened" if number else f"No {noun} was opened"


def _sound(some: int, among: int, tone: str) -> str:
    of_all = f"the {count(among, 'ticket')} read" if among != 1 else "the one ticket read"
    if not some:
        return f"Taken together, {of_all} lately sound{'s' if among == 1 else ''} rather {tone}"
    if among == 1:
        return f"The one ticket read lately sounds {tone}"
    return f"Of {of_all} lately, {some} {'sounds' if some == 1 else 'sound'} {tone}"


TELLERS: dict[str, Callable[[Case, bool], Told]] = {
    "ticket_load": load,
    "severe_tickets": severe,
    "open_days": open_time,
    "unanswered_days": unanswered,
    "resolution_days": resolution,
    "ticket_mood": mood,
    "leave_intent": intent,
}
