"""The command line: `gaincurve VERB`, also `python -m gaincurve VERB`. Exit status: 0 done, 1 the work failed, 2 the request was wrong."""

import os
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from bench.cli import (
    axis,
    bound,
    clean,
    compare,
    compress,
    diagnose,
    diff,
    dimension,
    explain,
    exploit,
    export,
    fit,
    games,
    learners,
    match,
    merge,
    new,
    play,
    prequential,
    run,
    score,
    tails,
    truth,
)
from bench.harness.versions import naming_missing_libraries
from games.errors import GaincurveError, UsageError, WorkError, nearest
from policies.former_names import FormerNameWarning

app = typer.Typer(
    name="gaincurve",
    help="Measure how compressible good play is: gain against rules, parameters and bits, on exactly solved games.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
PANELS: dict[str, dict[str, Callable[..., None]]] = {
    "Games": {
        "games": games.games,
        "solve": games.solve,
        "truth": truth.truth,
        "check": new.check,
        "new-game": new.new_game,
    },
    "Policies": {
        "learners": learners.learners,
        "fit": fit.fit,
        "explain": explain.explain,
        "score": score.score,
        "play": play.play,
        "watch": play.watch,
        "quiz": play.quiz,
        "exploit": exploit.exploit,
        "match": match.match,
        "gtp": match.gtp,
        "compare": compare.compare,
        "compress": compress.compress,
        "prequential": prequential.prequential,
        "dimension": dimension.dimension,
        "diagnose": diagnose.diagnose,
        "bound": bound.bound,
        "verify": bound.verify,
    },
    "Runs": {
        "run": run.run,
        "status": run.status,
        "report": run.report,
        "tails": tails.tails,
        "axis": axis.axis,
        "export": export.export,
        "diff": diff.diff,
        "merge": merge.merge,
        "clean": clean.clean,
    },
    "Installation": {"info": games.info},
}
LAST = {"run": "the last finished cell", "bound": "what it has written", "truth": "the last position proved"}  # where a verb goes on
VERBS = {name: verb for panel in PANELS.values() for name, verb in panel.items()}
for title, panel in PANELS.items():
    for name, verb in panel.items():
        app.command(name, rich_help_panel=title)(verb)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from games.keys.modules import versions

        print(f"gaincurve {versions(['gaincurve'])['gaincurve']}")
        raise typer.Exit


@app.callback()
def _before_any_verb(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None: ...


def main() -> None:
    """Run the command line; every failure that is foreseen is one line on stderr."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # thousands of tiny products, which threads would only wait for each other in
    if sys.stderr is None:  # it was closed before; print would send errors to stdout
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    try:
        if sys.stdout is None:
            raise WorkError("standard output is closed: open it, or send it to /dev/null")
        _check_verb(sys.argv[1:2])
        with warnings.catch_warnings(), naming_missing_libraries():
            _show_warnings_in_a_line()
            status = app(prog_name="gaincurve", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        _say(error.format_message())
        status = error.exit_code
    except GaincurveError as error:
        _say(str(error))
        status = 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # what reads has ended, as head does
            _say(f"{error.filename or 'input or output'}: {error.strerror or error}")
        status = 1
    _give_up_unwritten()
    if status == 130:
        last = {"run": "the last finished cell", "bound": "what it has written", "truth": "the last positions proved"}.get(
            "".join(sys.argv[1:2])
        )
        _say("interrupted" if last is None else f"interrupted; the same command goes on from {last}")
    sys.exit(status if isinstance(status, int) else 0)


def _give_up_unwritten() -> None:
    """Drop what stdout does not take, which Python would else try to write again, and complain about, at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_verb(arguments: list[str]) -> None:
    for name in arguments:
        if not name.startswith("-") and name not in VERBS:
            raise UsageError(f"unknown verb {name!r}; {nearest(name, list(VERBS))}")


def _show_warnings_in_a_line() -> None:
    """Show a FormerNameWarning as one line on stderr; others as Python does."""
    show = warnings.showwarning

    def in_a_line(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, FormerNameWarning):
            print(f"warning: {message}", file=sys.stderr)
        else:
            show(message, category, *where, **more)

    warnings.showwarning = in_a_line


def _say(message: str) -> None:
    if message:  # there is none where the help was asked for, or called for by giving no verb
        print("error: " + " ".join(message.split()), file=sys.stderr)


if __name__ == "__main__":
    main()
