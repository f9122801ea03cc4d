"""`baton doctor` tries every model and says what it found, and never a key."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from app.cli.diagnosis import diagnose
from app.cli.serving import report_models
from app.settings import load_settings
from tests.model_server import ModelServer, always, silent, unknown_model, without_json_schema

READY = always('{"word": "ready"}')


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("BATON_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)
    return tmp_path


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def use(monkeypatch: pytest.MonkeyPatch, url: str, key: str = "sk-right") -> None:
    monkeypatch.setenv("BATON_LLM_MODEL", "small")
    monkeypatch.setenv("BATON_LLM_BASE_URL", url)
    monkeypatch.setenv("OPENAI_API_KEY", key)


def test_without_a_model_nothing_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert diagnose()
    assert "built-in rules; no model is configured, none is called" in capsys.readouterr().out


def test_a_base_url_without_a_model_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BATON_LLM_BASE_URL", nobody())
    assert diagnose()
    assert "BATON_LLM_BASE_URL is set, BATON_LLM_MODEL is not" in capsys.readouterr().out


def test_a_model_that_answers_is_shown_with_how_it_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(READY, key="sk-right") as server:
        use(monkeypatch, server.url)
        assert diagnose()
        assert [request.model for request in server.requests] == ["small"]
    out = capsys.readouterr().out
    assert f"default: openai:small at {server.url}" in out
    assert re.search(r"ok, answers by json_schema, \d+\.\d", out)
    assert "steps      all" in out and "prices     not set" in out and "key        from OPENAI_API_KEY" in out
    assert "sk-right" not in out


@pytest.mark.parametrize("case", ["wrong key", "unknown model", "nobody listens", "resets the connection"])
def test_a_model_that_does_not_work_is_said_and_the_rest_printed(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"unknown model": unknown_model(), "resets the connection": silent(0)}.get(case, READY)
    with ModelServer(answer, key="sk-right") as server:
        use(monkeypatch, nobody() if case == "nobody listens" else server.url, "sk-" + case.split()[0])
        if case not in ("wrong key", "nobody listens"):
            monkeypatch.setenv("OPENAI_API_KEY", "sk-right")
        assert not diagnose()
    printed = capsys.readouterr()
    said = {"wrong key": "refused the key", "unknown model": "no such model"}.get(case, "connection")
    (found,) = [line for line in printed.out.splitlines() if line.strip().startswith("found")]
    assert "does not work" in found and said in found
    assert printed.out.splitlines()[-1].startswith("sources")
    assert "sk-" not in printed.out + printed.err


def test_each_route_is_shown_with_its_steps_prices_and_key_variable(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOUSE_KEY", "sk-house")
    with ModelServer(READY, key="sk-house") as good, ModelServer(without_json_schema(READY)) as old:
        (nowhere / "baton.yaml").write_text(f"""
        models:
          routes:
            large: {{model: l, base_url: "{good.url}", api_key_env: HOUSE_KEY, input_usd: 0.25, output_usd: 2}}
            small: {{model: "s:7b", base_url: "{old.url}"}}
            spare: {{model: x, base_url: "{nobody()}"}}
          default: [small]
          steps: {{write_email: [large, small], plan: []}}
        """)
        assert diagnose()
    out = capsys.readouterr().out
    large, small, spare = out.split("  large: ")[1].replace("  spare: ", "  small: ").split("  small: ")
    assert "openai:l at" in large and "steps      write_email\n" in large and "$0.25 in, $2 out" in large
    assert "key        from HOUSE_KEY" in large and "ok, answers by json_schema" in large
    assert "openai:s:7b at" in small and "steps      read_tickets, reason, write_email, summarise\n" in small
    assert "ok, answers by function_calling" in small
    assert "used by no step" in spare and "not asked" in spare
    assert "built-in rules alone answer plan" in out
    assert "sk-house" not in out


def test_a_starting_service_logs_the_models_that_do_not_work(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with ModelServer(READY, key="sk-right") as server:
        use(monkeypatch, server.url, "sk-wrong")
        report_models(load_settings())
        monkeypatch.setenv("OPENAI_API_KEY", "sk-right")
        report_models(load_settings())
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("app.")]
    assert len(lines) == 1 and "the server refused the key" in lines[0] and "sk-" not in lines[0]
