"""Everyday tickets whose wording resembles talk of leaving, hints that name no price, and wishes beside the matter."""

from __future__ import annotations

import pytest

from chains.churn.tickets import read_ticket

NOT_ABOUT_LEAVING = [
    ("a technical mismatch", "The signature no longer matches for one in ten events. Do you sign the raw bytes?"),
    ("a technical mismatch", "Since the update the total no longer covers all rows."),
    (
        "one surface gives way to another",
        "Most of our people will no longer open the web interface, they use your API.",
    ),
    (
        "one surface gives way to another",
        "Wir holen die Zahlen über Ihre API, die Oberfläche werden nur noch wenige nutzen.",
    ),
    ("a difference in figures", "In der Grafik stehen rund zwei Prozent weniger als in der Tabelle."),
    ("announcing something else", "Hiermit kündigen wir an, dass wir im Mai umziehen."),
    ("announcing something else", "We hereby give notice of our new billing address."),
]
HINTS = [
    ("a trial of a rival", "We have been running a pilot with Zenlytic and the first results are convincing."),
    ("a trial of a rival", "Unser Team testet seit Wochen Zenlytic, und die ersten Ergebnisse überzeugen."),
    ("before a decision", "Before management decides: what could you offer us on price?"),
    ("before a decision", "Bevor die Geschäftsleitung entscheidet: Was könnten Sie uns beim Preis anbieten?"),
    ("shown by a rival", "We were shown how quickly Zenlytic takes over data from your exports."),
    ("bids invited", "Notre service achats met plusieurs fournisseurs en concurrence cette année."),
    ("options reviewed", "We are reviewing our options. What are the notice terms? Thanks for the good cooperation."),
    (
        "options reviewed",
        "Derzeit prüfen wir unsere Möglichkeiten. Welche Kündigungsfristen gelten? "
        "Für die gute Zusammenarbeit bedanke ich mich.",
    ),
    ("options reviewed", "Estamos valorando distintas alternativas. ¿Cuál es el plazo de preaviso?"),
    ("a date asked for", "Our purchasing will compare a few providers. What is the latest date for giving notice?"),
    ("one vendor wished for", "As the board wants to consolidate our tools, would a shorter extension be possible?"),
    ("the price of support doubted", "Mein Vorgesetzter fragt inzwischen, wofür wir den Supportvertrag bezahlen."),
]
FEWER_SEATS = [
    ("Reducing our seats", "Following a reorganisation we need about 14 fewer seats."),
    ("Lizenzen reduzieren", "Nach einer Umstrukturierung benötigen wir etwa 14 Lizenzen weniger."),
    ("Réduction du nombre de licences", "Il nous faudrait environ 14 licences de moins."),
    ("Reducir el número de licencias", "Tras una reorganización necesitamos unas 14 licencias menos."),
]
NO_CALLS = [
    "Please do not call us about this case.",
    "We would prefer not to be called.",
    "Bitte rufen Sie uns nicht an.",
    "Bitte sehen Sie von Anrufen ab.",
    "Inutile de nous appeler.",
    "Merci de ne pas nous appeler.",
    "Por favor, no nos llamen.",
    "No hace falta que nos llamen.",
]
CALLS_WELCOME = [
    "Please do not hesitate to call me.",
    "Please do not call the API more than ten times a minute.",
    "You do not call me back when I ask.",
    'Our customer wrote: "please do not call me".',
    "Warum rufen Sie uns nicht an?",
    "Bitte rufen Sie die Schnittstelle nicht so oft auf.",
    "Pourquoi ne nous appelez-vous pas ?",
    "Me molesta que no me llamen.",
]
FORMAL = [
    "We hereby give notice.",
    "Please treat this email as our formal notice of termination.",
    "Hiermit kündigen wir den Vertrag fristgerecht zum 31. März.",
    "Nous vous notifions la résiliation de notre contrat.",
    "Nous vous informons de notre décision de ne pas renouveler le contrat.",
    "Por la presente comunicamos la baja del servicio.",
    "Les comunicamos que hemos decidido no renovar el contrato.",
]
NOT_FORMAL = [
    "We want to cancel our contract.",
    "If nothing changes we will give notice.",
    "We hereby cancel the order 4711.",
    'Our customer wrote: "I hereby give notice".',
    "Wie lang ist die Kündigungsfrist?",
    "Hiermit kündigt unser Mitarbeiter, bitte sperren Sie den Zugang.",
    "Por la presente comunicamos la baja de un usuario.",
]
TOPICS = [
    ("bug", "", "Jede gespeicherte Ansicht springt zurück. Das kostet jeden Morgen Zeit."),
    ("bug", "Totals differ between table and chart", "The table shows 17,503 and the chart a lower figure."),
    ("pricing", "", "Was kostet eine weitere Lizenz?"),
    ("onboarding", "New contact", "My predecessor left and I have taken over the subject. What does it cost?"),
    (
        "onboarding",
        "Neue Ansprechperson bei Delta",
        "Mein Vorgänger hat das Unternehmen verlassen. Was kostet uns das?",
    ),
    ("onboarding", "Nouvel interlocuteur chez Delta", "Mon prédécesseur a quitté la société, je reprends le dossier."),
    ("onboarding", "Nuevo interlocutor en Delta", "La persona que llevaba este tema ya no trabaja con nosotros."),
    ("support_quality", "", "Nous avons changé d'interlocuteur trois fois."),
    ("support_quality", "Dritte Nachfrage", "Das ist nun meine dritte Nachricht."),
    (
        "access",
        "Please transfer the administrator role",
        "The colleague is no longer here. Please make me administrator.",
    ),
    ("contract", "Full export of our data", "Could you provide a full export of everything?"),
    ("bug", "", "The export of the report fails with an error."),
    ("how_to", "¿Cómo programo el envío de un informe?", "¿Dónde se configura la lista?"),
]
CALM = [
    "We would like the Monday report on our server.",
    "One of us lost their phone over the weekend and is locked out.",
    "Nachmittags läuft alles flott.",
    "Leurs comptes existent bien dans notre annuaire.",
    "Por la tarde va bien.",
    "How long do you keep our data? Our legal department is asking.",
]


