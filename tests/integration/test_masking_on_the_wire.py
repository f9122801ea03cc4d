"""Every byte of every request to a model is read: no value of a person of the payload stands in it."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import ahocorasick
import pytest

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RunContext
from chains.models import MemoryAnswers, ModelGateway, Route, single_route
from chains.privacy import Masker, find_persons
from connectors.payload import read_payload
from connectors.pull import pull
from connectors.records import Account
from connectors.sample import organisation
from connectors.source_config import load_sources
from prompts.loader import load_prompt
from tests.honest_model import honest
from tests.model_server import Answer, ModelServer, Reply, Request

TODAY = dt.date(2026, 11, 20)
ROOT = Path(__file__).parents[2]
HISTORY = ROOT.parent / "shared" / "data" / "org_history"
EVERYBODY = "Rank all customers by risk and draft an email for each"
LARGE = 1_200
MakeMasker = Callable[[Sequence[Account]], Masker]


class Bypassed(Masker):
    """A masker that lets every text through as it is."""

    def mask(self, text: str, account_id: str = "") -> str:
        return text


class Canary:
    """Finds persons of the accounts in many texts: one automaton says who may stand in a text, then each is searched.

    What is searched for, and how, is `find_persons`; here only the persons that cannot stand in a text are left out.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts

    @cached_property
    def _automaton(self) -> Any:
        automaton: Any = ahocorasick.Automaton()
        for index, account in enumerate(self._accounts):
            owner = account.owner
            values = [account.name, *([owner.email, *owner.name.replace(",", " ").split()] if owner else [])]
            for contact in account.contacts:
                digits = re.sub(r"\D", "", contact.phone)
                values += [contact.email, contact.first_name, contact.last_name, digits if len(digits) >= 7 else ""]
            for value in filter(None, (value.strip().lower() for value in values)):
                automaton.add_word(value, (len(value), {*automaton.get(value, (0, ()))[1], index}))
        automaton.make_automaton()
        return automaton

    def find(self, text: str) -> list[str]:
        """The persons' values that stand in the text."""
        lowered = f"{text.lower()}\n{re.sub(r'[^0-9]', '', text)}"
        near = {
            index
            for last, (length, found) in self._automaton.iter(lowered)
            if not (lowered[last - length : last - length + 1].isalpha() or lowered[last + 1 : last + 2].isalpha())
            for index in found
        }
        return find_persons(text, [self._accounts[index] for index in sorted(near)]) if near else []


def texts_of(request: Request) -> Iterator[str]:
    """All that the request says, but for what every request of the step says."""
    systems = {load_prompt(f"churn/{path.name}").system for path in (ROOT / "prompts" / "churn").glob("*.md")}
    for message in request.messages:
        if message["role"] == "system":
            assert message["content"] in systems
        else:
            yield str(message["content"])
    yield json.dumps({key: value for key, value in request.body.items() if key not in ("messages", "response_format")})
    yield json.dumps(dict(request.headers))


async def run(
    payload: Mapping[str, Any], answer: Answer, masker: MakeMasker, question: str = EVERYBODY
) -> tuple[ChurnReport, list[Request]]:
    """The report, and every request of the run; each account is read, reasoned about and written to."""
    with ModelServer(answer) as server:
        route = Route.model_validate({"model": "openai:m", "base_url": server.url, "api_key": "k"})
        engine = {"read_from": 0.0, "run_seconds": 600.0, "run_tokens": 10**9, "plan": "always"}
        config = single_route(route).model_copy(update=engine)
        async with ModelGateway(config) as gateway:
            context = RunContext("run_1", "", "", TODAY, models=gateway.run(MemoryAnswers()))
            answers = ChurnAnswers(None, ChurnConfig(max_drafts=100_000), masker=masker)
            request = {"question": question, "payload": payload, "as_of": "", "warnings": ()}
            report = await answers(request, context, thread_key="t")
    return report, server.requests


def leaks(requests: Sequence[Request], accounts: Sequence[Account]) -> dict[str, int]:
    """The persons' values on the wire, and in how many requests each stands."""
    canary, found = Canary(accounts), dict[str, int]()
    for request in requests:
        for value in {value for text in texts_of(request) for value in canary.find(text)}:
            found[value] = found.get(value, 0) + 1
    return found


# --- A generated organisation whose texts name everybody, in every way that people write -------------------------

