"""The account, facts and mails that the tests of grounding share."""

from __future__ import annotations

import datetime as dt

from chains.evidence import Fact, Statement
from chains.grounding import DraftAudience, DraftPolicy, NameIndex, audience, check_draft
from chains.privacy import Masker
from connectors.records import Account, Contact, Owner

AS_OF = dt.date(2026, 11, 16)
RENEWAL = dt.date(2026, 12, 10)
PROPOSAL = dt.date(2026, 11, 24)

ALPINE = Account(
    account_id="a1",
    name="Alpine Foods GmbH",
    owner=Owner(owner_id="o1", name="Jonas Weber", email="jonas.weber@vendor.example"),
    contacts=[
        Contact(
            contact_id="c1",
            first_name="Anna",
            last_name="Schmidt",
            email="anna.schmidt@alpine.example",
            phone="+49 30 1234567",
        ),
        Contact(contact_id="c2", first_name="Left", last_name="Larsen", left_on=dt.date(2026, 10, 1)),
        Contact(contact_id="c3", first_name="Opal", last_name="Novak", email_opt_out=True),
    ],
)
OTHERS = [
    Account(
        account_id="b1",
        name="Northwind Paper LLC",
        contacts=[Contact(contact_id="d1", first_name="Priya", last_name="Okafor")],
    ),
    Account(account_id="b2", name="Zentrix"),
    Account(account_id="b3", name="Summit"),
]

FACTS = {
    fact.fact_id: fact
    for fact in (
        Fact(
            fact_id="ticket:T-4711:subject",
            source="support",
            record_id="T-4711",
            field="subject",
            value="Export fails with error 403",
            audience="shareable",
        ),
        Fact(
            fact_id="ticket:T-4711:ticket_id",
            source="support",
            record_id="T-4711",
            field="ticket_id",
            value="T-4711",
            audience="shareable",
        ),
        Fact(
            fact_id="ticket:T-4711:opened_at",
            source="support",
            record_id="T-4711",
            field="opened_at",
            value="2026-11-03T09:00:00+00:00",
            audience="shareable",
        ),
        Fact(
            fact_id="ticket:T-4712:subject",
            source="support",
            record_id="T-4712",
            field="subject",
            value="How do I cancel? I want a 50% discount",
            audience="shareable",
        ),
        Fact(
            fact_id="contract:a1:renewal_date",
            source="crm",
            record_id="a1",
            field="renewal_date",
            value="2026-12-10",
            audience="shareable",
        ),
        Fact(
            fact_id="contract:a1:seats",
            source="crm",
            record_id="a1",
            field="seats",
            value="300",
            unit="seats",
            audience="shareable",
        ),
        Fact(fact_id="account:a1:arr", source="crm", record_id="a1", field="arr", value="184500", unit="EUR"),
    )
}
SUBJECTS = {
    "en": "Your export and the next step",
    "de": "Ihr Export und der nächste Schritt",
    "fr": "Votre export et la prochaine étape",
    "es": "Su exportación y el siguiente paso",
}
TICKET = ["ticket:T-4711:subject", "ticket:T-4711:ticket_id", "ticket:T-4711:opened_at"]
MAILS: dict[str, tuple[tuple[str, list[str]], ...]] = {
    "en": (
        (
            'Thank you for reporting "Export fails with error 403" on 3 November; the ticket T-4711 is still open.',
            TICKET,
        ),
        (
            "Your agreement runs until December 10, 2026 and covers 300 seats.",
            ["contract:a1:renewal_date", "contract:a1:seats"],
        ),
        ("I would like to go through it with you and hear what your team needs next.", []),
        ("Could we talk for 30 minutes on Tuesday, 24 November?", []),
    ),
    "de": (
        (
            "Vielen Dank für Ihre Meldung „Export fails with error 403“ vom 3. November; Ticket T-4711 ist noch offen.",
            TICKET,
        ),
        (
            "Ihr Vertrag läuft bis zum 10.12.2026 und umfasst 300 Plätze.",
            ["contract:a1:renewal_date", "contract:a1:seats"],
        ),
        ("Ich möchte den Stand gern mit Ihnen durchgehen und hören, was Ihr Team als Nächstes braucht.", []),
        ("Hätten Sie am Dienstag, dem 24. November, eine halbe Stunde Zeit für ein Gespräch?", []),
    ),
    "fr": (
        (
            "Merci de nous avoir signalé « Export fails with error 403 » le 3 novembre ; le ticket T-4711 est ouvert.",
            TICKET,
        ),
        (
            "Votre contrat court jusqu'au 10 décembre 2026 et couvre 300 postes.",
            ["contract:a1:renewal_date", "contract:a1:seats"],
        ),
        ("J'aimerais faire le point avec vous et comprendre ce dont votre équipe a besoin.", []),
        ("Seriez-vous disponible le mardi 24 novembre pour un échange de trente minutes ?", []),
    ),
    "es": (
        (
            "Gracias por avisarnos de «Export fails with error 403» el 3 de noviembre; el ticket T-4711 sigue abierto.",
            TICKET,
        ),
        (
            "Su contrato está en vigor hasta el 10 de diciembre de 2026 y cubre 300 puestos.",
            ["contract:a1:renewal_date", "contract:a1:seats"],
        ),
        ("Me gustaría repasar la situación con usted y saber qué necesita su equipo.", []),
        ("¿Podríamos hablar media hora el martes 24 de noviembre?", []),
    ),
}
OPENINGS = {
    "en": ("Hello [[contact_1.first_name]],", "Kind regards\n[[owner_1.name]]"),
    "de": ("Guten Tag [[contact_1.first_name]] [[contact_1.last_name]],", "Mit freundlichen Grüßen\n[[owner_1.name]]"),
    "fr": ("Bonjour [[contact_1.first_name]],", "Cordialement\n[[owner_1.name]]"),
    "es": ("Hola [[contact_1.first_name]]:", "Un saludo cordial\n[[owner_1.name]]"),
}
POLICY = DraftPolicy(
    may_offer=frozenset(),
    allowed_dates=frozenset({PROPOSAL}),
    allowed_times=frozenset({"10:00", "14:30"}),
    known_names=frozenset({"Meridia"}),
    forbidden_names=frozenset({"Trellico"}),
)


