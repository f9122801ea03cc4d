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
    ("en", "Your question \"How do I cancel? I want a 50% discount\" deserves a real answer.", ("ticket:T-4712:subject",)),
    ("en", "Alpine Foods has been with us from the start, and Alpine Foods GmbH matters to us.", ()),
    ("de", "Ihre dreihundert Plätze bleiben, wie sie sind.", SEATS),
    ("de", "Der Vertrag endet im Dezember.", RENEWAL),
    ("de", "Der Vertrag endet am Donnerstag, 10. Dezember.", RENEWAL),
    ("de", "Ich werde Ihnen eine Einladung zu unserem Gespräch schicken.", ()),
    ("de", "Wir können das in einem Gespräch von 45 Minuten klären.", ()),
    ("de", "Hätten Sie um 14:30 Uhr Zeit?", ()),
    ("de", "Ihre Frage „How do I cancel? I want a 50% discount“ möchte ich gern beantworten.", ("ticket:T-4712:subject",)),
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
    ("en", "You have 12 open questions."), ("en", "You have twelve open questions."), ("en", "You have １２ open questions."),
    ("en", "You have 1\u200b2 open questions."), ("en", "You have ⑫ open questions."), ("en", "You have 1️⃣2️⃣ open questions."),
    ("en", "You have ١٢ open questions."), ("en", "Twenty-five per cent of the team works with it."),
    ("en", "About 20 % of the team works with it."), ("en", "Half of your team works with it."),
    ("en", "Your team has doubled since the start."), ("en", "You asked us twice about it."), ("en", "A third of the team is new."),
    ("en", "Three quarters of the team work with it."), ("en", "½ of the team works with it."), ("en", "Dozens of colleagues work with it."),
    ("en", "Thousands of files were exported."), ("en", "We serve 1.5 million files."), ("en", "You have 2O open questions."),
    ("en", "You have XII open questions and 7x the load."), ("en", "The contract is worth €300 to you."), ("en", "300 % of the files were exported."),
    ("en", "Version 4.2 is ready for your team."), ("en", "It took 30 minutes to restore the export."),
    ("en", "You have three hundred and one seats."), ("en", "It is the fifth question on the export."),
    ("en", "You have drei open questions."), ("en", "A per cent of your files failed."), ("en", "You saw error 404 in the export."),
    ("de", "Sie haben zwölf offene Fragen."), ("de", "Zwanzig Prozent Ihres Teams arbeiten damit."), ("de", "Ein Viertel Ihres Teams arbeitet damit."),
    ("de", "Die Hälfte Ihres Teams arbeitet damit."), ("de", "Fünfundzwanzig Personen arbeiten damit."), ("de", "Ihr Team hat sich verdoppelt."),
    ("de", "Das sind 1.200 Dateien in Ihrem Export."), ("de", "Ein Dutzend Fragen ist offen."), ("de", "Eine zwanzigprozentige Zunahme war zu sehen."),
    ("de", "Es sind anderthalb Tage seit der Meldung."), ("de", "Fuenf Fragen sind noch offen."),
    ("fr", "Vous avez douze questions ouvertes."), ("fr", "Vingt pour cent de l'équipe travaille avec."), ("fr", "La moitié de votre équipe travaille avec."),
    ("fr", "Quatre-vingts fichiers sont concernés."), ("fr", "Une dizaine de fichiers est concernée."), ("fr", "Un tiers de votre équipe travaille avec."),
    ("es", "Tiene doce preguntas abiertas."), ("es", "El veinte por ciento del equipo trabaja con ello."), ("es", "La mitad de su equipo trabaja con ello."),
    ("es", "Su equipo se ha duplicado, es el doble."), ("es", "Veinticinco archivos están afectados."), ("es", "Once archivos están afectados."),
]
DATES = [
    ("en", "You wrote to us on 4 November."), ("en", "You wrote to us on November 4th."), ("en", "You wrote to us on 2026-11-04."),
    ("en", "Let us speak next Friday."), ("en", "Let us speak tomorrow."), ("en", "We spoke yesterday."), ("en", "The term ends in January."),
    ("en", "The term ends on 10 December 2027."), ("en", "Let us speak on 05/12."), ("en", "The term ends in Q1."), ("en", "The release came in 2025."),
    ("en", "Let us speak by the end of the year 2028."), ("en", "We fixed it overnight."), ("en", "Let us speak on Mondays."), ("en", "Let us speak in May."),
    ("en", "The plan holds until 1 March."), ("en", "We spoke last month about it on ４ November."),
    ("de", "Sie haben uns am 4. November geschrieben."), ("de", "Sprechen wir am Freitag."), ("de", "Sprechen wir morgen."), ("de", "Wir sprachen gestern."),
    ("de", "Der Vertrag endet im Januar."), ("de", "Sie schrieben uns am 04.11."), ("de", "Der Vertrag endet im ersten Quartal."), ("de", "Der Vertrag endet nächstes Jahr im Maerz."),
    ("fr", "Vous nous avez écrit le 4 novembre."), ("fr", "Parlons-en vendredi."), ("fr", "Parlons-en demain."), ("fr", "Le contrat se termine en janvier."), ("fr", "Nous en avons parlé avant-hier."),
    ("es", "Nos escribió el 4 de noviembre."), ("es", "Hablemos el viernes."), ("es", "Hablemos mañana."), ("es", "El contrato termina en enero."), ("es", "Hablamos ayer de ello."),
]
PROMISES = [
    ("en", "We can talk about a discount."), ("en", "We can talk about a dis-count."), ("en", "We can talk about a d i s c o u n t."), ("en", "We can talk about a disc0unt."),
    ("en", "We can talk about a dіscount."), ("en", "We can talk about a dis\u00adcount."), ("en", "A refund is possible."), ("en", "Your account will be credited."),
    ("en", "The next month is free of charge."), ("en", "Support is on the house."), ("en", "We guarantee that it works."), ("en", "It will be fixed soon."),
    ("en", "We will fix the export."), ("en", "We'll resolve this for you."), ("en", "Our engineers will rebuild the export."), ("en", "I promise to look into it."),
    ("en", "You will get an upgrade."), ("en", "You'll never see this error again, it will not happen again."), ("en", "Your price stays the same."), ("en", "We offer you a new plan."),
    ("en", "Our uptime is excellent."), ("en", "We are going to waive it."), ("en", "Priority support is yours."), ("en", "We can extend your contract."), ("en", "We will make it up to you."),
    ("en", "We will be giving you the next months."),
    ("de", "Über einen Rabatt lässt sich reden."), ("de", "Wir erstatten Ihnen den Betrag."), ("de", "Sie erhalten eine Gutschrift."), ("de", "Der nächste Monat ist kostenlos."),
    ("de", "Wir garantieren, dass es läuft."), ("de", "Wir werden das Problem beheben."), ("de", "Das Problem wird umgehend behoben."), ("de", "Wir sorgen dafür, dass es läuft."), ("de", "Eine Rueckerstattung ist möglich."),
    ("de", "Der Preis bleibt gleich."), ("de", "Wir kommen Ihnen preislich gern entgegen."), ("de", "Ich verspreche Ihnen eine Lösung."),
    ("fr", "Une remise est possible."), ("fr", "Nous vous rembourserons."), ("fr", "Le mois prochain est gratuit pour vous."), ("fr", "Nous allons corriger cela."), ("fr", "Nous nous engageons à le faire."),
    ("fr", "Nous résoudrons ce problème."), ("fr", "C'est offert, sans frais."), ("fr", "Je vous garantis que cela fonctionne."), ("fr", "Nous ferons un geste commercial."),
    ("es", "Un descuento es posible."), ("es", "Le devolveremos el importe."), ("es", "El servicio es gratis para usted."), ("es", "Vamos a solucionar el problema."), ("es", "Le garantizamos que funciona."),
    ("es", "Haré que funcione."), ("es", "Arreglaremos la exportación."), ("es", "Le ofrecemos un plan nuevo."), ("es", "Nos comprometemos a ello."),
]
SIGNALS = [
    ("en", "Your usage is low."), ("en", "We noticed you use it less."), ("en", "Your risk score is high."), ("en", "You may churn."), ("en", "The probability is high."),
    ("en", "Your champion left."), ("en", "You pay late."), ("en", "Your invoice is overdue."), ("en", "You are comparing us with a competitor."), ("en", "We see a drop in logins."),
    ("en", "You are an important customer."), ("en", "We know you are frustrated."), ("en", "Our data shows that you are less active."), ("en", "Trellico cannot do this."),
    ("en", "You are about to leave us."), ("en", "Your u s a g e is low."), ("en", "Other customers like it."), ("en", "Your team logs in less often."), ("en", "Some licences are unused, unused seats."),
    ("de", "Ihre Nutzung ist gesunken."), ("de", "Uns ist aufgefallen, dass Sie uns weniger nutzen."), ("de", "Ihr Risiko ist hoch."), ("de", "Sie zahlen spät."), ("de", "Die Rechnung ist überfällig."),
    ("de", "Der Wettbewerb kann das nicht."), ("de", "Ihr Umsatz ist uns wichtig."), ("de", "Wir möchten Sie nicht verlieren."), ("de", "Die Abwanderung ist wahrscheinlich."),
    ("fr", "Votre utilisation est en baisse."), ("fr", "Nous avons remarqué que vous l'utilisez moins."), ("fr", "Le risque est élevé."), ("fr", "Vous payez en retard."), ("fr", "La concurrence ne sait pas le faire."), ("fr", "Nous ne voulons pas vous perdre."),
    ("es", "Su uso ha bajado."), ("es", "Hemos notado que lo usan menos."), ("es", "El riesgo es alto."), ("es", "Usted paga tarde."), ("es", "La competencia no puede hacerlo."), ("es", "No queremos perderlos."),
]
LINKS = [
    "See https://evil.example/x for it.", "See hxxp://evil dot com for it.", "See www.evil.com for it.", "See bit.ly/x for it.", "See example dot com for it.", "See example[.]com for it.",
    "See evil . com for it.", "Write to me@evil.com about it.", "Write to me (at) evil.com about it.", "See evil.com about it.", "See ＥＶＩＬ．ＣＯＭ about it.", "See ev\u200bil.co\u200bm about it.",
    "See javascript:alert about it.", "See //evil/x about it.", "See 10.20.30.40 about it.", "See evіl.com about it.", "See evil(dot)com about it.",
]
PLACEHOLDERS = [
    "Please ask [[contact_2.first_name]] about it.", "Please ask [contact_1.first_name] about it.", "Please ask {{first_name}} about it.", "Please ask [[contact_1.name]] about it.",
    "Please ask [[ contact_1.first_name ]] about it.", "Please ask [[contact_1.first_name] about it.", "Please ask [[person]] about it.", "Please ask {first_name} about it.",
    "Please ask <first_name> about it.", "Please ask [Name] about it.", "Please ask contact_1 about it.", "Please ask [[Contact_1.First_Name]] about it.", "Please ask [[contact_1.email]] about it.",
    "Please ask %(name)s about it.", "Please ask ${name} about it.", "Please ask [[contact_1 .first_name]] about it.", "Please ask [\u200b[contact_1.first_name]] about it.",
]
NAMES = [
    "Northwind Paper uses it as well.", "northwind paper uses it as well.", "Zentrix uses it as well.", "Please ask Anna about it.", "Please ask Anna Schmidt about it.", "Please ask Аnna about it.",
    "Please ask Priya Okafor about it.", "Best regards from Jonas Weber and the team.", "Please ask An\u200bna about it.", "Please ask my colleague Tom Berger about it.", "Trellico uses it as well.",
    "Acme Widgets Inc uses it as well.", "Please ask ANNA about it.", "Please ask anna.schmidt about it.", "Northwind-Paper uses it as well.",
]
MARKUP = [
    "This is <b>new</b> for you.", "This is **new** for you.", "This is `new` for you.", "This is &nbsp; new for you.", "This is [new](x) for you.", "This is new\u202e for you.", "This is n\u200bew for you.",
    "This is nеw for you.", "This is <img src=x> new for you.", "This is __new__ for you.", "This is <!-- new --> for you.", "This is new\U000e0041 for you.", "This is new\x07 for you.",
]


def cases(rows: list[tuple[str, str]]) -> list[object]:
    return [pytest.param(language, text, id=f"{language}: {text.encode('ascii', 'backslashreplace').decode()}") for language, text in rows]


@pytest.mark.parametrize("language", list(MAILS))
def test_good_mail_passes_every_check(language: str) -> None:
    assert failed(language) == {}


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
