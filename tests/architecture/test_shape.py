"""The shape that reviews kept asking for, as tests; the import rules themselves are `make check`'s."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("app", "chains", "prompts", "connectors")
MODULES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
LONGEST_MODULE = 310
VAGUE = {"utils", "helpers", "common", "misc", "base", "core", "manager"}
ENVIRONMENT_READERS = {"app/source_settings.py", "app/settings.py", "app/cli/main.py", "app/cli/processes.py"}


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_a_module_is_small_and_named_for_what_it_does(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
    assert file.stem not in VAGUE


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_the_environment_is_read_in_one_place(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    reads = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")]
    assert not reads or name(file) in ENVIRONMENT_READERS


def test_langserve_is_imported_by_one_module() -> None:
    importing = [name(file) for file in MODULES if "langserve" in imports_of(file)]
    assert importing == ["app/api/langserve_adapter.py"]


def imports_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {module.split(".")[0] for module in modules}


def test_lock_files_name_no_index_and_pin_every_package_by_hash() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


def test_notebooks_hold_no_output() -> None:
    assert all(
        '"outputs": []' in file.read_text() or '"cell_type": "code"' not in file.read_text()
        for file in (ROOT / "notebooks").glob("*.ipynb")
    )
    assert not [file for file in (ROOT / "notebooks").glob("*.ipynb") if '"output_type"' in file.read_text()]
