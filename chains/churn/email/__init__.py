"""The built-in writer: to whom, about what, in which words."""

from chains.churn.email.parties import EmailBrief, EmailOptions, Recipient, Sender
from chains.churn.email.recipient import RecipientChoice, choose_recipient
from chains.churn.email.story import Story, tell
from chains.churn.email.writer import letter_frame, write_email

__all__ = [
    "EmailBrief",
    "EmailOptions",
    "Recipient",
    "RecipientChoice",
    "Sender",
    "Story",
    "choose_recipient",
    "letter_frame",
    "tell",
    "write_email",
]
