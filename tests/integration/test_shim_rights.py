"""What the shim reads, sends and fills in for whom, seen in the bytes that a service on loopback gets."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.shim.serving import served
from connectors.shim.settings import AccessSettings, ShimSettings, TimeSettings
from connectors.source_config import load_sources
from tests.shim_stage import (
    EVERYTHING,
    PERSON_VALUES,
    QUESTION,
    REPORT,
    Stage,
    StubService,
    problem,
    run_document,
    settings_for,
    staged,
)

MODES = {"forward": "", "own token": "own"}
THEIRS = {
    "account_id": "a2",
    "draft": {"body": "Dear [[contact_2.first_name]],\n[[owner_2.name]]"},
    "placeholders": [
        {"placeholder": "[[contact_2.first_name]]", "contact_id": "c2", "owner_id": "", "field": "first_name"},
        {"placeholder": "[[owner_2.name]]", "contact_id": "", "owner_id": "o2", "field": "name"},
    ],
}
POISONED = {**REPORT, "accounts": [*REPORT["accounts"], THEIRS]}  # type: ignore[misc]


@pytest.fixture
def stub() -> StubService:
    return StubService()


@pytest.fixture
def service_url(stub: StubService) -> Iterator[str]:
    with served(stub.app) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, service_url: str) -> ShimSettings:
    return settings_for(tmp_path, service_url)


@pytest.fixture(params=MODES.values(), ids=MODES)
def either(request: pytest.FixtureRequest, settings: ShimSettings) -> ShimSettings:
    """The settings in either mode: the caller's token sent on, or one of the shim's own."""
    return dataclasses.replace(settings, service=dataclasses.replace(settings.service, own_token=request.param))


def emea(stage: Stage) -> str:
    return stage.token(regions=("emea",))


def added(path: Path, *lines: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")


def mapped(folder: Path, more: str) -> None:
    """Let the tickets be mapped with more fields."""
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text().replace("ticket_id: Id, subject", f"ticket_id: Id, {more}, subject"))


def reloaded(settings: ShimSettings, folder: Path) -> ShimSettings:
    return dataclasses.replace(settings, sources=load_sources(folder / "sources.yaml", environ={}).sources)


def test_callers_of_another_tenant_are_refused_before_anything_is_read(either: ShimSettings, stub: StubService) -> None:
    with staged(either) as stage:
        for token in (stage.token(tenant="evil"), stage.token("churn:run", tenant="evil", regions=("EMEA",))):
            refused = stage.ask(token=token)
            assert (refused.status_code, problem(refused)["code"]) == (403, "tenant_unknown")
            looked = stage.call("GET", "/runs/run_1", headers={"Authorization": f"Bearer {token}"})
            assert looked.status_code == 403
        assert stage.ask().status_code == 200
    assert len(stub.calls) == 1


def test_installation_says_whose_callers_may_come(settings: ShimSettings) -> None:
    access = AccessSettings(tenant="north", tenants=frozenset(("north", "south")))
    with staged(dataclasses.replace(settings, access=access)) as stage:
        statuses = {
            tenant: stage.ask(token=stage.token(tenant=tenant)).status_code for tenant in ("south", "default", "")
        }
    assert statuses == {"south": 200, "default": 403, "": 200}


def test_a_token_without_a_tenant_is_refused_where_none_is_configured(settings: ShimSettings) -> None:
    with staged(settings) as stage:
        refused = stage.ask(token=stage.token(tenant=""))
    assert (refused.status_code, problem(refused)["code"]) == (401, "token_claims")


def test_no_account_beyond_the_callers_limits_is_sent(either: ShimSettings, stub: StubService) -> None:
    with staged(either) as stage:
        stage.ask(token=emea(stage))
        stage.ask(token=stage.token(regions=("APAC",)))
    some, none = (body["input"]["payload"] for body in stub.asked)
    assert [account["account_id"] for account in some["accounts"]] == ["a1"]
    assert not [text for text in ("a2", "Harbor", "Quill", "Okoro") if text in json.dumps(some)]
    assert none["accounts"] == []


def test_findings_that_may_name_accounts_beyond_the_limits_are_counted_only(
    either: ShimSettings, tmp_path: Path
) -> None:
    mapped(tmp_path, "opened_at: Opened")
    (tmp_path / "crm/tickets.csv").write_text("Id,AccountId,Opened,Subject,Body\nharbor-merger,a2,soon,s,b\n")
    added(tmp_path / "crm/accounts.csv", "a3,Harbor Paper Inc,AMER,o2,Noah Quill,n@vendor.example")
    (tmp_path / "billing/invoices.csv").unlink()
    with staged(reloaded(either, tmp_path)) as stage:
        limited, whole = (stage.ask(token=token) for token in (emea(stage), stage.token()))
    assert "harbor-merger" in whole.text
    findings = json.dumps(limited.json()["report"]["data_quality"])
    assert not [text for text in ("harbor-merger", "a2", "a3", "Harbor") if text in findings]
    told = {(one["scope"], one["severity"]) for one in limited.json()["report"]["data_quality"]}
    assert ("billing", "error") in told
    messages = [one["message"] for one in limited.json()["report"]["data_quality"]]
    assert "Findings that may name accounts outside your rights are not shown." in messages


def test_persons_of_accounts_that_were_not_read_for_the_caller_are_not_filled_in(
    either: ShimSettings, stub: StubService
) -> None:
    poisoned = {**run_document(), "result": POISONED}
    with staged(either) as stage:
        for _ in range(2):
            stub.then(poisoned)
        first = stage.ask({"question": QUESTION, "thread_id": "t"}, token=emea(stage))
        again = stage.ask({"question": QUESTION, "thread_id": "t", "reuse_payload": True}, token=emea(stage))
    for answer in (first, again):
        assert answer.json()["report"]["accounts"][0]["draft"]["body"] == "Dear Malte,\nImke Sandow"
        assert not [name for name in ("Ruth", "Okoro", "Noah", "Quill") if name in answer.text]


def test_persons_of_accounts_that_the_runs_payload_did_not_hold_are_not_filled_in(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    accounts = tmp_path / "crm/accounts.csv"
    whole = accounts.read_text()
    accounts.write_text("\n".join(whole.splitlines()[:2]) + "\n")
    with staged(settings) as stage:
        stage.ask(headers={"Idempotency-Key": "k"})
        accounts.write_text(whole)
        stub.then({**run_document(), "result": POISONED})
        again = stage.ask(headers={"Idempotency-Key": "k"})
    assert "Malte" in again.text
    assert "Ruth" not in again.text


def test_persons_beyond_the_callers_limits_are_not_filled_in_where_the_shim_knows_nothing_of_the_run(
    settings: ShimSettings, stub: StubService
) -> None:
    with staged(settings) as stage:
        stub.then({**run_document(), "result": POISONED})
        answer = stage.call("GET", "/runs/run_1", headers={"Authorization": f"Bearer {emea(stage)}"})
    assert "Malte" in answer.text
    assert "Ruth" not in answer.text


def test_placeholders_that_reach_into_another_account_stay(settings: ShimSettings, stub: StubService) -> None:
    row = {"placeholder": "[[contact_9.email]]", "contact_id": "a2\x1fc2", "owner_id": "", "field": "email"}
    account = {"account_id": "a1", "x": "[[contact_9.email]]", "placeholders": [row]}
    stub.then({**run_document(), "result": {**REPORT, "accounts": [account, {"account_id": "a2"}]}})
    with staged(settings) as stage:
        assert stage.ask().json()["report"]["accounts"][0]["x"] == "[[contact_9.email]]"


def test_run_of_wider_rights_is_not_shown_to_a_narrower_token_of_the_same_person(
    either: ShimSettings, stub: StubService
) -> None:
    with staged(dataclasses.replace(either, time=TimeSettings(total_seconds=0.5))) as stage:
        stub.then(run_document("running", retry_after_seconds=2), 202)
        wide = stage.ask(headers={"Idempotency-Key": "k"})
        assert wide.status_code == 202
        before = list(stub.calls)
        looked = stage.call("GET", "/runs/run_1", headers={"Authorization": f"Bearer {emea(stage)}"})
        assert (looked.status_code, stub.calls) == (404, before)
        narrow = stage.ask(token=emea(stage), headers={"Idempotency-Key": "k"})
        assert narrow.status_code == 200
        reordered = stage.token(regions=("AMER", "EMEA"))
        stage.ask(token=reordered, headers={"Idempotency-Key": "k"})
        stage.ask(token=stage.token(regions=("emea", "amer")), headers={"Idempotency-Key": "k"})
    held = [[one["account_id"] for one in body["input"]["payload"]["accounts"]] for body in stub.asked]
    assert held == [["a1", "a2"], ["a1"], ["a1", "a2"]]
    assert len({headers["idempotency-key"] for headers in stub.headers if "idempotency-key" in headers}) == 3


def test_shim_with_a_token_of_its_own_goes_on_only_with_threads_that_it_began_for_these_rights(
    settings: ShimSettings, stub: StubService
) -> None:
    own = dataclasses.replace(settings, service=dataclasses.replace(settings.service, own_token="own"))
    follow_up = {"question": QUESTION, "thread_id": "t", "reuse_payload": True}
    with staged(own) as stage:
        stage.ask({"question": QUESTION, "thread_id": "t"})
        assert stage.ask(follow_up).status_code == 200
        refused = stage.ask(follow_up, token=emea(stage))
    assert (refused.status_code, problem(refused)["code"]) == (409, "thread_unknown")
    assert len(stub.asked) == 2


def test_ids_that_are_addresses_or_names_leave_as_pseudonyms_and_find_their_persons_again(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    accounts, contacts = tmp_path / "crm/accounts.csv", tmp_path / "crm/contacts.csv"
    accounts.write_text(accounts.read_text().replace(",o1,", ",sandow.imke,"))
    contacts.write_text(contacts.read_text().replace("c1,a1", "malte.wendt@alpine.example,a1"))
    with staged(settings) as stage:
        stage.ask()
        (sent,) = stub.asked
        account = sent["input"]["payload"]["accounts"][0]
        contact_id, owner_id = account["contacts"][0]["contact_id"], account["owner"]["owner_id"]
        rows = [
            {"placeholder": "[[contact_1.first_name]]", "contact_id": contact_id, "field": "first_name"},
            {"placeholder": "[[owner_1.name]]", "owner_id": owner_id, "field": "name"},
        ]
        result = {**REPORT, "accounts": [{**REPORT["accounts"][0], "placeholders": rows}]}  # type: ignore[index]
        stub.then({**run_document(), "result": result})
        first = stage.ask()
    with staged(settings) as stage:
        stub.then({**run_document(), "result": result})
        later = stage.ask({"question": QUESTION, "thread_id": "t", "reuse_payload": True})
    assert not [value for value in PERSON_VALUES if value.lower() in stub.bodies[0].decode().lower()]
    for answer in (first, later):
        assert answer.json()["report"]["accounts"][0]["draft"]["body"] == "Dear Malte,\nImke Sandow"


def test_texts_in_fields_of_days_and_words_stay_at_home(
    settings: ShimSettings, stub: StubService, tmp_path: Path
) -> None:
    mapped(tmp_path, "opened_at: Opened, priority: Prio")
    (tmp_path / "crm/tickets.csv").write_text(
        "Id,AccountId,Opened,Prio,Subject,Body\n"
        "t1,a1,called by Ilse Aichinger,ask Ilse,s,b\n"
        "t2,a2,2026-11-01T10:00:00Z,P1,s,b\n"
    )
    contacts = tmp_path / "crm/contacts.csv"
    contacts.write_text(contacts.read_text().replace("23125850,Champion", "23125850,CEO (ask Ilse Aichinger)"))
    with staged(reloaded(settings, tmp_path)) as stage:
        report = stage.ask().json()["report"]
    one, two = stub.asked[0]["input"]["payload"]["accounts"]
    assert b"Ilse" not in stub.bodies[0]
    assert (one["tickets"][0]["opened_at"], one["tickets"][0]["priority"]) == ("?", "other")
    assert (one["contacts"][0]["role"], two["contacts"][0]["role"]) == ("other", "Champion")
    assert (two["tickets"][0]["opened_at"], two["tickets"][0]["priority"]) == ("2026-11-01T10:00:00Z", "P1")
    said = " ".join(finding["message"] for finding in report["data_quality"])
    assert "tickets.opened_at could not be mapped" in said
    assert "contacts.role: values that are no known words" in said


@pytest.mark.parametrize("reuse", [False, True], ids=["with a payload", "follow-up"])
def test_question_names_accounts_and_no_persons(settings: ShimSettings, stub: StubService, reuse: bool) -> None:
    question = "Why is Alpine Foods at risk? malte  WENDT on +49 30 23125850, m@x.example, asked Sandow. Will it last?"
    with staged(settings) as stage:
        answer = stage.ask({"question": question, "thread_id": "t", "reuse_payload": reuse})
    asked = stub.asked[0]["input"]["question"]
    assert asked == ("Why is Alpine Foods at risk? [[person]] on [[phone]], [[email]], asked [[person]]. Will it last?")
    assert "left out before it was sent" in answer.text


def test_question_is_sent_as_it_stands_where_it_names_nobody(settings: ShimSettings, stub: StubService) -> None:
    with staged(settings) as stage:
        answer = stage.ask({"question": QUESTION})
    assert stub.asked[0]["input"]["question"] == QUESTION
    assert answer.json()["report"]["data_quality"] == []


def test_limits_bound_what_callers_without_persons_get_too(either: ShimSettings, stub: StubService) -> None:
    with staged(either) as stage:
        answer: Any = stage.ask(token=stage.token(EVERYTHING[0], regions=("EMEA",)))
    assert answer.status_code == 200
    assert not [value for value in PERSON_VALUES if value in answer.text]
    assert len(stub.asked[0]["input"]["payload"]["accounts"]) == 1
