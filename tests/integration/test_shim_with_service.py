"""The shim before the real service, which verifies the forwarded token again by the key set that the shim keeps."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import load_settings
from chains.churn.schema import FLAGSHIP_QUESTION
from connectors.sample import Organisation
from connectors.shim.demo_systems import demo_systems
from connectors.shim.development import TokenWish, open_issuer
from connectors.shim.serving import served
from connectors.shim.settings import ServiceSettings, ShimSettings
from tests.integration.conftest import TODAY, fixed_clock
from tests.shim_stage import Stage, staged

PLACEHOLDER = re.compile(r"\[\[[a-z]+_\d+\.\w+\]\]")


@dataclass(frozen=True)
class Road:
    stage: Stage
    settings: ShimSettings
    service: str
    organisation: Organisation


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = Path(tmp_path_factory.mktemp("road"))
    issuer = open_issuer(folder / "shim", issuer="http://shim.test", audience="baton", clock=lambda: 0.0)
    settings = load_settings(
        data_dir=folder / "data",
        port=0,
        auth="jwt",
        jwt={"issuer": issuer.issuer, "audience": issuer.audience, "jwks_file": issuer.jwks_file},
    )
    with (
        demo_systems(folder / "systems", TODAY) as systems,
        served(create_app(settings, clock=fixed_clock)) as service,
    ):
        shim = ShimSettings(systems.sources(), service=ServiceSettings(service), data_dir=folder / "shim")
        with staged(shim, clock=lambda: fixed_clock().timestamp()) as stage:
            yield Road(stage, shim, service, systems.organisation)


def asked(road: Road, question: str = FLAGSHIP_QUESTION, **wish: Any) -> dict[str, Any]:
    body = {key: wish.pop(key) for key in ("thread_id", "reuse_payload") if key in wish}
    scopes = wish.pop("scopes", ("churn:run", "pii:read"))
    response = road.stage.ask({"question": question, **body}, token=road.stage.token(*scopes, **wish))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_answer_names_persons_whom_the_service_never_saw(road: Road) -> None:
    report = asked(road)["report"]
    account = report["accounts"][0]
    truth = {one.account_id: one for one in road.organisation.accounts}[account["account_id"]]
    contact = next(one for one in truth.contacts if one.contact_id == account["draft"]["to_contact_id"])
    assert truth.owner is not None
    assert f"{contact.first_name} {contact.last_name}" in account["draft"]["body"].splitlines()[0]
    assert account["draft"]["body"].endswith(truth.owner.name)
    assert account["draft"]["status"] == "awaiting_approval"
    assert not PLACEHOLDER.search(account["draft"]["body"])


def test_answer_keeps_placeholders_for_those_who_may_not_see_persons(road: Road) -> None:
    report = asked(road, scopes=("churn:run",))["report"]
    bodies = [account["draft"]["body"] for account in report["accounts"] if account["draft"]]
    assert bodies
    assert all(PLACEHOLDER.search(body) for body in bodies)


def test_masking_changes_no_probability(road: Road, service: str) -> None:
    masked = asked(road, scopes=("churn:run",))["report"]
    payload = road.organisation.payload()
    body = {"input": {"question": FLAGSHIP_QUESTION, "payload": payload, "as_of": TODAY.isoformat()}}
    with httpx.Client(trust_env=False, timeout=60) as client:
        open_report = client.post(f"{service}/churn/invoke", json=body).json()["output"]
    found, truth = (
        {account["account_id"]: account["churn_probability"] for account in report["accounts"]}
        for report in (masked, open_report)
    )
    assert found == truth


def test_follow_up_goes_on_with_the_same_payload_and_persons(road: Road) -> None:
    first = asked(road, thread_id="t-follow")
    second = asked(road, "Why the first one?", thread_id="t-follow", reuse_payload=True)
    assert second["thread_id"] == "t-follow"
    assert second["report"]["accounts"][0]["account_id"] == first["report"]["accounts"][0]["account_id"]
    assert not PLACEHOLDER.search(second["report"]["summary"])


def test_service_keeps_a_caller_to_the_regions_of_the_forwarded_token(road: Road) -> None:
    report = asked(road, "Which customers are at risk?", regions=("AMER",))["report"]
    assert report["accounts"]
    assert {account["region"] for account in report["accounts"]} == {"AMER"}


def test_service_refuses_a_token_that_only_the_shim_takes(road: Road, tmp_path: Path) -> None:
    with staged(replace(road.settings, data_dir=tmp_path), clock=lambda: fixed_clock().timestamp()) as other:
        response = other.ask()
    assert response.status_code == 401
    assert response.json()["code"] == "token_key_unknown"


def test_thread_of_another_person_is_not_gone_on_with(road: Road) -> None:
    asked(road, thread_id="t-mine")
    others = road.stage.ask(
        {"question": "Why the first one?", "thread_id": "t-mine", "reuse_payload": True},
        token=road.stage.issuer.token(TokenWish(subject="another", scopes=("churn:run",))),
    )
    assert "sample organisation" in " ".join(others.json()["report"]["warnings"])


def test_as_of_reaches_the_report(road: Road) -> None:
    day = TODAY - dt.timedelta(days=3)
    response = road.stage.ask({"question": FLAGSHIP_QUESTION, "as_of": day.isoformat()})
    assert response.json()["report"]["as_of"] == day.isoformat()
