"""`baton`: asks, scores, checks and serves from a terminal; heavy parts are imported by the command that needs them."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from app.cli.source_commands import sources_app

app = typer.Typer(
    name="baton",
    help="Who may leave, why, and what to do about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
drafts_app = typer.Typer(help="The drafts that wait for a person.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(drafts_app, name="drafts")
evals_app = typer.Typer(
    help="How good a model is at each step, scored by code.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(evals_app, name="evals")
app.add_typer(sources_app, name="sources")

PayloadFile = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON or JSON Lines, gzip or not; - reads standard input.")
]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="The day to answer as of; the payload's, else today.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(epilog="--debug, anywhere, shows the traceback of an error.")
def options(context: typer.Context) -> None:
    """Who may leave, why, and what to do about it."""
    context.obj = os.environ


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in plain words.")],
    payload: Annotated[
        str, typer.Option("--payload", metavar="FILE", help="A payload to answer from; - reads standard input.")
    ] = "",
    thread: Annotated[str, typer.Option("--thread", metavar="ID", help="Ask within this conversation.")] = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.")] = None,
) -> None:
    """Answer a question from a payload, or from the sample organisation."""
    from app.cli.asking import ask_once

    ask_once(question, payload=payload, thread=thread, as_of=as_of, as_json=as_json, html=html)


@app.command()
def score(
    file: PayloadFile,
    as_of: AsOf = "",
    horizon_days: Annotated[int, typer.Option("--horizon-days", metavar="N", min=1, max=730)] = 90,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write CSV here.")] = None,
) -> None:
    """Score every active account of a payload."""
    from app.cli.scoring import score_file

    score_file(file, as_of=as_of, horizon_days=horizon_days, csv=csv)


@app.command()
def check(file: PayloadFile, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Validate a payload and say what is wrong with it, record by record."""
    from app.cli.scoring import check_file

    check_file(file, as_of=as_of, as_json=as_json)


@app.command()
def payload(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Raw exports of the systems and mapping.yaml.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="A mapping that stands elsewhere.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the payload here.")] = None,
    as_of: AsOf = "",
    past: Annotated[
        bool,
        typer.Option(
            "--past", help="The day is past: lost accounts were active, renewals are derived from start and term."
        ),
    ] = False,
) -> None:
    """Join a folder of exports into one payload."""
    from app.cli.history import write_payload

    write_payload(folder, mapping=mapping, out=out, as_of=as_of, past=past, environ=os.environ)


