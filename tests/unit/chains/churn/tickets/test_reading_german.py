"""German tickets: who means to leave, who does not, and how they feel."""

from __future__ import annotations

import pytest

from chains.churn.tickets import read_ticket

LEAVING = [
    "Hiermit kündigen wir unseren Vertrag fristgerecht zum 31. Dezember.",
    "hiermit kuendigen wir den vertrag zum naechstmoeglichen zeitpunkt",
    "Wir möchten unseren Vertrag nicht verlängern.",
    "Bitte teilen Sie uns die Kündigungsfrist mit und stellen Sie uns einen vollständigen Datenexport bereit.",
    "Wir prüfen derzeit Alternativen für das kommende Jahr.",
    "Unser Einkauf holt gerade Vergleichsangebote ein.",
    "Die Leistung wird im Herbst neu ausgeschrieben.",
    "Ein Anbieterwechsel steht bei uns im Raum.",
    "Aufgrund der Preiserhöhung machen wir von unserem Sonderkündigungsrecht Gebrauch.",
    "Wir sehen uns am Markt nach anderen Lösungen um.",
    "Wie können wir unser Konto vollständig schließen?",
    "Die Geschäftsführung hat beschlossen, die Toollandschaft zu konsolidieren und auf Microsoft zu setzen.",
    "Zum Vertragsende werden wir zu einem anderen Anbieter wechseln.",
    "Bis wann müssten wir kündigen, damit sich der Vertrag nicht automatisch verlängert?",
    "Wir bedanken uns für die gute Zusammenarbeit und bitten um Bestätigung unserer Kündigung.",
    "Wenn das nicht bis Freitag behoben ist, müssen wir uns nach Alternativen umsehen.",
    "Ihr Wettbewerber bietet das Gleiche deutlich günstiger an.",
    "Bitte bestätigen Sie den Eingang unserer Kündigung.",
    "Wir werden Ihre Software durch ein konzernweites System ersetzen.",
    "Super, schon wieder ein Ausfall. Langsam schauen wir uns anderweitig um.",
    "Was passiert mit unseren Daten nach Vertragsende?",
    "Wir lassen den Vertrag auslaufen.",
    "Wann endet unser Vertrag und welche Kündigungsfrist gilt?",
    "Der Vorstand hat entschieden, die Zusammenarbeit zu beenden.",
    "Wir sind unzufrieden und überlegen ernsthaft, den Vertrag zu kündigen.",
    "Bitte schalten Sie die automatische Verlängerung ab, wir wollen nicht verlängern.",
    "Kündigung unseres Abos zum Quartalsende",
    "Die Konzernmutter nutzt bereits ein anderes System, daher müssen wir umstellen und den Vertrag beenden.",
]
HINTING = [
    "Wir müssen im Moment alle Softwarekosten auf den Prüfstand stellen.",
    "Könnten Sie uns bitte das Ende der Laufzeit unseres Vertrags nennen?",
    "Ehrlich gesagt nutzen wir das Produkt kaum noch, gibt es ein kleineres Paket?",
    "Es fällt uns schwer, die Kosten intern zu rechtfertigen.",
    "Bevor wir über die Verlängerung entscheiden, hätten wir gern ein Gespräch.",
]
STAYING = [
    "Wegen der Kündigung eines Mitarbeiters bitten wir Sie, seinen Zugang zu sperren.",
    "Wir müssen den Termin am Donnerstag leider absagen.",
    "Ich bin bis 12. August im Urlaub, bitte wenden Sie sich an Herrn Maier.",
    "Bitte löschen Sie den Nutzer m.beier, er hat das Unternehmen verlassen.",
    "Wie genehmige ich einen Urlaubsantrag in der App?",
    "Sie können das Ticket schließen, alles funktioniert wieder.",
    "Wie kann ich den Monatsbericht als PDF exportieren?",
    "Wir wechseln von Salesforce zu Ihnen und brauchen Hilfe beim Import.",
    "Wir haben nicht vor, zu kündigen, es geht nur um die Rechnung.",
    "Wir haben gerade gerne um zwei Jahre verlängert.",
    "Wir hatten schon überlegt zu wechseln, aber die Lösung hat uns überzeugt.",
    "Bitte betrachten Sie unsere Kündigung als gegenstandslos.",
    "Ein Kunde von uns hat gekündigt, wie erfassen wir das im CRM?",
    "Die Bestellung 4711 soll bitte storniert werden.",
    "Das Zertifikat läuft morgen ab, wie erneuern wir es?",
    "Im Bericht fehlt die Spalte Kündigungsfrist.",
    "Wie melde ich mich vom Newsletter ab? Bitte Newsletter abbestellen.",
    "Am Montag schrieb Herr Weber:\n> wir kündigen den Vertrag\nDas betraf einen anderen Lieferanten.",
    "Wir benötigen fünf weitere Lizenzen.",
    "Die Stelle wurde ausgeschrieben, erscheint aber nicht im Portal.",
    "Die angekündigte Wartung hat nicht stattgefunden.",
    "Das Passwort läuft alle 30 Tage ab, kann man das verlängern?",
    "Wir bleiben gerne Kunde bei Ihnen.",
    "Frau Klein ist in Elternzeit, bitte übertragen Sie ihre Lizenz.",
    "Bitte stellen Sie auf jährliche Abrechnung um.",
]
MORE_LEAVING = [
    "Bitte nennen Sie uns den spätesten Termin, um aus dem Vertrag herauszukommen.",
    "Unser neuer CIO möchte die Systemlandschaft verschlanken, Ihr Produkt steht auf der Streichliste.",
    "Wir haben uns für einen Mitbewerber entschieden.",
    "Vielen Dank für die schöne Zeit, zum Jahresende ist für uns Schluss.",
    "Könnten Sie uns mitteilen, wie wir unsere Daten komplett exportieren können, bevor der Vertrag im Juni endet?",
    "Der Konzern gibt künftig SAP vor, damit entfällt Ihr System.",
    "Wir bitten höflich um Auskunft über die Ausstiegsmöglichkeiten.",
    "Bei der nächsten Störung sind wir weg.",
    "wir wollen raus aus dem vertrag",
    "Wir holen derzeit Angebote von anderen Anbietern ein.",
    "Ab Januar arbeiten wir mit einer anderen Software.",
    "Wir müssen sparen und werden Ihr Tool wohl nicht weiter nutzen.",
    "Bitte keine automatische Verlängerung.",
    "Wir sind mit einem Ihrer Wettbewerber in Gesprächen.",
    "Bitte senden Sie uns eine Kündigungsbestätigung.",
    "Unser Einkauf verlangt für die Verlängerung drei Vergleichsangebote.",
    "Wir überlegen, ob Ihre Plattform noch die richtige für uns ist.",
    "Welche Fristen gelten, falls wir den Vertrag nicht fortsetzen wollen?",
    "Unsere IT-Leitung möchte die Anzahl der Tools reduzieren.",
    "Es war eine gute Zeit mit Ihnen, aber wir gehen nun einen anderen Weg.",
    "Wir benötigen die Lizenzen ab Oktober nicht mehr.",
    "Danke für den nächsten Ausfall, das macht uns die Entscheidung zum Wechsel leicht.",
    "Bitte um Zusendung der Vertragsunterlagen, insbesondere zu Laufzeit und Kündigungsfristen.",
    "Falls sich das nicht bessert, schauen wir uns anderswo um.",
    "wollen unser abo zum jahresende stornieren",
    "In welchem Format erhalten wir unsere Daten bei Vertragsende zurück?",
    "Die Preiserhöhung akzeptieren wir nicht und behalten uns rechtliche Schritte vor.",
    "Wir werden das Vertragsverhältnis nicht fortführen.",
    "Wir haben uns intern entschieden, auf eine Eigenentwicklung umzusteigen.",
    "Bitte teilen Sie mir mit, zu wann wir frühestens aus der Vereinbarung rauskommen.",
    "Wir planen, Ihr Tool bis Jahresende abzulösen.",
    "Im Rahmen der jährlichen Lieferantenbewertung holen wir Angebote anderer Unternehmen ein.",
    "Unser Vorstand fragt, ob wir Ihr Produkt wirklich noch brauchen.",
    "Wir stellen zum 1.1. auf Dynamics um.",
    "Die neue Lösung geht im Mai live, bitte bereiten Sie die Datenübergabe vor.",
    "Wir sehen leider keine Zukunft für die Zusammenarbeit.",
    "So gewinnt man keine Kunden, so verliert man sie. Wir jedenfalls sind bald weg.",
    "Ich bitte um Auflistung aller Vertragslaufzeiten und Kündigungstermine.",
    "Unser Controlling hat uns gebeten, günstigere Anbieter zu suchen.",
    "Wir wollen das Abo nicht mehr.",
]
MORE_STAYING = [
    "Wie kann ein Kunde in unserem Shop sein Abo kündigen?",
    "Unser Mitarbeiter hat zum 31.3. gekündigt, bitte Zugang deaktivieren.",
    "Bitte beenden Sie den hängenden Import.",
    "Welche Optionen gibt es für die Anmeldung?",
    "Der Vertrag mit unserem Vermieter soll als Dokument abgelegt werden, wie geht das?",
    "Wir wechseln die Bank, bitte neue IBAN hinterlegen.",
    "Die Verlängerung ist unterschrieben, Bestellung anbei.",
    "Können Sie uns die AVV zusenden?",
    "Wir sind umgezogen, bitte Adresse ändern.",
    "Der Kündigungsbutton auf der Webseite fehlt.",
    "Ich verlasse das Unternehmen zum Monatsende, mein Nachfolger ist Herr Klein.",
    "Können wir die Berichte vergleichen?",
    "Wir möchten gern ein Upgrade auf Enterprise.",
    "Bitte stornieren Sie Rechnung 889 und stellen Sie sie neu aus.",
    "Wann endet die Testphase? Wir möchten danach kaufen.",
    "Bitte kündigen Sie den Newsletter.",
    "Kann ich einen Lauf abbrechen?",
    "Der Mieter hat seinen Vertrag gekündigt, wie erfasse ich das?",
    "Wir möchten von Hubspot zu Ihnen umziehen.",
    "Bitte löschen Sie die Testdaten.",
    "Nach dem letzten Fix denken wir nicht mehr über einen Wechsel nach.",
    "Wie lange werden Logdaten gespeichert?",
    "Unser Ansprechpartner wechselt, neu ist Frau Lang zuständig.",
    "Wir sind bis Ende August in Betriebsferien.",
    "Können wir zwei Konten zusammenlegen?",
    "Der Vertrag ist unterschrieben, wann startet die Schulung?",
    "Die Ausschreibung unseres Kunden lässt sich nicht hochladen.",
    "Bitte exportieren Sie uns die Rechnungen für die Steuerprüfung.",
    "Wir wollen die Benachrichtigungen abbestellen.",
    "Bitte sagen Sie den Termin am Montag ab.",
    "Wir schließen unser Büro in Köln, bitte Adresse anpassen.",
    "Wir kündigen nicht, keine Sorge.",
    "Wie deaktiviere ich die Benachrichtigung für ablaufende Verträge?",
    "Wir freuen uns auf ein weiteres Jahr mit Ihnen.",
    "Kann man zwei Dashboards vergleichen?",
    "Unser alter Anbieter hat noch unsere Daten, wie importieren wir sie?",
    "Können Sie die Testphase um eine Woche verlängern?",
    "Wo finde ich die Option für den Export?",
    "Bitte ersetzen Sie den Nutzer Tom durch Anna.",
    "Mein Konto ist gesperrt, bitte freischalten.",
    "Die Mitarbeiterin hat gekündigt und ihr Postfach soll gelöscht werden.",
    "Laut Vertrag gilt 99,9 % Verfügbarkeit, bitte senden Sie den SLA-Bericht.",
    "Wir suchen eine alternative Farbe für das Diagramm.",
    "Wir haben den Vertrag verlängert und brauchen die Rechnung.",
]
ANGRY = [
    "Das ist inakzeptabel. Seit drei Wochen warten wir auf eine Antwort!",
    "Vielen Dank für die verlängerte Kaffeepause.",
    "Super, schon wieder ein Totalausfall. Glanzleistung.",
    "Danke für Ihre schnelle Antwort, leider hilft sie nicht: Wir sind sehr enttäuscht.",
    "Eine Frechheit, was Sie da abliefern.",
    "wir sind maßlos veraergert ueber ihren support",
    "Mit freundlichem Gruß, aber ohne jedes Verständnis: der dritte Ausfall diese Woche.",
    "So viel zu Ihrer Zuverlässigkeit.",
    "Unsere Geduld ist am Ende.",
    "Der Service ist eine Katastrophe und niemand meldet sich.",
    "Na toll, alle Einträge verschwunden.",
]
PLAIN = [
    "Guten Tag, wie kann ich mein Passwort ändern? Vielen Dank im Voraus.",
    "Anbei die Bestellung. Mit freundlichen Grüßen",
    "Können Sie uns sagen, welcher API-Endpunkt die Rechnungen liefert? Danke für Ihre Hilfe.",
    "Der Export bricht seit heute mit Fehler 500 ab, bitte prüfen.",
    "Bitte ändern Sie unsere Rechnungsadresse.",
    "Es wäre schön, wenn Sie einen Filter für Datumswerte ergänzen könnten.",
    "Gerne können wir nächste Woche telefonieren.",
    "Ich hoffe, es geht Ihnen gut. Bitte legen Sie eine neue Kollegin an.",
]
PLEASED = [
    "Vielen Dank, das Problem ist gelöst, Ihr Team ist fantastisch!",
    "Wir sind sehr zufrieden mit dem neuen Dashboard, tolle Arbeit.",
    "Großes Lob an Frau Huber für die schnelle und kompetente Hilfe.",
    "Alles läuft wieder einwandfrei, wir sind begeistert.",
    "Seit dem Update läuft alles reibungslos, super!",
    "Wir empfehlen Sie gerne weiter.",
]


