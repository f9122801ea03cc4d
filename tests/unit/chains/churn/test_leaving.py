"""What a ticket about ending means, and who asked not to be called."""

from __future__ import annotations

import pytest

from chains.churn.leaving import LeavingKind, leaving_kind, with_wishes
from chains.churn.tickets import read_ticket
from chains.churn.tickets.reading import TicketReading
from connectors.records import Ticket


def read(body: str) -> TicketReading:
    """The reading of a ticket with that body, wishes added."""
    one = Ticket(ticket_id="1", subject="Our contract", body=body)
    return with_wishes([read_ticket(one.subject, one.body, "1")], [one])[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("We hereby give notice of termination of our agreement effective 31 December.", "notice"),
        ("Hiermit kündigen wir den Vertrag fristgerecht zum 31.12.2026.", "notice"),
        ("Par la présente, nous résilions notre contrat à compter du 31 décembre.", "notice"),
        ("Por la presente les comunicamos la rescisión del contrato con efecto al 31 de diciembre.", "notice"),
        ("If this is not fixed by Friday we will cancel our contract.", "leaving"),
        ("We are thinking about cancelling our subscription.", "leaving"),
        ("How can we cancel the subscription? What is our notice period?", "leaving"),
        ("We would like to reduce our seats from 300 to 180 at the renewal.", "downsizing"),
        ("The export is slow today.", ""),
    ],
)
def test_a_notice_a_threat_a_question_and_a_wish_for_less_are_told_apart(body: str, kind: LeavingKind) -> None:
    assert leaving_kind(read(body)) == kind


@pytest.mark.parametrize(
    ("body", "wants_none"),
    [
        ("Please do not call.", True),
        ("We would rather have this by mail. Don’t call us about it.", True),
        ("Bitte rufen Sie uns nicht an.", True),
        ("Inutile de nous appeler.", True),
        ("Merci de ne pas nous rappeler.", True),
        ("No nos llamen, por favor.", True),
        ("We do not call the API at night.", False),
        ("Please call us.", False),
        ("Ihr Kollege rief nicht an.", False),
        ("Ustedes nunca nos llaman.", False),
        ("The app calls the wrong number.", False),
    ],
)
def test_a_wish_for_no_calls_is_heard_in_every_language(body: str, wants_none: bool) -> None:
    assert ("no_calls" in read(body).cues) == wants_none
