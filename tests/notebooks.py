"""`make notebooks`: run every notebook from a clean kernel and check that none commits output."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
TIMEOUT_SECONDS = 180


def main() -> int:
    """Exit code 1 when a notebook holds output or a cell fails (the traceback says which)."""
    for file in sorted(FOLDER.glob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        if any(cell.get("outputs") for cell in notebook.cells):
            print(f"{file.name} holds output; strip it before committing", file=sys.stderr)
            return 1
        NotebookClient(
            notebook,
            timeout=TIMEOUT_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(FOLDER.parent)}},
        ).execute()
        print(f"{file.name}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
