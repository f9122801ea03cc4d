"""What the guides name is there: files behind links, commands, settings, and fields of the payload."""

from __future__ import annotations

import json
import re
import typing
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from app.cli.main import app
from app.settings import Settings
from connectors import records

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
MULESOFT = ROOT / "docs/examples/mulesoft"
FLOWS: list[dict[str, Any]] = json.loads((ROOT / "docs/examples/node-red/flows.json").read_text(encoding="utf-8"))
ASKED = {"input", "question", "as_of", "payload", "wait_seconds"}


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_links_lead_somewhere(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", guide.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (guide.parent / link).exists()] == []


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_commands_are_those_of_the_command_line(guide: Path) -> None:
    named = set(re.findall(r"\bbin/baton ((?:[a-z]+ ?){1,2})", guide.read_text(encoding="utf-8")))
    for words in (command.split() for command in named):
        known = get_command(app)
        while words and (commands := getattr(known, "commands", None)) is not None:
            assert words[0] in commands, words
            known = commands[words.pop(0)]


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_settings_are_those_of_the_service(guide: Path) -> None:
    for variable in set(re.findall(r"\bBATON_([A-Z_]+[A-Z])\b", guide.read_text(encoding="utf-8"))):
        group: Any = Settings
        for part in variable.lower().split("__"):
            if not hasattr(group, "model_fields"):  # Named by the operator, as model routes are.
                break
            assert part in group.model_fields, variable
            group = group.model_fields[part].annotation


def fields(record: type[msgspec.Struct]) -> set[str]:
    """The record's fields and those of its parts."""
    found: set[str] = set()
    for field, hint in typing.get_type_hints(record).items():
        found.add(field)
        for part in (hint, *typing.get_args(hint)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                found |= fields(part)
    return found


def test_the_dataweave_mapping_writes_fields_that_a_payload_has() -> None:
    body = (MULESOFT / "unified-payload.dwl").read_text(encoding="utf-8").rpartition("\n---\n{")[2]
    written = set(re.findall(r"[{,\n]\s*(\w+):", body))
    assert written - ASKED <= fields(records.Payload)
    assert written >= ASKED | {"accounts", "usage", "invoices", "tickets", "contacts"}


@pytest.mark.parametrize("script", sorted(MULESOFT.glob("*.dwl")), ids=name)
def test_a_dataweave_script_closes_what_it_opens(script: Path) -> None:
    text = re.sub(r'//.*|"(?:\\.|[^"\\])*"|/(?:\\.|[^/\n\\])+/ with', "", script.read_text(encoding="utf-8"))
    assert all(text.count(left) == text.count(right) for left, right in ("()", "{}", "[]"))
    assert script.read_text(encoding="utf-8").startswith("%dw 2.0\n")


def test_the_mule_flow_is_well_formed_and_sends_what_makes_a_repetition_safe() -> None:
    mule = "{http://www.mulesoft.org/schema/mule/core}"
    http = "{http://www.mulesoft.org/schema/mule/http}"
    tree = ET.parse(MULESOFT / "churn-question.xml")
    flows = {flow.get("name") for kind in ("flow", "sub-flow") for flow in tree.iter(mule + kind)}
    asked = {reference.get("name") for reference in tree.iter(mule + "flow-ref")}
    assert asked - flows == {"read-the-systems"}
    (post,) = (request for request in tree.iter(http + "request") if request.get("method") == "POST")
    assert "Idempotency-Key" in "".join(post.itertext())
    assert all(request.get("sendCorrelationId") == "ALWAYS" for request in tree.iter(http + "request"))


def test_every_wire_of_the_flow_leads_to_a_node() -> None:
    known = {node["id"] for node in FLOWS}
    wired = {end for node in FLOWS for output in node.get("wires", []) for end in output}
    linked = {end for node in FLOWS for end in node.get("links", [])}
    assert wired | linked <= known
    assert len(known) == len(FLOWS)


def test_the_flow_keeps_no_secret_and_no_address_but_the_default() -> None:
    text = json.dumps(FLOWS)
    assert re.findall(r"https?://[^\s\"'`\\)/]+", text) == ["http://127.0.0.1:8000"]
    assert not any("credentials" in node for node in FLOWS)


def test_the_first_answer_example_is_read_without_a_remark() -> None:
    example = ROOT / "docs/examples/first-answer/sources.yaml"
    done = CliRunner().invoke(app, ["sources", "check", str(example), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["ok"]
    assert [finding for finding in found["findings"] if finding["code"] != "stale_source"] == []


@pytest.mark.parametrize("guide", GUIDES, ids=name)
def test_yaml_blocks_can_be_read(guide: Path) -> None:
    for block in re.findall(r"^```yaml\n(.*?)^```", guide.read_text(encoding="utf-8"), re.M | re.S):
        yaml.safe_load(block)