@pytest.mark.parametrize("body", [*LEAVING, *MORE_LEAVING])
def test_german_leaving_is_clear(body: str) -> None:
    assert read_ticket("", body).leave_intent >= 0.55


@pytest.mark.parametrize("body", HINTING)
def test_german_hint_is_heard(body: str) -> None:
    assert read_ticket("", body).leave_intent >= 0.3


@pytest.mark.parametrize("body", [*STAYING, *MORE_STAYING])
def test_german_staying_is_not_leaving(body: str) -> None:
    assert read_ticket("", body).leave_intent < 0.2


@pytest.mark.parametrize("body", ANGRY)
def test_german_anger_is_felt(body: str) -> None:
    assert read_ticket("", body).sentiment <= -0.35


@pytest.mark.parametrize("body", PLAIN)
def test_german_plain_request_is_neutral(body: str) -> None:
    assert abs(read_ticket("", body).sentiment) < 0.3


@pytest.mark.parametrize("body", PLEASED)
def test_german_praise_is_felt(body: str) -> None:
    assert read_ticket("", body).sentiment >= 0.35


@pytest.mark.parametrize("body", [*LEAVING, *STAYING, *ANGRY])
def test_german_is_recognised(body: str) -> None:
    if len(body) > 60:
        assert read_ticket("", body).language == "de"