PEOPLE = (
    {"first_name": "José", "last_name": "Ñíguez-Peña", "email": "jose.niguez@{domain}", "phone": "+34 612 345 678"},
    {"first_name": "Anne-Marie", "last_name": "D’Arcy", "email": "am.darcy@{domain}", "phone": "+33 6 12 34 56 78"},
    {"first_name": "Jürgen", "last_name": "Müller", "email": "j.mueller@{domain}", "phone": "+49 (30) 901820-17"},
    {"first_name": "Ada", "last_name": "Lindqvist", "email": "ada@{domain}", "phone": "+46 70 123 45 67"},
    {"first_name": "Bo", "last_name": "Lindqvist", "email": "bo.lindqvist@{domain}", "phone": "0046701234568"},
    {"first_name": "Will", "last_name": "Young", "email": "will.young@{domain}", "phone": "+44 20 7946 0958"},
    {"first_name": "Sofía", "last_name": "García", "email": "sgarcia@{domain}", "phone": "+34 91 123 45 67"},
    {"first_name": "Łukasz", "last_name": "Wójcik", "email": "lukasz.wojcik@{domain}", "phone": "+48 601 234 567"},
    {"first_name": "Rosa", "last_name": "Delgado", "email": "rosa@{domain}", "phone": "+49 171 5550123"},
)
TEXTS = (
    ("Call {first} {last} back", "This is {first} {last}. {LAST} and {FIRST} have waited for days. Best, {first}"),
    ("RE: {LAST}, {FIRST}", "as {first} told you, {last}'s export fails.\n-- \n{first} {last}\n{email}\n{phone}"),
    ("Frage von {last}", "{last}s Team wartet. Herr {last} hat das {first}s Kollegen gesagt. Tel.: {phone_other}"),
    ("login of {email}", "user {local} cannot log in; neither can {LOCAL}. Mail {EMAIL} or ring {phone_digits}."),
    ("Incidencia de {first}", "Hola, soy {first} {last}. Los {last}s no pueden entrar. Saludos, {first} {last}"),
    ("Export", "hi, {first_lower} {last_lower} here, our {last_lower} dashboard is down. thanks {first_lower}"),
    ("Panne chez {last}", "Bonjour, Mme {last} et M. {last} attendent. Cordialement,\n{first} {last}"),
)


def ways(person: Mapping[str, str]) -> dict[str, str]:
    digits = re.sub(r"\D", "", person["phone"])
    first, last, local = person["first_name"], person["last_name"], person["email"].partition("@")[0]
    return {
        "first": first, "last": last, "FIRST": first.upper(), "LAST": last.upper(), "first_lower": first.lower(),
        "last_lower": last.lower(), "email": person["email"], "EMAIL": person["email"].upper(), "local": local,
        "LOCAL": local.upper(), "phone": person["phone"], "phone_digits": digits,
        "phone_other": "+" + " / ".join(re.findall(r".{1,3}", digits)),
    }  # fmt: skip


def seeded() -> dict[str, Any]:
    """Forty accounts of the sample organisation, their persons renamed, and named in every text there is."""
    whole = organisation(TODAY).payload()
    active = [account for account in whole["accounts"] if account["status"] == "active" and account["contacts"]]
    chosen = copy.deepcopy(active[:40])
    for number, account in enumerate(chosen):
        domain = account["domain"]
        for place, contact in enumerate(account["contacts"]):
            person = PEOPLE[(number + place) % len(PEOPLE)]
            contact.update({key: value.format(domain=domain) for key, value in person.items()})
        named = account["contacts"][0]
        other = chosen[(number + 7) % len(chosen)]["contacts"][0]
        if named["last_name"] == "Delgado":
            account["name"] = f"Rosa Delgado Holding {number} GmbH"
        words = ways(named)
        # Signed by the persons who stood here before.
        account["tickets"] = []
        for place, (subject, body) in enumerate(TEXTS):
            about_other = f" We also wrote to {other['first_name']} {other['last_name']} ({other['email']})."
            account["tickets"].append(
                {
                    "ticket_id": f"5{number:04}{place}", "opened_at": f"2026-11-{10 + place:02}T09:00:00Z",
                    "priority": "high", "subject": subject.format(**words), "body": body.format(**words) + about_other,
                }
            )  # fmt: skip
        account["surveys"].append(
            {"survey_id": f"s{number}", "kind": "nps", "score": 2, "answered_on": "2026-11-01",
             "comment": "{first} {last} is unhappy, {last}s words".format(**words)}
        )  # fmt: skip
        for invoice in account["invoices"]:
            invoice["status"] = "disputed by {first} {last}".format(**words)
    return {**whole, "accounts": chosen}


def written_ways(payload: Mapping[str, Any]) -> set[str]:
    """The tricky notations themselves, which no search by value would find."""
    found = set[str]()
    for account in payload["accounts"]:
        words = ways(account["contacts"][0])
        if words["last"] != "Young":
            found |= {
                words["last"] + "s",
                words["LAST"],
                words["last"] + "'s",
                f"{words['first_lower']} {words['last_lower']}",
            }
        found |= {words["email"], words["EMAIL"], words["phone_other"], words["phone_digits"], words["phone"]}
        if words["local"] not in ("ada", "rosa"):
            found |= {words["local"], words["LOCAL"]}
    return found


def truthful(request: Request) -> Reply:
    """The honest model, which answers a repair as it answered first."""
    return honest(replace(request, body={**request.body, "messages": request.messages[:2]}))


