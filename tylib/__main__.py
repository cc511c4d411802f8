"""The command line, put together from ``tylib.commands``. Whatever goes wrong ends in one message and an exit code.

0 done; 1 a run failed; 2 a parameter is wrong; 3 data break their contract; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tylib import __version__
from tylib.commands import briefs, demo, figures, scenarios, tables
from tylib.commands.briefs import INTERRUPTED

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Briefs on what is published about each county, made from tables, parameters and notebooks.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"tylib {__version__}")
        raise typer.Exit


@app.callback()
def _tylib(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


app.add_typer(briefs.batch_app, name="batch")
app.command()(demo.demo)
app.command()(tables.check)
app.command()(tables.template)
app.command("import")(tables.take_in)
app.add_typer(tables.imports_app, name="imports")
app.command()(tables.changes)
app.command()(figures.bounds)
app.command("draws")(figures.feasible_draws)
app.command()(figures.worth)
app.command()(figures.oracles)
app.add_typer(scenarios.app, name="scenario")


def main() -> None:
    """Entry point of the command ``tylib``: errors of ours become messages, all others a message and a log."""
    from tylib.errors import TylibError

    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console is GBK: a character it lacks must not end the run.
        stream.reconfigure(errors="replace")
    try:
        app(prog_name="tylib")
    except TylibError as error:
        print(f"tylib: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("tylib: stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:
        print(f"tylib: {type(error).__name__}: {error}\ntylib: {_logged()}", file=sys.stderr)
        sys.exit(1)


def _logged() -> str:
    """Write the traceback where the user can find it, and say where."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile("w", prefix="tylib-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(" ".join(sys.argv) + "\n" + traceback.format_exc())
    except OSError:
        return "the traceback could not be written anywhere."
    return f"this should not happen; the traceback is in {file.name}"


if __name__ == "__main__":
    main()
