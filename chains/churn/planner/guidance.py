"""What the planner says when a question lies outside its job."""

from __future__ import annotations

_CAN = (
    "I find customers who may leave, say why, and draft e-mails to them. You can name segments, regions, countries, "
    "industries, owners or single accounts, a time, a least probability or revenue, how many accounts and in which "
    "order, and the language and tone of the drafts."
)
_EXAMPLES = (
    "Which enterprise customers in EMEA are at risk of churn this quarter? Draft an e-mail for each.",
    "Top 10 German accounts renewing in the next 90 days with over 100k ARR, by revenue at risk.",
    "{why}",
)


def help_text(reason: str, account_name: str = "") -> str:
    """A short guide: the reason, what can be asked, and three examples."""
    why = f"Why is {account_name} at risk?" if account_name else "Why is the account named Example Ltd at risk?"
    examples = "\n".join(f"- {example.format(why=why)}" for example in _EXAMPLES)
    return f"{reason} {_CAN}".strip() + f"\nFor example:\n{examples}"


EMPTY = "There is no question to answer yet."
OUTSIDE = "That is outside what I can do: I only read customer data and change nothing in other systems."
ORDER = (
    "Nothing is changed or sent from a question: I only read customer data. Drafts wait until a person approves, "
    "edits, sends or rejects them."
)
FOR_WHOM = "Say for which customers drafts are wanted."
LANGUAGES = "Drafts can be written in English, German, French and Spanish."
UNREADABLE = "I could not find a question about customers in that."
PAST = "Only the future is scored: I can say who may leave from today on, not who has left or stayed."
NO_EARLIER = "There is no earlier answer in this conversation to change."