@app.command()
def backtest(
    history: Annotated[Path, typer.Argument(metavar="HISTORY_DIR", help="Raw exports, mapping.yaml and labels.csv.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="A mapping that stands elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score past days of a history and compare with who really left."""
    from app.cli.history import backtest_history

    backtest_history(history, mapping=mapping, as_json=as_json, environ=os.environ)


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", metavar="H")] = "",
    port: Annotated[int | None, typer.Option("--port", metavar="P", min=0, max=65535)] = None,
) -> None:
    """Run the HTTP service."""
    from app.cli.serving import serve_forever

    serve_forever(host=host, port=port)


@app.command()
def shim(
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="shim.yaml; without it the sample organisation.")
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="H")] = "",
    port: Annotated[int | None, typer.Option("--port", metavar="P", min=0, max=65535)] = None,
    service: Annotated[str, typer.Option("--service", metavar="URL")] = "",
) -> None:
    """Run the integration shim: over configured systems, or over the sample organisation's three."""
    from app.cli.serving import shim_forever

    shim_forever(config=config, host=host, port=port, service=service, environ=os.environ)


@app.command()
def doctor() -> None:
    """Check the settings, the store and the engine, and say what was found; each model is asked one small question."""
    from app.cli.diagnosis import diagnose

    if not diagnose():
        raise typer.Exit(1)


@app.command()
def openapi(
    profile: Annotated[
        str,
        typer.Option("--profile", metavar="NAME", help="external-services: OpenAPI 3.0, as platforms import it."),
    ] = "",
    server: Annotated[
        str, typer.Option("--server", metavar="URL", help="Where platforms reach the service, for the profile.")
    ] = "",
) -> None:
    """Print the OpenAPI document of the service."""
    from app.cli.diagnosis import print_openapi

    print_openapi(profile, server)


@app.command()
def demo() -> None:
    """Run the main job on the sample organisation, through the real service and the shim."""
    from app.cli.demonstration import demonstrate

    demonstrate()


@drafts_app.command("list")
def drafts_list(
    status: Annotated[str, typer.Option("--status", metavar="STATUS")] = "",
    account_id: Annotated[str, typer.Option("--account", metavar="ID")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=200)] = 50,
    as_json: AsJson = False,
) -> None:
    """List drafts, newest first."""
    from app.cli.drafting import show_list

    show_list(status=status, account_id=account_id, limit=limit, as_json=as_json)


@drafts_app.command("show")
def drafts_show(
    draft_id: Annotated[str, typer.Argument(metavar="DRAFT_ID")],
    as_json: AsJson = False,
) -> None:
    """Show a draft with its facts and checks."""
    from app.cli.drafting import show_one

    show_one(draft_id, as_json=as_json)


@evals_app.command("run")
def evals_run(
    cases: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Cases; those of the checkout when none are named.")
    ] = None,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="Such as openai:gpt-5-mini.")] = "",
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="A server that speaks the OpenAI API.")
    ] = "",
    recorded: Annotated[
        list[Path] | None,
        typer.Option(
            "--recorded",
            metavar="FILE",
            help="Answers recorded before; a model is asked for others only where --model names it.",
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Keep the answers, to be replayed with --recorded.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep the measures, to be compared.")
    ] = None,
) -> None:
    """Try a model, or recorded answers, on the cases and print what they are worth."""
    from app.cli.evaluating import run_evals

    run_evals(cases or [], model=model, base_url=base_url, recorded=recorded or [], record=record, out=out)


@evals_app.command("compare")
def evals_compare(
    first: Annotated[Path, typer.Argument(metavar="FILE", help="Measures kept by evals run --out.")],
    second: Annotated[Path, typer.Argument(metavar="FILE")],
) -> None:
    """Put two kept runs side by side: two models, or two versions of a prompt."""
    from app.cli.evaluating import compare_evals

    compare_evals(first, second)


def main() -> None:
    """Run the command; an error is one line that says what to do, and exit code 1 or 2."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        ended = app(standalone_mode=False)
    except Exception as error:
        if debug:
            traceback.print_exc()
        line, code = _failure(error)
        if line:
            print(f"baton: {line}", file=sys.stderr)
        sys.exit(code)
    sys.exit(ended if isinstance(ended, int) else 0)


def _failure(error: Exception) -> tuple[str, int]:
    """What went wrong in one line, and the exit code; the line is empty where help was shown instead."""
    if isinstance(error, typer.Abort):
        return "stopped", 1
    if said := getattr(error, "format_message", None):  # A usage error; Typer names no public class of it.
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # type: ignore[attr-defined]
            return "", 2
        command = getattr(getattr(error, "ctx", None), "command_path", "baton")
        return f"{said()} See `{command} --help`.", 2
    from app.errors import ConfigurationError, ConflictError, NotFoundError, RejectedError, TooLargeError
    from chains.errors import InvalidQuestionError
    from connectors.errors import (
        ConnectorError,
        InvalidPayloadError,
        InvalidSourceConfigError,
        PayloadTooLargeError,
        SourceRefusedError,
    )
    from prompts.loader import PromptError

    usage = (
        PromptError,
        RejectedError,
        NotFoundError,
        ConflictError,
        TooLargeError,
        ConfigurationError,
        InvalidQuestionError,
        InvalidPayloadError,
        InvalidSourceConfigError,
        PayloadTooLargeError,
        SourceRefusedError,
    )
    message = (
        getattr(error, "message", "")
        or f"it failed unexpectedly ({type(error).__name__}); run again with --debug to see where"
    )
    pointers = [f"{pointer} ({text})" for pointer, text in getattr(error, "errors", ()) if pointer]
    if isinstance(error, ConnectorError | RejectedError) and pointers:
        message += " At " + ", ".join(pointers[:5]) + "."
    return " ".join(message.split()), 2 if isinstance(error, usage) else 1


if __name__ == "__main__":
    main()
