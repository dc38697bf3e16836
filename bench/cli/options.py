"""The options that verbs share, each defined once, and how a shell completes their values."""

from pathlib import Path
from typing import Annotated

import typer

RUNS = Path("reports") / "runs"  # bench.harness.store.RUNS, which takes too long to import for --help


def _start_with(beginning: str, known: list[str]) -> list[str]:
    return [name for name in known if name.startswith(beginning)]


def complete_game(incomplete: str) -> list[str]:
    """The games that `gaincurve games` lists and that begin with `incomplete`."""
    from games.registry import families

    return _start_with(incomplete, [name for _, (_, examples) in sorted(families().items()) for name in examples.split()])


def complete_learner(incomplete: str) -> list[str]:
    """The learners whose names begin with `incomplete`."""
    from policies.registry import learners

    return _start_with(incomplete, list(learners()))


def complete_run(context: typer.Context, incomplete: str) -> list[str]:
    """The runs, in the folder that --runs names, whose names begin with `incomplete`."""
    runs = Path(context.params.get("runs") or RUNS)
    return _start_with(incomplete, sorted(path.parent.name for path in runs.glob("*/suite.json")))


def complete_suite(incomplete: str) -> list[str]:
    """The built-in suites whose names begin with `incomplete`."""
    from bench.suites.load import built_in_suites

    return _start_with(incomplete, sorted(built_in_suites()))


LEARNER_HELP = "A learner, with options if need be: rulelist, network, rulelist:language=concepts ..."
GAME_HELP = "A game, for example tictactoe or go-3x3."
BUDGETS_HELP = "Instead of the learners' own: 1,2,4 for all, or network=8,16 for one; may be repeated."

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
GameName = Annotated[str, typer.Option("--game", help=GAME_HELP, autocompletion=complete_game)]
LearnerText = Annotated[str, typer.Argument(help=LEARNER_HELP, autocompletion=complete_learner)]
LearnerTexts = Annotated[
    list[str], typer.Argument(help="One or more learners, for example rulelist network.", autocompletion=complete_learner)
]
Weights = Annotated[str, typer.Option(help="How positions count: strong (also called uniform), semi_strong or play.")]
Seed = Annotated[int, typer.Option(help="Seed of all random choices.")]
Seeds = Annotated[str, typer.Option(help="Seeds of the learners' random choices, for example 0,1,2.")]
Budgets = Annotated[list[str] | None, typer.Option(help=BUDGETS_HELP)]
Positions = Annotated[int | None, typer.Option(help="Measure on a random sample of N positions, drawn by the seed, not on all.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write the policy to this file, for `explain`; of selfplay, keep the run in this folder.")
]
SuiteName = Annotated[
    str, typer.Argument(help="A suite by name (quick), a .toml file, or a run by name or folder.", autocompletion=complete_suite)
]
RunName = Annotated[
    str | None,
    typer.Argument(metavar="RUN", help="A run by name or folder; the one worked on last unless given.", autocompletion=complete_run),
]
RunsFolder = Annotated[Path, typer.Option("--runs", help="The folder that holds all runs.")]
