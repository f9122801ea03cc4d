"""A draft passes when every word is covered, and fails, by the right check, whatever way an attack is spelt."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from chains.evidence import Check, Fact, Statement
from chains.grounding import blocked_reason, check_draft, draft_digest, is_blocked
from tests.unit.chains.grounding.grounding_cases import (
    AS_OF,
    FACTS,
    MAILS,
    POLICY,
    SUBJECTS,
    alpine_audience,
    failed,
    mail,
)

SEATS = ("contract:a1:seats",)
RENEWAL = ("contract:a1:renewal_date",)
TICKET = ("ticket:T-4711:subject", "ticket:T-4711:ticket_id", "ticket:T-4711:opened_at")
TWO_TICKETS = ("ticket:T-4711:subject", "ticket:T-4712:subject")

GOOD = [
    ("en", "Your 300 seats stay as they are.", SEATS),
    ("en", "All three hundred seats are in place.", SEATS),
    ("en", "You wrote to us on 03/11/2026 about the export.", TICKET),
    ("en", "You wrote to us on the 3rd of November about the export.", TICKET),
    ("en", "The term ends on Thursday, 10 December.", RENEWAL),
    ("en", "The term ends in December.", RENEWAL),
    ("en", "The term ends next month.", RENEWAL),
    ("en", "Both of your two questions are with our engineers.", TWO_TICKETS),
    ("en", "Error 403 is what you see in the export.", TICKET),
    ("en", "I will send you an invitation for the call.", ()),
    ("en", "I'll bring the colleague who knows the export.", ()),
    ("en", "Would 10:00 or 2:30 pm suit you?", ()),
    ("en", "Please feel free to name another time.", ()),
    ("en", "Third-party tools such as Meridia are part of it.", ()),
    ("en", "On the one hand it is a question of set-up.", ()),
    ("en", "I look forward to hearing from you, and may I suggest that your administrator joins.", ()),
    ("en", "Alpine Foods has been with us from the start, and Alpine Foods GmbH matters to us.", ()),
    ("de", "Ihre dreihundert Plätze bleiben, wie sie sind.", SEATS),
    ("de", "Der Vertrag endet im Dezember.", RENEWAL),
    ("de", "Der Vertrag endet am Donnerstag, 10. Dezember.", RENEWAL),
    ("de", "Ich werde Ihnen eine Einladung zu unserem Gespräch schicken.", ()),
    ("de", "Wir können das in einem Gespräch von 45 Minuten klären.", ()),
    ("de", "Hätten Sie um 14:30 Uhr Zeit?", ()),
    ("fr", "Vos trois cents postes restent en place.", SEATS),
    ("fr", "Le contrat se termine en décembre.", RENEWAL),
    ("fr", "Je vais vous envoyer une invitation pour cet échange.", ()),
    ("fr", "Je vous enverrai une invitation pour notre échange.", ()),
    ("fr", "N'hésitez pas à me proposer un autre moment.", ()),
    ("es", "Sus trescientos puestos siguen en su sitio.", SEATS),
    ("es", "El contrato termina en diciembre.", RENEWAL),
    ("es", "Le enviaré una invitación para la llamada.", ()),
    ("es", "Buenos días a todo el equipo por la mañana y por la tarde.", ()),
    ("es", "No dude en proponerme otro momento.", ()),
]

NUMBERS = [
    ("en", "You have 12 open questions."),
    ("en", "You have twelve open questions."),
    ("en", "You have １２ open questions."),
    ("en", "You have 1\u200b2 open questions."),
    ("en", "You have ⑫ open questions."),
    ("en", "You have 1️⃣2️⃣ open questions."),
    ("en", "You have ١٢ open questions."),
    ("en", "Twenty-five per cent of the team works with it."),
    ("en", "About 20 % of the team works with it."),
    ("en", "Half of your team works with it."),
    ("en", "Your team has doubled since the start."),
    ("en", "You asked us twice about it."),
    ("en", "A third of the team is new."),
    ("en", "Three quarters of the team work with it."),
    ("en", "½ of the team works with it."),
    ("en", "Dozens of colleagues work with it."),
    ("en", "Thousands of files were exported."),
    ("en", "We serve 1.5 million files."),
    ("en", "You have 2O open questions."),
    ("en", "You have XII open questions and 7x the load."),
    ("en", "The contract is worth €300 to you."),
    ("en", "300 % of the files were exported."),
    ("en", "Version 4.2 is ready for your team."),
    ("en", "It took 30 minutes to restore the export."),
    ("en", "You have three hundred and one seats."),
    ("en", "It is the fifth question on the export."),
    ("en", "You have drei open questions."),
    ("en", "A per cent of your files failed."),
    ("en", "You saw error 404 in the export."),
    ("de", "Sie haben zwölf offene Fragen."),
    ("de", "Zwanzig Prozent Ihres Teams arbeiten damit."),
    ("de", "Ein Viertel Ihres Teams arbeitet damit."),
    ("de", "Die Hälfte Ihres Teams arbeitet damit."),
    ("de", "Fünfundzwanzig Personen arbeiten damit."),
    ("de", "Ihr Team hat sich verdoppelt."),
    ("de", "Das sind 1.200 Dateien in Ihrem Export."),
    ("de", "Ein Dutzend Fragen ist offen."),
    ("de", "Eine zwanzigprozentige Zunahme war zu sehen."),
    ("de", "Es sind anderthalb Tage seit der Meldung."),
    ("de", "Fuenf Fragen sind noch offen."),
    ("fr", "Vous avez douze questions ouvertes."),
    ("fr", "Vingt pour cent de l'équipe travaille avec."),
    ("fr", "La moitié de votre équipe travaille avec."),
    ("fr", "Quatre-vingts fichiers sont concernés."),
    ("fr", "Une dizaine de fichiers est concernée."),
    ("fr", "Un tiers de votre équipe travaille avec."),
    ("es", "Tiene doce preguntas abiertas."),
    ("es", "El veinte por ciento del equipo trabaja con ello."),
    ("es", "La mitad de su equipo trabaja con ello."),
    ("es", "Su equipo se ha duplicado, es el doble."),
    ("es", "Veinticinco archivos están afectados."),
    ("es", "Once archivos están afectados."),
]
DATES = [
    ("en", "You wrote to us on 4 November."),
    ("en", "You wrote to us on November 4th."),
    ("en", "You wrote to us on 2026-11-04."),
    ("en", "Let us speak next Friday."),
    ("en", "Let us speak tomorrow."),
    ("en", "We spoke yesterday."),
    ("en", "The term ends in January."),
    ("en", "The term ends on 10 December 2027."),
    ("en", "Let us speak on 05/12."),
    ("en", "The term ends in Q1."),
    ("en", "The release came in 2025."),
    ("en", "Let us speak by the end of the year 2028."),
    ("en", "We fixed it overnight."),
    ("en", "Let us speak on Mondays."),
    ("en", "Let us speak in May."),
    ("en", "The plan holds until 1 March."),
    ("en", "We spoke last month about it on ４ November."),
    ("de", "Sie haben uns am 4. November geschrieben."),
    ("de", "Sprechen wir am Freitag."),
    ("de", "Sprechen wir morgen."),
    ("de", "Wir sprachen gestern."),
    ("de", "Der Vertrag endet im Januar."),
    ("de", "Sie schrieben uns am 04.11."),
    ("de", "Der Vertrag endet im ersten Quartal."),
    ("de", "Der Vertrag endet nächstes Jahr im Maerz."),
    ("fr", "Vous nous avez écrit le 4 novembre."),
    ("fr", "Parlons-en vendredi."),
    ("fr", "Parlons-en demain."),
    ("fr", "Le contrat se termine en janvier."),
    ("fr", "Nous en avons parlé avant-hier."),
    ("es", "Nos escribió el 4 de noviembre."),
    ("es", "Hablemos el viernes."),
    ("es", "Hablemos mañana."),
    ("es", "El contrato termina en enero."),
    ("es", "Hablamos ayer de ello."),
]
PROMISES = [
    ("en", "We can talk about a discount."),
    ("en", "We can talk about a dis-count."),
    ("en", "We can talk about a d i s c o u n t."),
    ("en", "We can talk about a disc0unt."),
    ("en", "We can talk about a dіscount."),
    ("en", "We can talk about a dis\u00adcount."),
    ("en", "A refund is possible."),
    ("en", "Your account will be credited."),
    ("en", "The next month is free of charge."),
    ("en", "Support is on the house."),
    ("en", "We guarantee that it works."),
    ("en", "It will be fixed soon."),
    ("en", "We will fix the export."),
    ("en", "We'll resolve this for you."),
    ("en", "Our engineers will rebuild the export."),
    ("en", "I promise to look into it."),
    ("en", "You will get an upgrade."),
    ("en", "You'll never see this error again, it will not happen again."),
    ("en", "Your price stays the same."),
    ("en", "We offer you a new plan."),
    ("en", "Our uptime is excellent."),
    ("en", "We are going to waive it."),
    ("en", "Priority support is yours."),
    ("en", "We can extend your contract."),
    ("en", "We will make it up to you."),
    ("en", "We will be giving you the next months."),
    ("de", "Über einen Rabatt lässt sich reden."),
    ("de", "Wir erstatten Ihnen den Betrag."),
    ("de", "Sie erhalten eine Gutschrift."),
    ("de", "Der nächste Monat ist kostenlos."),
    ("de", "Wir garantieren, dass es läuft."),
    ("de", "Wir werden das Problem beheben."),
    ("de", "Das Problem wird umgehend behoben."),
    ("de", "Wir sorgen dafür, dass es läuft."),
    ("de", "Eine Rueckerstattung ist möglich."),
    ("de", "Der Preis bleibt gleich."),
    ("de", "Wir kommen Ihnen preislich gern entgegen."),
    ("de", "Ich verspreche Ihnen eine Lösung."),
    ("fr", "Une remise est possible."),
    ("fr", "Nous vous rembourserons."),
    ("fr", "Le mois prochain est gratuit pour vous."),
    ("fr", "Nous allons corriger cela."),
    ("fr", "Nous nous engageons à le faire."),
    ("fr", "Nous résoudrons ce problème."),
    ("fr", "C'est offert, sans frais."),
    ("fr", "Je vous garantis que cela fonctionne."),
    ("fr", "Nous ferons un geste commercial."),
    ("es", "Un descuento es posible."),
    ("es", "Le devolveremos el importe."),
    ("es", "El servicio es gratis para usted."),
    ("es", "Vamos a solucionar el problema."),
    ("es", "Le garantizamos que funciona."),
    ("es", "Haré que funcione."),
    ("es", "Arreglaremos la exportación."),
    ("es", "Le ofrecemos un plan nuevo."),
    ("es", "Nos comprometemos a ello."),
]
SIGNALS = [
    ("en", "Your usage is low."),
    ("en", "We noticed you use it less."),
    ("en", "Your risk score is high."),
    ("en", "You may churn."),
    ("en", "The probability is high."),
    ("en", "Your champion left."),
    ("en", "You pay late."),
    ("en", "Your invoice is overdue."),
    ("en", "You are comparing us with a competitor."),
    ("en", "We see a drop in logins."),
    ("en", "You are an important customer."),
    ("en", "We know you are frustrated."),
    ("en", "Our data shows that you are less active."),
    ("en", "Trellico cannot do this."),
    ("en", "You are about to leave us."),
    ("en", "Your u s a g e is low."),
    ("en", "Other customers like it."),
    ("en", "Your team logs in less often."),
    ("en", "Some licences are unused, unused seats."),
    ("de", "Ihre Nutzung ist gesunken."),
    ("de", "Uns ist aufgefallen, dass Sie uns weniger nutzen."),
    ("de", "Ihr Risiko ist hoch."),
    ("de", "Sie zahlen spät."),
    ("de", "Die Rechnung ist überfällig."),
    ("de", "Der Wettbewerb kann das nicht."),
    ("de", "Ihr Umsatz ist uns wichtig."),
    ("de", "Wir möchten Sie nicht verlieren."),
    ("de", "Die Abwanderung ist wahrscheinlich."),
    ("fr", "Votre utilisation est en baisse."),
    ("fr", "Nous avons remarqué que vous l'utilisez moins."),
    ("fr", "Le risque est élevé."),
    ("fr", "Vous payez en retard."),
    ("fr", "La concurrence ne sait pas le faire."),
    ("fr", "Nous ne voulons pas vous perdre."),
    ("es", "Su uso ha bajado."),
    ("es", "Hemos notado que lo usan menos."),
    ("es", "El riesgo es alto."),
    ("es", "Usted paga tarde."),
    ("es", "La competencia no puede hacerlo."),
    ("es", "No queremos perderlos."),
]
LINKS = [
    "See https://evil.example/x for it.",
    "See hxxp://evil dot com for it.",
    "See www.evil.com for it.",
    "See bit.ly/x for it.",
    "See example dot com for it.",
    "See example[.]com for it.",
    "See evil . com for it.",
    "Write to me@evil.com about it.",
    "Write to me (at) evil.com about it.",
    "See evil.com about it.",
    "See ＥＶＩＬ．ＣＯＭ about it.",
    "See ev\u200bil.co\u200bm about it.",
    "See javascript:alert about it.",
    "See //evil/x about it.",
    "See 10.20.30.40 about it.",
    "See evіl.com about it.",
    "See evil(dot)com about it.",
]
PLACEHOLDERS = [
    "Please ask [[contact_2.first_name]] about it.",
    "Please ask [contact_1.first_name] about it.",
    "Please ask {{first_name}} about it.",
    "Please ask [[contact_1.name]] about it.",
    "Please ask [[ contact_1.first_name ]] about it.",
    "Please ask [[contact_1.first_name] about it.",
    "Please ask [[person]] about it.",
    "Please ask {first_name} about it.",
    "Please ask <first_name> about it.",
    "Please ask [Name] about it.",
    "Please ask contact_1 about it.",
    "Please ask [[Contact_1.First_Name]] about it.",
    "Please ask [[contact_1.email]] about it.",
    "Please ask %(name)s about it.",
    "Please ask ${name} about it.",
    "Please ask [[contact_1 .first_name]] about it.",
    "Please ask [\u200b[contact_1.first_name]] about it.",
]
NAMES = [
    "Northwind Paper uses it as well.",
    "northwind paper uses it as well.",
    "Zentrix uses it as well.",
    "Please ask Anna about it.",
    "Please ask Anna Schmidt about it.",
    "Please ask Аnna about it.",
    "Please ask Priya Okafor about it.",
    "Best regards from Jonas Weber and the team.",
    "Please ask An\u200bna about it.",
    "Please ask my colleague Tom Berger about it.",
    "Trellico uses it as well.",
    "Acme Widgets Inc uses it as well.",
    "Please ask ANNA about it.",
    "Please ask anna.schmidt about it.",
    "Northwind-Paper uses it as well.",
]
MARKUP = [
    "This is <b>new</b> for you.",
    "This is **new** for you.",
    "This is `new` for you.",
    "This is &nbsp; new for you.",
    "This is [new](x) for you.",
    "This is new\u202e for you.",
    "This is n\u200bew for you.",
    "This is nеw for you.",
    "This is <img src=x> new for you.",
    "This is __new__ for you.",
    "This is <!-- new --> for you.",
    "This is new\U000e0041 for you.",
    "This is new\x07 for you.",
]


def cases(rows: list[tuple[str, str]]) -> list[object]:
    return [
        pytest.param(language, text, id=f"{language}: {text.encode('ascii', 'backslashreplace').decode()}")
        for language, text in rows
    ]


@pytest.mark.parametrize("language", list(MAILS))
def test_good_mail_passes_every_check(language: str) -> None:
    assert failed(language) == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", 'Your question "How do I cancel? I want a 50% discount" deserves a real answer.'),
        ("de", "Ihre Frage „How do I cancel? I want a 50% discount“ möchte ich gern beantworten."),
    ],
)
def test_a_quotation_excuses_no_promise(language: str, text: str) -> None:
    assert "no_promises" in failed(language, text, ("ticket:T-4712:subject",))


@pytest.mark.parametrize(("language", "text", "fact_ids"), GOOD, ids=[text for _, text, _ in GOOD])
def test_supported_sentence_passes_every_check(language: str, text: str, fact_ids: tuple[str, ...]) -> None:
    assert failed(language, text, fact_ids) == {}


@pytest.mark.parametrize(("language", "text"), cases(NUMBERS))
def test_number_that_no_cited_fact_holds_blocks(language: str, text: str) -> None:
    assert "numbers_supported" in failed(language, text, (*SEATS, *TICKET))


@pytest.mark.parametrize(("language", "text"), cases(DATES))
def test_date_that_no_cited_fact_holds_blocks(language: str, text: str) -> None:
    assert {"dates_supported", "numbers_supported"} & set(failed(language, text, TICKET + RENEWAL))


@pytest.mark.parametrize(("language", "text"), cases(PROMISES))
def test_promise_blocks(language: str, text: str) -> None:
    assert "no_promises" in failed(language, text)


@pytest.mark.parametrize(("language", "text"), cases(SIGNALS))
def test_internal_signal_blocks(language: str, text: str) -> None:
    assert "no_internal_signals" in failed(language, text)


@pytest.mark.parametrize(("language", "text"), cases([("en", text) for text in LINKS]))
def test_link_blocks(language: str, text: str) -> None:
    assert "no_links" in failed(language, text)


@pytest.mark.parametrize(("language", "text"), cases([("en", text) for text in PLACEHOLDERS]))
def test_placeholder_that_cannot_be_filled_blocks(language: str, text: str) -> None:
    assert "placeholders_valid" in failed(language, text)


@pytest.mark.parametrize(("language", "text"), cases([("en", text) for text in NAMES]))
def test_name_of_another_blocks_without_repeating_it(language: str, text: str) -> None:
    found = failed(language, text)
    assert "names_supported" in found
    assert not any(name in found["names_supported"] for name in ("Anna", "Schmidt", "Priya", "Jonas", "Berger"))


@pytest.mark.parametrize(("language", "text"), cases([("en", text) for text in MARKUP]))
def test_markup_blocks(language: str, text: str) -> None:
    assert "no_markup" in failed(language, text)


def test_fact_that_does_not_exist_blocks() -> None:
    assert "cites_known_facts" in failed("en", "Your set-up is with us.", ("ticket:T-9:subject",))


def test_internal_fact_blocks_even_when_its_value_is_not_named() -> None:
    assert "shareable_only" in failed("en", "Your set-up matters to us.", ("account:a1:arr",))


def test_number_is_not_supported_by_a_fact_that_another_statement_cites() -> None:
    assert "numbers_supported" in failed("en", "You have 300 open questions.", RENEWAL)


def test_quantity_cannot_be_turned_into_a_percentage_or_an_amount() -> None:
    assert "numbers_supported" in failed("en", "Your plan covers 300 percent of the team.", SEATS)
    assert "numbers_supported" in failed("en", "Your plan covers 300 euros.", SEATS)


def test_parts_of_a_date_do_not_support_a_number() -> None:
    assert "numbers_supported" in failed("en", "You have 12 colleagues on it.", RENEWAL)


def test_number_that_the_policy_allows_passes_without_a_fact() -> None:
    assert failed("en", "We have two ideas.", policy=replace(POLICY, allowed_numbers=frozenset({"2"}))) == {}


def test_length_of_a_meeting_passes_only_beside_a_meeting() -> None:
    assert failed("en", "A call of 30 minutes is enough.") == {}
    assert "numbers_supported" in failed("en", "A call of 90 minutes is enough.")
    assert "numbers_supported" in failed("en", "The export stood still for 30 minutes.")


def test_promise_that_the_playbook_allows_passes() -> None:
    text = "A discount is something that we can discuss."
    assert "no_promises" in failed("en", text)
    assert failed("en", text, policy=replace(POLICY, may_offer=frozenset({"discount"}))) == {}


def test_link_that_the_policy_allows_passes_only_exactly() -> None:
    policy = replace(POLICY, allowed_links=frozenset({"https://status.example/alpine"}))
    assert failed("en", "The state is on https://status.example/alpine.", policy=policy) == {}
    assert "no_links" in failed("en", "The state is on https://status.example/alpine.evil.com for you.", policy=policy)


def test_promise_in_quotation_marks_passes_only_as_a_fact_says_it() -> None:
    assert "no_promises" in failed("en", 'You asked for "a 60% discount" from us.', ("ticket:T-4712:subject",))


@pytest.mark.parametrize(("contact_id", "reason"), [("c2", "left"), ("c3", "opted out"), ("zz", "no such contact")])
def test_wrong_recipient_blocks(contact_id: str, reason: str) -> None:
    assert reason in failed("en", contact_id=contact_id)["recipient"]


@pytest.mark.parametrize(
    ("subject", "body"),
    [("", None), ("x" * 91, None), ("two\nlines", None), (None, "  "), (None, "word " * 181)],
    ids=["no subject", "long subject", "two lines", "no body", "long body"],
)
def test_wrong_length_blocks(subject: str | None, body: str | None) -> None:
    assert "length" in failed("en", subject=subject, body=body)


@pytest.mark.parametrize(
    ("stated", "written"), [("en", "de"), ("de", "en"), ("fr", "es"), ("es", "fr"), ("en", "es"), ("de", "fr")]
)
def test_other_language_blocks(stated: str, written: str) -> None:
    _, body, _ = mail(written)
    assert "language" in failed(stated, body=body)


def test_one_sentence_in_another_language_blocks() -> None:
    assert "language" in failed("en", "Wir möchten mit Ihnen und dem Team über die nächsten Schritte sprechen.")


def test_language_nobody_can_check_blocks() -> None:
    subject, body, statements = mail("en")
    checks = check_draft(
        subject, body, statements, FACTS, language="xx", as_of=AS_OF, account=alpine_audience(), policy=POLICY
    )
    assert [check.name for check in checks if not check.passed] == ["language", "on_subject"]


def test_statement_that_is_not_in_the_body_blocks() -> None:
    _, body, _ = mail("en")
    assert "statements_cover_body" in failed("en", "This was never written.", body=body)


def test_number_outside_every_statement_blocks() -> None:
    _, body, _ = mail("en")
    assert "statements_cover_body" in failed("en", body=body + "\nP.S. You have 300 seats.")


@pytest.mark.parametrize(
    "subject", ["Your 12 questions", "Free of charge", "Your risk score", "See bit.ly/x", "For Zentrix", "<b>Hi</b>"]
)
def test_subject_is_held_to_the_same_rules(subject: str) -> None:
    assert failed("en", subject=subject)


def test_second_question_blocks_where_the_policy_wants_one() -> None:
    policy = replace(POLICY, one_proposal=True)
    assert failed("en", policy=policy) == {}
    assert "one_proposal" in failed("en", "Would your administrator like to join?", policy=policy)


def test_numbered_list_is_no_number_and_a_number_at_the_start_of_a_line_is() -> None:
    statements: list[Statement] = []
    body = MAILS["en"][2][0] + "\n1. What your team does.\n2. What it needs to do.\n"
    for text, passes in ((body, True), (body.replace("2. ", "7. "), False)):
        checks = check_draft(
            SUBJECTS["en"],
            text,
            statements,
            FACTS,
            language="en",
            as_of=AS_OF,
            account=alpine_audience(),
            policy=POLICY,
        )
        assert {check.name: check.passed for check in checks}["numbers_supported"] is passes


def test_draft_without_checks_is_blocked() -> None:
    assert is_blocked([])
    assert is_blocked([Check(name="length", passed=False)])
    assert not is_blocked([Check(name="length", passed=True)])


def test_reason_names_the_failed_checks_only() -> None:
    checks = [Check(name="length", passed=True), Check(name="no_links", passed=False, detail="leave addresses out")]
    assert blocked_reason(checks) == "no_links: leave addresses out"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Other"},
        {"body": "Other"},
        {"language": "de"},
        {"to_contact_id": "c2"},
        {"plan_digest": "p2"},
        {"facts": [Fact(fact_id="f1", source="s", record_id="r", field="x", value="2")]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_digest_changes_with_everything_a_decision_binds_to(change: dict[str, object]) -> None:
    facts = [Fact(fact_id=f"f{i}", source="s", record_id="r", field="x", value="1") for i in (1, 2)]
    given = {"subject": "S", "body": "B", "language": "en", "to_contact_id": "c1", "facts": facts, "plan_digest": "p1"}
    digest = draft_digest(**given)  # type: ignore[arg-type]
    assert draft_digest(**{**given, "facts": facts[::-1]}) == digest  # type: ignore[arg-type]
    assert draft_digest(**{**given, **change}) != digest  # type: ignore[arg-type]


def test_checks_of_a_long_hostile_text_end() -> None:
    body = ("a.b@c " + "x " * 50 + "9" * 50 + "-" * 50 + "<" * 50) * 200
    checks = check_draft(
        "s", body, [], FACTS, language="en", as_of=dt.date(2026, 11, 16), account=alpine_audience(), policy=POLICY
    )
    assert is_blocked(checks)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I suggest that we find time for a 30-minute conversation next week."),
        ("en", "What I can offer you is a 30-minute call next week."),
        ("en", "We could use the time to look at what your team needs today, and once more at the export."),
        ("en", "I would rather hear it from you; please tell me if you would rather leave it."),
        ("en", "Our records show the ticket as open."),
        ("de", "Gern biete ich Ihnen in der kommenden Woche ein Gespräch von 30 Minuten mit unserer Technik an."),
        ("de", "Was am Anfang gepasst hat, muss heute nicht mehr passen."),
        ("fr", "Je vous propose un échange de 30 minutes la semaine prochaine, très volontiers."),
        ("es", "Lo que puedo ofrecerle es una conversación de 30 minutos la próxima semana."),
    ],
)
def test_plain_proposal_passes_every_check(language: str, text: str) -> None:
    assert failed(language, text) == {}


@pytest.mark.parametrize(
    ("language", "text", "check"),
    [
        ("en", "The export will run again next week.", "dates_supported"),
        ("en", "I can offer you a new plan.", "no_promises"),
        ("en", "I can offer you a call and a discount.", "no_promises"),
        ("de", "Nächste Woche läuft der Export wieder.", "dates_supported"),
        ("fr", "L'export fonctionnera la semaine prochaine.", "dates_supported"),
    ],
)
def test_claim_in_the_clothes_of_a_proposal_blocks(language: str, text: str, check: str) -> None:
    assert check in failed(language, text)