def alpine_audience(contact_id: str = "c1") -> DraftAudience:
    masker = Masker([ALPINE, *OTHERS], keep=["Meridia"])
    masker.contact("a1", "c1")
    masker.owner("a1")
    return audience(ALPINE, contact_id, masker, NameIndex([ALPINE, *OTHERS]))


def mail(language: str, extra: str = "", fact_ids: tuple[str, ...] = ()) -> tuple[str, str, list[Statement]]:
    """A good mail; `extra` is added as a further sentence, cited as given."""
    statements = [Statement(text=text, fact_ids=list(ids)) for text, ids in MAILS[language]]
    opening, closing = OPENINGS[language]
    sentences = [text for text, _ in MAILS[language]]
    if extra:
        statements.append(Statement(text=extra, fact_ids=list(fact_ids)))
        sentences.insert(3, extra)
    body = opening + "\n\n" + " ".join(sentences[:2]) + "\n\n" + " ".join(sentences[2:]) + "\n\n" + closing
    return SUBJECTS[language], body, statements


def failed(
    language: str,
    extra: str = "",
    fact_ids: tuple[str, ...] = (),
    *,
    subject: str | None = None,
    body: str | None = None,
    policy: DraftPolicy = POLICY,
    contact_id: str = "c1",
) -> dict[str, str]:
    """The failed checks of the mail with one more sentence, by name, with what to mend."""
    good_subject, good_body, statements = mail(language, extra, fact_ids)
    checks = check_draft(
        good_subject if subject is None else subject,
        good_body if body is None else body,
        statements,
        FACTS,
        language=language,
        as_of=AS_OF,
        account=alpine_audience(contact_id),
        policy=policy,
    )
    return {check.name: check.detail for check in checks if not check.passed}
