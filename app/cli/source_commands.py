"""`baton sources`: the commands about configured systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

sources_app = typer.Typer(help="The systems that accounts are read from.", no_args_is_help=True, rich_markup_mode=None)
SourcesFile = Annotated[
    Path | None,
    typer.Argument(metavar="[PATH]", help="The file or folder that configures the sources; the configured one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@sources_app.command("check")
def check(
    context: typer.Context,
    path: SourcesFile = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help="Where relative paths begin; where the file stands."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every source and show ten mapped records of each kind, and what could not be mapped or matched."""
    from app.cli.sourcing import check_sources

    if not check_sources(path, folder=folder, as_json=as_json, environ=context.obj):
        raise typer.Exit(1)


@sources_app.command("list")
def list_(context: typer.Context, path: SourcesFile = None, as_json: AsJson = False) -> None:
    """List the configured sources and where they are."""
    from app.cli.sourcing import list_sources

    list_sources(path, as_json=as_json, environ=context.obj)
