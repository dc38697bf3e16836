"""The command line: `gaincurve VERB`, also `python -m bench VERB`. Exit status: 0 done, 1 the work failed, 2 the words were wrong."""

import sys

import typer
from typer.exceptions import TyperException

from bench import cli_fit, cli_games, cli_run
from games.errors import GaincurveError, UsageError

app = typer.Typer(
    name="gaincurve",
    help="Measure how compressible good play is: gain against rules, parameters and bits, on exactly solved games.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for verb in (cli_games.games, cli_games.solve, cli_fit.fit, cli_fit.explain, cli_fit.compare, cli_run.run, cli_run.report, cli_games.info):
    app.command()(verb)


def main() -> None:
    """Run the command line; every failure that is foreseen is one line on stderr."""
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        _say(error.format_message())
        status = error.exit_code
    except GaincurveError as error:
        _say(str(error))
        status = 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        _say(f"{error.filename or 'input or output'}: {error.strerror or error}")
        status = 1
    if status == 130:
        _say("interrupted; the same command goes on from the last finished cell" if "run" in sys.argv[1:2] else "interrupted")
    sys.exit(status if isinstance(status, int) else 0)


def _say(message: str) -> None:
    print("error: " + " ".join(message.split()), file=sys.stderr)


if __name__ == "__main__":
    main()