def knows_everybody(payload: Mapping[str, Any]) -> Answer:
    """A model that knows the persons from elsewhere and puts their names into all it writes for the house."""
    names = [f"{c['first_name']} {c['last_name']}" for account in payload["accounts"] for c in account["contacts"]]

    def answer(request: Request) -> Reply:
        text = truthful(request).text
        named = names[request.number % len(names)]
        if request.schema_name == "Assessment":
            made = json.loads(text)
            return Reply(
                json.dumps({**made, "explanation": f"{named} is unhappy. {made['explanation']}"}, ensure_ascii=False)
            )
        if request.schema_name == "TicketNotes":
            return Reply(f"Dear {named}, here is no JSON.")
        return Reply(text)

    return answer


@pytest.mark.parametrize("model", ["honest", "one that knows everybody"])
async def test_no_person_is_on_the_wire_however_the_texts_name_it(model: str) -> None:
    payload = seeded()
    answer = truthful if model == "honest" else knows_everybody(payload)
    report, requests = await run(payload, answer, Masker)
    accounts = read_payload(payload, max_accounts=1_000).payload.accounts
    steps = {request.schema_name for request in requests}
    assert steps >= {"TicketNotes", "Assessment", "Email"}
    assert len(requests) >= 2.5 * len(report.accounts)
    assert leaks(requests, accounts) == {}
    whole = "\n".join(text for request in requests for text in texts_of(request))
    assert (
        sorted(value for value in written_ways(payload) if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", whole)) == []
    )


async def test_the_bytes_themselves_hold_no_address_and_no_number_of_a_person() -> None:
    payload = seeded()
    _, requests = await run(payload, truthful, Masker)
    values = {
        contact[key] for account in payload["accounts"] for contact in account["contacts"] for key in ("email", "phone")
    }
    raw = b"\n".join(request.raw for request in requests)
    assert [value for value in values if value.encode() in raw or json.dumps(value)[1:-1].encode() in raw] == []


async def test_the_search_finds_persons_when_the_masker_is_bypassed() -> None:
    payload = seeded()
    _, requests = await run(payload, truthful, Bypassed)
    found = leaks(requests, read_payload(payload, max_accounts=1_000).payload.accounts)
    for person in PEOPLE:
        assert f"{person['first_name']} {person['last_name']}" in found
    assert any("@" in value for value in found)
    assert any(value.startswith("+") for value in found)


@pytest.mark.parametrize(
    "question",
    [
        "What does Łukasz Wójcik's company want?",
        "why is josé ñíguez-peña unhappy?",
        "write to sofía garcía at sgarcia@example.com",
        "Which customers did GARCÍA call? +49 30 90182017",
    ],
)
async def test_persons_in_the_question_stay_home_too(question: str) -> None:
    payload = seeded()
    _, requests = await run(payload, truthful, Masker, question)
    asked = [request for request in requests if request.schema_name not in ("TicketNotes", "Assessment", "Email")]
    assert leaks(asked, read_payload(payload, max_accounts=1_000).payload.accounts) == {}
    whole = "\n".join(text for request in asked for text in texts_of(request)).lower()
    assert [word for word in ("wójcik", "ñíguez", "garcía", "sgarcia", "90182017") if word in whole] == []


@pytest.mark.parametrize(
    "text",
    ["Which customers did Müller call?", "Thanks, Ada Ñíguez-Peña", "user am.darcy cannot log in"],
    ids=["a name that folds to a word", "another's first name before an own last name", "initials in a local part"],
)
def test_the_masker_knows_these_persons_too(text: str) -> None:
    accounts = read_payload(seeded(), max_accounts=1_000).payload.accounts
    one = next(account for account in accounts if not any(contact.first_name == "Ada" for contact in account.contacts)
               and {"Ñíguez-Peña", "D’Arcy", "García"} <= {contact.last_name for contact in account.contacts})  # fmt: skip
    masked = Masker(accounts).mask(text, one.account_id if "customers" not in text else "")
    assert [word for word in ("Müller", "Ada", "darcy") if word in masked] == []


# --- All 1,200 accounts -------------------------------------------------------------------------------------------


async def large() -> Mapping[str, Any]:
    """The organisation history as one payload; where it is not there, the sample organisation made as large."""
    if HISTORY.is_dir():
        mapping = ROOT / "docs" / "examples" / "history_mapping.yaml"
        sources = load_sources(mapping, environ={}, folder=HISTORY).sources
        now = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
        return (await pull(sources, as_of=TODAY, clock=lambda: now, timeout_seconds=60)).document
    parts = [organisation(TODAY, seed).payload() for seed in range(7, 12)]
    accounts = [
        {**account, "account_id": f"{account['account_id']}{number}"}
        for number, part in enumerate(parts)
        for account in part["accounts"]
    ]
    return {**parts[0], "accounts": accounts[:LARGE]}


@pytest.mark.slow
async def test_no_person_is_on_the_wire_of_a_run_over_all_accounts() -> None:
    payload = await large()
    report, requests = await run(payload, truthful, Masker)
    accounts = read_payload(payload, max_accounts=5_000).payload.accounts
    assert len(accounts) == LARGE
    assert len(requests) > 2 * len(report.accounts) > 1_000
    assert leaks(requests, accounts) == {}