@pytest.mark.parametrize(("_kind", "body"), NOT_ABOUT_LEAVING)
def test_an_everyday_case_says_nothing_of_leaving(_kind: str, body: str) -> None:
    assert read_ticket("", body).leave_intent < 0.2


@pytest.mark.parametrize(("_kind", "body"), HINTS)
def test_a_hint_without_a_decision_is_heard_as_one(_kind: str, body: str) -> None:
    assert 0.35 <= read_ticket("", body).leave_intent <= 0.6


@pytest.mark.parametrize(("subject", "body"), FEWER_SEATS)
def test_fewer_seats_are_downsizing_and_little_more(subject: str, body: str) -> None:
    read = read_ticket(subject, body)
    assert read.cues == ("downsizing",)
    assert 0.2 < read.leave_intent <= 0.35
    assert read.topic == "contract"


@pytest.mark.parametrize("body", NO_CALLS)
def test_a_wish_for_no_calls_is_a_cue_of_no_weight(body: str) -> None:
    read = read_ticket("", body)
    assert "no_calls" in read.cues
    assert read.leave_intent == 0.0


@pytest.mark.parametrize("body", CALLS_WELCOME)
def test_other_talk_of_calls_is_no_wish_for_none(body: str) -> None:
    assert "no_calls" not in read_ticket("", body).cues


@pytest.mark.parametrize("body", FORMAL)
def test_a_formal_notice_is_named_beside_the_cancellation(body: str) -> None:
    read = read_ticket("", body)
    assert {"formal_notice", "cancellation"} <= set(read.cues)
    assert read.leave_intent >= 0.85


@pytest.mark.parametrize("body", NOT_FORMAL)
def test_talk_of_a_notice_is_not_a_formal_one(body: str) -> None:
    assert "formal_notice" not in read_ticket("", body).cues


def test_a_formal_notice_taken_back_is_none() -> None:
    read = read_ticket("", "We hereby give notice. Sorry, please disregard the notice: we are staying with you.")
    assert "formal_notice" not in read.cues
    assert read.leave_intent < 0.3


def test_a_refusal_to_renew_is_no_promise_to_stay() -> None:
    read = read_ticket("No renovaremos el contrato", "")
    assert "staying" not in read.cues
    assert read.leave_intent >= 0.9


def test_data_kept_after_the_end_of_a_contract_is_asked_about_by_those_who_think_of_leaving() -> None:
    body = "How long do you keep customer data once a contract has ended, and can we get a certificate of deletion?"
    assert read_ticket("", body).leave_intent >= 0.5


@pytest.mark.parametrize(("topic", "subject", "body"), TOPICS)
def test_the_topic_is_what_the_ticket_is_about(topic: str, subject: str, body: str) -> None:
    assert read_ticket(subject, body).topic == topic


@pytest.mark.parametrize("body", CALM)
def test_a_calm_text_is_read_as_calm(body: str) -> None:
    assert -0.2 <= read_ticket("", body).sentiment <= 0.1


@pytest.mark.parametrize(
    "body", ["We will not release the payment until this is settled.", "El importe no corresponde a lo acordado."]
)
def test_a_disputed_invoice_is_felt(body: str) -> None:
    assert read_ticket("", body).sentiment <= -0.35


@pytest.mark.parametrize(
    "question",
    [
        "How do I add a user?",
        "Where can we invite new colleagues?",
        "Wie lege ich einen neuen Benutzer an?",
        "Wie kann ich Benutzer hinzufügen?",
        "Comment ajouter un utilisateur ?",
        "Comment puis-je inviter des collègues ?",
        "¿Cómo agrego un usuario?",
        "¿Cómo puedo dar de alta a un usuario?",
    ],
)
def test_asking_how_users_are_added_is_a_question_on_working_with_the_product(question: str) -> None:
    assert read_ticket(question, question).topic == "how_to"


@pytest.mark.parametrize(
    "text", ["I cannot log in since Monday.", "How do I reset my password?", "Bitte den Benutzer Max anlegen."]
)
def test_rights_and_sign_in_stay_a_matter_of_access(text: str) -> None:
    assert read_ticket(text, text).topic == "access"
