"""The compose file against the Compose Specification's schema, and the rules of a linter that others maintain."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLDEST_NODE = 20
LINT = Path(__file__).parent / "compose"
_NPM = shutil.which("npm")

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(_NPM is None, reason="npm is not installed; CI has it"),
]


def linted(file: Path) -> subprocess.CompletedProcess[str]:
    """What dclint says of a compose file."""
    version = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"dclint needs Node.js {OLDEST_NODE}, this is {version.strip()}")
    if not (LINT / "node_modules").exists():
        install = [str(_NPM), "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(install, cwd=LINT, check=True, timeout=180)
    command = ["node", str(LINT / "node_modules/dclint/bin/dclint.cjs"), "--config", str(LINT / "dclint.yaml")]
    return subprocess.run(
        [*command, "--max-warnings", "0", str(file)],
        cwd=LINT,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_the_compose_file_keeps_to_its_schema_and_to_the_linter() -> None:
    done = linted(ROOT / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_the_linter_would_tell_a_misspelt_key(tmp_path: Path) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    bad = tmp_path / "compose.yaml"
    bad.write_text(text.replace("stop_grace_period", "stop_grace_perod", 1), encoding="utf-8")
    done = linted(bad)
    assert done.returncode != 0
    assert "invalid-schema" in done.stdout
