"""Reasoning about one account: its drivers with their facts, what happened, what weighs, and why in words."""

from __future__ import annotations

import msgspec

from chains.churn.drivers import Explainer
from chains.churn.facts import FactBook
from chains.churn.findings import findings
from chains.churn.leaving import with_wishes
from chains.churn.reasoning import explanation, weighing
from chains.churn.state import Case, ChurnState
from chains.privacy import Masker
from connectors.records import Account, Contact, Owner


def masked_account(account: Account, masker: Masker) -> Account:
    """The account without persons: texts masked, contacts and owner with their ids alone.

    An address that was there stays visible as the placeholder text "on file", so that reachability can be judged.
    """

    def masked(text: str) -> str:
        return masker.mask(text, account.account_id)

    return msgspec.structs.replace(
        account,
        segment=masked(account.segment),
        industry=masked(account.industry),
        country=masked(account.country),
        contacts=[_nameless(contact) for contact in account.contacts],
        owner=Owner(owner_id=account.owner.owner_id) if account.owner else None,
        tickets=[
            msgspec.structs.replace(ticket, subject=masked(ticket.subject), body="") for ticket in account.tickets
        ],
        surveys=[msgspec.structs.replace(survey, comment=masked(survey.comment)) for survey in account.surveys],
    )


def _nameless(contact: Contact) -> Contact:
    on_file = "on file" if contact.email else ""
    return msgspec.structs.replace(contact, first_name="", last_name="", email=on_file, phone="")


def assess_case(row: int, state: ChurnState, explainer: Explainer) -> Case:
    """Everything that can be said of the account at `row` before anything is proposed."""
    retrieved, readings = state["retrieved"], state["readings"]
    original = state["scope"].active[row]
    account = masked_account(original, retrieved.masker)
    book = FactBook(retrieved.systems, lambda text: retrieved.masker.mask(text, account.account_id))
    read = with_wishes(readings.by_row.get(row, ()), original.tickets)
    if state["risks"].abstained[row]:
        return Case(row, account, book, (), read)
    drivers = explainer.drivers(original, row, book, read)
    as_of = state["portfolio"].as_of
    found = findings(account, read, drivers, as_of)
    weighed = weighing(found, drivers, account, as_of)
    return Case(row, account, book, drivers, read, found, weighed, explanation(found, weighed, as_of))
