"""The built-in ticket reader: sentiment, intent to leave and topic of a support ticket, without a model."""

from chains.churn.tickets.reader import read_ticket, read_tickets
from chains.churn.tickets.reading import LANGUAGES, TOPICS, TicketReading

__all__ = ["LANGUAGES", "TOPICS", "TicketReading", "read_ticket", "read_tickets"]
