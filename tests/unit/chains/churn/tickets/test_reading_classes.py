"""Classes of wording in English and German: ways to leave, to hint at it, to complain, and what only looks like it."""

from __future__ import annotations

import pytest

from chains.churn.tickets import read_ticket

CLEAR_FROM = 0.75
HINT_FROM, HINT_TO = 0.35, 0.6

CLEAR = [
    ("announced by others", "The parent company mandates its own platform for all entities."),
    ("announced by others", "Die Konzernmutter gibt ein einheitliches System vor."),
    ("time-bound end", "From April we will stop using the portal."),
    ("time-bound end", "Das laufende Jahr wird unser letztes mit Ihnen sein."),
    ("last term", "This will be our last term with you."),
    ("nothing renews", "Please make sure nothing renews on 1 March."),
    ("nothing renews", "Bitte stellen Sie sicher, dass sich nichts automatisch verlängert."),
    ("replacement decided", "We have signed with someone else."),
    ("replacement decided", "The directors have appointed a different vendor."),
    ("replacement decided", "Wir haben uns jemand anderen gesucht."),
    ("in-house replacement", "Our engineers have built a replacement in house."),
    ("in-house replacement", "Unsere IT hat etwas Eigenes gebaut, das Ihr Produkt ablöst."),
    ("licences handed back", "We would like to hand back all 40 licences."),
    ("licences handed back", "Wir möchten alle 60 Lizenzen zum Laufzeitende zurückgeben."),
    ("short and plain", "Third broken release this month. We're out."),
    ("short and plain", "Jetzt reicht es, wir gehen."),
    ("wind-down", "We are winding down our use of your product over the summer."),
    ("use ends", "Unsere Fachabteilung stellt die Nutzung zum Monatsende ein."),
    ("no need left", "Please note that your services are no longer required."),
    ("no need left", "Unser Standort schließt, damit entfällt der Bedarf."),
    ("management refused", "Management did not approve the renewal this year."),
    ("management refused", "Die Geschäftsführung hat die Verlängerung nicht genehmigt."),
    ("account switched off", "Please switch off our account at the end of the month."),
    ("account switched off", "Bitte löschen Sie unser Firmenkonto samt aller Daten."),
]
HINTS = [
    ("reviewing", "We are reviewing all our software vendors this quarter."),
    ("reviewing", "Wir stellen derzeit alle Softwareverträge auf den Prüfstand."),
    ("tender", "The contract has to be put out to tender every four years."),
    ("tender", "Turnusgemäß schreiben wir die Leistung nächstes Jahr neu aus."),
    ("comparing", "We got an offer from a competitor which is 30% cheaper."),
    ("comparing", "Uns liegt ein Angebot eines Mitbewerbers vor, das günstiger ist."),
    ("two hints", "We have a demo with two competitors. What is our notice period?"),
    ("conditional", "One more incident like this and we're gone."),
    ("conditional", "Wenn der Support so bleibt, werden wir nicht noch einmal unterschreiben."),
    ("conditional", "If this goes on we will cancel the contract."),
    ("undecided", "We're not sure yet whether we'll renew."),
    ("undecided", "Ob wir verlängern, steht noch nicht fest."),
    ("doubted from above", "Finance is questioning what we pay for your tool."),
    ("doubted from above", "Kaum jemand nutzt es noch, und mein Chef fragt, wofür wir bezahlen."),
    ("short commitment", "Can we switch to a month-to-month agreement rather than a yearly one?"),
]
HARMLESS = [
    ("another's contract", "We terminated our contract with Oldsys and want to bring our data over to you."),
    ("another's contract", "Unseren Vertrag mit Oldsys haben wir gekündigt, wie importieren wir die Daten?"),
    ("another's contract", "We end our collaboration with the agency, please revoke their guest access."),
    ("another's contract", "Wir beenden die Zusammenarbeit mit der Agentur, bitte Gastzugang entziehen."),
    ("a person", "I'm leaving Brightwell at the end of the month, Paula will be your contact."),
    ("a person", "Herr Maier hat gekündigt, bitte seinen Zugang sperren."),
    ("a person", "We need to offboard 12 contractors at the end of June."),
    ("their own customers", 'One of our customers wrote: "I want to cancel my subscription".'),
    ("their own customers", "Unsere Kunden kündigen häufiger als im Vorjahr."),
    ("their own customers", "We are answering an RFP of one of our clients."),
    ("one module", "We don't use the survey module, please take it off our plan."),
    ("one module", "Das Umfragemodul nutzen wir nicht, bitte aus dem Paket nehmen."),
    ("another service", "Our phone provider contract ends in June."),
    ("another service", "Wir wechseln unseren Mailprovider zu Microsoft."),
    ("premises", "We are leaving our Boston office in May, please update the address."),
    ("staying", "We decided against leaving after the call."),
    ("staying", "Wir haben uns gegen einen Wechsel entschieden."),
    ("a field", "We want to store the notice period of each employee."),
]
COMPLAINTS = [
    ("repetition", "The bug that was fixed in 4.2 is back in 4.3."),
    ("repetition", "Der Fehler aus 4.2 ist in 4.3 wieder da."),
    ("waiting", "I wrote on the 4th and on the 9th. Nobody called back."),
    ("waiting", "Zurückgerufen hat niemand."),
    ("waiting", "I have to chase you for every single answer."),
    ("waiting", "Man muss Ihnen für jede Antwort hinterherlaufen."),
    ("broken promise", "The feature was promised for March, then May, then September."),
    ("broken promise", "Die Funktion war für März zugesagt, dann für Mai."),
    ("effort", "My team has given up on the importer."),
    ("effort", "Mein Team tippt alles von Hand."),
    ("effort", "The last release was a step backwards."),
    ("cost to their business", "Because the quote tool was down we lost an order worth 40k."),
    ("cost to their business", "Wegen dem kaputten Export haben wir die Abgabefrist verpasst."),
    ("cost to their business", "I can't show this to my management."),
    ("expectations", "To be honest we expected more from a product at this price."),
    ("expectations", "Das ist nicht die Qualität, die wir uns erhofft hatten."),
    ("hard to justify", "The price rise is hard to justify to my CFO."),
]


@pytest.mark.parametrize(("_kind", "body"), CLEAR)
def test_a_clear_statement_of_leaving_stands_out(_kind: str, body: str) -> None:
    assert read_ticket("", body).leave_intent >= CLEAR_FROM


@pytest.mark.parametrize(("_kind", "body"), HINTS)
def test_a_hint_is_heard_but_not_taken_for_a_decision(_kind: str, body: str) -> None:
    assert HINT_FROM <= read_ticket("", body).leave_intent <= HINT_TO


@pytest.mark.parametrize(("_kind", "body"), HARMLESS)
def test_what_only_looks_like_leaving_is_passed_over(_kind: str, body: str) -> None:
    assert read_ticket("", body).leave_intent < 0.2


@pytest.mark.parametrize(("_kind", "body"), COMPLAINTS)
def test_a_complaint_without_angry_words_is_felt(_kind: str, body: str) -> None:
    assert read_ticket("", body).sentiment < -0.2


@pytest.mark.parametrize("subject", ["Cancel", "Cancellation", "Switch provider"])
def test_a_heading_is_belied_by_a_harmless_text(subject: str) -> None:
    assert read_ticket(subject, "Please cancel the order that I placed by accident.").leave_intent < 0.3
    assert read_ticket(subject, "We want to cancel our contract.").leave_intent >= CLEAR_FROM
