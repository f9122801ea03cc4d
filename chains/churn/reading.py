"""Recent tickets of accounts, read one by one and laid out as columns for the signals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from chains.churn.signals.readings import WITHIN_DAYS
from chains.churn.tickets import TicketReading, read_ticket
from connectors.records import Account

_COLUMNS = ["row", "ticket_id", "opened_at", "sentiment", "leave_intent", "topic", "resolved"]


def reads_since(as_of: dt.date) -> dt.date:
    """The first day whose tickets still count."""
    return as_of - dt.timedelta(days=WITHIN_DAYS)


def read_recent(account: Account, since: dt.date) -> list[TicketReading]:
    """Readings of the account's tickets opened on or after `since`."""
    return [
        read_ticket(ticket.subject, ticket.body, ticket.ticket_id)
        for ticket in account.tickets
        if ticket.opened_at and ticket.opened_at.date() >= since
    ]


def reading_frame(accounts: Sequence[Account], readings: Mapping[int, Sequence[TicketReading]]) -> pd.DataFrame:
    """The readings as columns: row, ticket_id, opened_at, sentiment, leave_intent, topic, resolved."""
    rows = []
    for row, read in readings.items():
        tickets = {ticket.ticket_id: ticket for ticket in accounts[row].tickets}
        for reading in read:
            ticket = tickets[reading.ticket_id]
            resolved = ticket.closed_at is not None
            rows.append(
                (
                    row,
                    reading.ticket_id,
                    ticket.opened_at,
                    reading.sentiment,
                    reading.leave_intent,
                    reading.topic,
                    resolved,
                )
            )
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame["opened_at"] = pd.to_datetime(frame["opened_at"], utc=True)
    return frame.astype({"row": "int64", "sentiment": "float64", "leave_intent": "float64", "resolved": "bool"})
