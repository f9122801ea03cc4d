"""The image and the compose file as far as they can be held to without a container engine; deploy.md says what was not run."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.cli.processes import free_port
from app.main import create_app
from app.settings import load_settings
from connectors.shim.serving import served
from connectors.shim.settings import load_settings as load_shim_settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ROOMS = ("app", "chains", "prompts", "connectors")
HEALTHCHECK = ROOT / "deploy/healthcheck.py"
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
GIVEN = {
    "BATON_ENCRYPTION_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "BATON_JWT__ISSUER": "https://id.example.com/",
    "BATON_JWT__JWKS_URL": "https://id.example.com/keys",
    "BATON_JWT__AUDIENCE": "baton",
    "POSTGRES_PASSWORD": "not-a-secret",
}
_HADOLINT = shutil.which("hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


def instructions(name: str) -> list[str]:
    """The arguments of an instruction of the Dockerfile, in order."""
    return re.findall(rf"^{name}\s+(.+)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    """What the image takes from the checkout."""
    return [source for line in instructions("COPY") if "--from=" not in line for source in line.split()[:-1]]


def environment_of_image() -> dict[str, str]:
    """What the image sets for its processes."""
    pairs = (pair.split("=", 1) for pair in instructions("ENV")[-1].split())
    return {name: value for name, value in pairs if name.startswith("BATON_")}


def filled_in(text: str, given: dict[str, str]) -> str:
    """A value of the compose file with its variables in place."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match["name"], match["kind"] or "", match["rest"] or ""
        if kind == ":?" and not given.get(name):
            raise KeyError(name)
        return given.get(name) or (rest if kind == ":-" else "")

    return re.sub(r"\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}", value, text)


@pytest.mark.parametrize("path", copied())
def test_what_the_image_copies_is_there_and_not_ignored(path: str) -> None:
    assert (ROOT / path).exists()
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert lines[1] == "*" or "*" in lines
    assert any(fnmatch.fnmatch(path, line.removeprefix("!")) for line in lines if line.startswith("!"))


def test_the_image_runs_as_nobody_of_the_host_in_exec_form_on_a_named_python() -> None:
    assert instructions("USER")[-1] == "10001:10001"
    assert [line[0] for line in (*instructions("ENTRYPOINT"), *instructions("CMD"))] == ["[", "["]
    image = dict(line.split("=", 1) for line in instructions("ARG"))["PYTHON_IMAGE"]
    assert re.fullmatch(r"python:3\.1[1-3]-slim-\w+(@sha256:[0-9a-f]{64})?", image)
    assert {line.split()[0] for line in instructions("FROM")} == {"${PYTHON_IMAGE}"}


def test_the_image_takes_locked_wheels_alone_and_builds_nothing_in_its_last_stage() -> None:
    installs = [line for line in instructions("RUN") if "pip install" in line]
    assert all("--require-hashes -r" in line or "--no-deps --no-build-isolation" in line for line in installs)
    assert "--only-binary=:all:" in installs[0]
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert not re.search(r"apt-get|pip install|gcc|curl", last)


def test_no_secret_stands_in_the_image_or_the_compose_file() -> None:
    for line in (*instructions("ENV"), *instructions("ARG")):
        assert not any(SECRET.search(pair.split("=")[0]) for pair in line.split())
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(name) or re.fullmatch(r"\$\{\w+:(\?.+|-)\}", value), name
    for line in (ROOT / "deploy/env.example").read_text(encoding="utf-8").splitlines():
        assert not (SECRET.search(line.split("=")[0]) and not line.startswith("#") and line.split("=", 1)[1])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert "privileged" not in service
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
    assert ":latest" not in service["image"]
    assert ":" in service["image"]


def test_the_database_is_reached_by_the_service_alone() -> None:
    assert "ports" not in SERVICES["postgres"]
    assert [name for name, service in SERVICES.items() if "store" in service["networks"]] == ["baton", "postgres"]
    assert COMPOSE["networks"]["store"] == {"internal": True}
    assert SERVICES["baton"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["shim"]["depends_on"] == {"baton": {"condition": "service_healthy"}}
    assert "healthcheck" in SERVICES["postgres"]


def test_the_service_takes_what_image_and_compose_file_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {name: filled_in(str(value), GIVEN) for name, value in SERVICES["baton"]["environment"].items()}
    for name, value in {**environment_of_image(), **given}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.host, settings.port, settings.auth, str(settings.data_dir)) == ("0.0.0.0", 8000, "jwt", "/data")
    assert settings.database_url == "postgresql://baton@postgres:5432/baton"
    assert not settings.sample.enabled
    assert not settings.model_engine.enabled


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_nothing_starts_while_a_value_is_missing(missing: str) -> None:
    without = {name: value for name, value in GIVEN.items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        [filled_in(str(value), without) for value in SERVICES["baton"]["environment"].values()]


def test_the_example_of_the_environment_names_what_the_compose_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    named = set(re.findall(r"^(\w+)=", (ROOT / "deploy/env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == named


def test_the_shim_takes_its_mounted_configuration(tmp_path: Path) -> None:
    for mount in (volume.split(":") for volume in SERVICES["shim"]["volumes"]):
        if mount[0].startswith("."):
            shutil.copytree(ROOT / mount[0], tmp_path / mount[1].lstrip("/"))
    settings = load_shim_settings(
        tmp_path / SERVICES["shim"]["command"][-1].lstrip("/"), environ={"SHIM_KEY": "not-a-secret"}
    )
    assert (settings.host, settings.port, settings.service.url) == ("0.0.0.0", 8081, "http://baton:8000")
    assert settings.service.knows_callers
    assert not settings.access.development
    assert {source.name for source in settings.sources} == {"crm-export", "product-usage", "billing"}


@pytest.mark.slow
def test_the_health_check_says_who_is_well_and_who_is_not(tmp_path: Path) -> None:
    with served(create_app(load_settings(data_dir=tmp_path, port=0))) as url:
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
        assert checked("/readyz", url.rsplit(":", 1)[1]) == 0
        assert checked("/nowhere", url.rsplit(":", 1)[1]) == 1
    assert checked("/readyz", str(free_port())) == 1


def checked(path: str, port: str) -> int:
    """The exit code of the image's health check, told the port as the image tells it, with a proxy in the way."""
    environment = {**os.environ, "BATON_PORT": port, "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, str(HEALTHCHECK), path], env=environment, check=False, timeout=30).returncode


@pytest.mark.slow
def test_the_copied_files_alone_make_a_baton_that_runs_where_it_cannot_write(tmp_path: Path) -> None:
    build, installed = tmp_path / "build", tmp_path / "installed"
    build.mkdir()
    for path in copied():
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, build / path, ignore=shutil.ignore_patterns("__pycache__"))
        elif path != "deploy/healthcheck.py":
            shutil.copy(ROOT / path, build)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(installed), str(build)], check=True, timeout=180)
    files = [file.relative_to(build) for room in ROOMS for file in (build / room).rglob("*") if file.is_file()]
    assert [file for file in files if not (installed / file).exists()] == []
    shutil.rmtree(build)
    elsewhere = tmp_path / "etc"
    elsewhere.mkdir(mode=0o555)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    ask = [sys.executable, "-P", "-m", "app.cli.main", "ask", "Which accounts are at risk this quarter?", "--json"]
    done = subprocess.run(
        ask,
        cwd=elsewhere,
        env={**environment, "BATON_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert '"accounts"' in done.stdout
    assert not list(elsewhere.iterdir())


@pytest.mark.skipif(_HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run([str(_HADOLINT), "Dockerfile"], cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout
