from __future__ import annotations

import pytest

from chains.churn.schema import Plan
from tests.unit.chains.churn.planner.plan_questions import Ask, said

IDS = ["C-04", "C-01", "C-07"]
ORDERS = [
    "Delete all drafts", "Send the e-mails", "Please approve the draft for Alpine Foods", "Reject the second draft",
    "Publish the report", "Export this to Excel", "Update the owner of Alpine Foods", "Close the tickets",
    "Cancel the contract with Alpine Foods", "Mark them as contacted", "Assign them to Tom Avery",
    "Schedule a call with Alpine Foods", "Put a call with Alpine Foods in my calendar", "delete them", "remove the drafts",
    "Looks good. Send them.", "great, approve them all", "Can you send the e-mails now?", "send",
    "How do I approve the drafts?", "have the e-mails been sent?", "Send an email to all at-risk customers",
    "send the e-mails to all customers at risk in Germany", "Send the list to Tom", "delete Alpine Foods",
    "send number 1 to the customer", "email the list to my boss", "Approve the e-mail to Blue Energy and send it",
    "Send Alpine Foods an email", "stop the e-mails", "which drafts are waiting for approval?", "did you send them?",
    "E-Mail an Alpine Foods schicken", "Lösche alle Entwürfe", "Alle Entwürfe löschen", "Kannst du die E-Mails bitte senden?", "Gib die Entwürfe frei",
    "Genehmige den Entwurf für Alpine Foods", "Schließe das Ticket", "Plane einen Anruf mit Alpine Foods",
    "Supprime tous les brouillons", "Peux-tu envoyer les e-mails ?", "Approuve le brouillon", "Mets à jour le statut",
    "Envía los correos", "Borra todos los borradores", "Aprueba el borrador", "Programa una llamada con Alpine Foods",
]  # fmt: skip


@pytest.mark.parametrize("question", ORDERS)
@pytest.mark.parametrize("follows", [False, True], ids=["alone", "follow-up"])
def test_order_to_change_or_send_gets_help_and_does_nothing(ask: Ask, question: str, follows: bool) -> None:
    earlier: Plan | None = ask("Enterprise customers in EMEA at risk, with drafts") if follows else None
    plan = ask(question, earlier, IDS if follows else ())
    assert said(plan) == {"intent": "help"}
    assert "Nothing is changed or sent" in plan.help_text and "Drafts wait" in plan.help_text
    assert plan.help_text.count("\n- ") == 3


@pytest.mark.parametrize(
    "question",
    [
        "Send me the list of customers at risk", "send us the at-risk accounts", "Send an overview of at-risk accounts",
        "schick mir die Liste der gefährdeten Kunden", "envoie-moi la liste des clients à risque",
        "envíame la lista de clientes en riesgo", "Which customers will cancel their contracts?",
        "Cancelling customers", "save our accounts at risk", "who should I email first?",
    ],
)  # fmt: skip
def test_question_that_only_sounds_like_an_order_is_a_list_without_drafts(ask: Ask, question: str) -> None:
    assert said(ask(question)) == {"min_probability": 0.3}


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("write and send an e-mail to each at-risk customer", ["send"]),
        ("draft e-mails for at-risk customers and send them", ["send them"]),
        ("Draft emails and send to all at-risk customers", ["send"]),
        ("schreibe und sende eine E-Mail an jeden gefährdeten Kunden", ["sende"]),
        ("rédige et envoie un e-mail à chaque client à risque", ["envoie"]),
        ("Create drafts for all at-risk accounts", []),
        ("escribe y envía un correo a cada cliente en riesgo", ["envía"]),
    ],
)
def test_write_and_send_drafts_and_says_that_nothing_is_sent(ask: Ask, question: str, left: list[str]) -> None:
    plan = ask(question)
    assert (plan.intent, plan.min_probability, plan.want_drafts, plan.unanswered) == ("list", 0.3, True, left)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Delete all drafts. Which customers are at risk?", ["Delete all drafts"]),
        ("Which customers are at risk? Send the drafts.", ["Send the drafts"]),
        ("Show at-risk accounts and send the e-mails", ["send the e-mails"]),
    ],
)
def test_order_beside_a_question_is_unanswered_and_drafts_nothing(ask: Ask, question: str, left: list[str]) -> None:
    assert said(ask(question)) == {"min_probability": 0.3, "unanswered": left}


@pytest.mark.parametrize("question", ["draft emails", "email them now", "update the drafts to be shorter"])
def test_drafts_for_nobody_named_are_not_written_for_everybody(ask: Ask, question: str) -> None:
    assert ask(question).intent == "help"


@pytest.mark.parametrize(
    "question", ["remove Blue Energy", "remove the first one", "delete the first one from the list"]
)
def test_account_taken_off_the_list_is_no_order(ask: Ask, question: str) -> None:
    plan = ask(question, ask("Enterprise customers in EMEA at risk"), IDS)
    assert (plan.intent, plan.filters.account_ids) == ("list", ["C-01", "C-07"])
