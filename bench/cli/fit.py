"""The verb `fit`: one policy, from the truth, from a part of it, or from another policy."""

import dataclasses
import shlex
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.games import announce_solving
from bench.cli.measures import measures, print_held_out, print_measures, set_facts
from bench.cli.options import GAME_HELP, LEARNER_HELP, RUNS, Json, Out, Weights, complete_game, complete_learner
from bench.cli.outputs import check_file
from bench.terminal import emit_json, emit_table, working
from bench.wording import count_units, singular
from games.errors import UsageError, nearest

GRADES = ["never_loses", "keeps_value", "optimal_everywhere"]
SEATS = ["first", "second", "both"]
WITH_CELL = ("cell", "suite", "runs", "budget", "out", "json")


def fit(
    context: typer.Context,
    learner: Annotated[str | None, typer.Argument(help=LEARNER_HELP, autocompletion=complete_learner)] = None,
    game: Annotated[str | None, typer.Option("--game", help=GAME_HELP, autocompletion=complete_game)] = None,
    budget: Annotated[
        int | None,
        typer.Option(help="How many units (rules, entries, hidden units) the policy may use; with --shortest, the longest list to try."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="What rules may be made of, for example concepts+patterns.")] = None,
    semantics: Annotated[str | None, typer.Option(help="first-match or lexicographic.")] = None,
    shortest: Annotated[bool, typer.Option("--shortest", help="Search exhaustively for the shortest list that reaches a grade.")] = False,
    grade: Annotated[str, typer.Option(help="With --shortest: " + ", ".join(GRADES) + ".")] = "never_loses",
    seat: Annotated[str, typer.Option(help="With --shortest: first, second or both.")] = "both",
    seed: Annotated[int, typer.Option(help="Seed of the learner's random choices.")] = 0,
    weights: Weights = "uniform",
    held_out: Annotated[
        float | None,
        typer.Option(
            help="Keep this share (below 1) or number (from 1 up) of boards from the fit, drawn by the seed, and measure them apart."
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="What --held-out draws: whole boards, or single positions.")] = "boards",
    positions: Annotated[
        int | None,
        typer.Option(
            help="Fit to a random sample of N positions, drawn by the seed; a number of --held-out comes on top. "
            "For games too large to be measured whole."
        ),
    ] = None,
    sample: Annotated[str | None, typer.Option(hidden=True)] = None,
    teacher: Annotated[Path | None, typer.Option(help="Fit to what this policy file prefers instead of to the truth.")] = None,
    cell: Annotated[
        str | None, typer.Option(help="In place of LEARNER and --game: repeat a cell of a suite, for example go-2x3/network/seed=0.")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="With --cell: a run, a suite by name or a .toml file; else the first that has the cell.")
    ] = None,
    runs: Annotated[Path | None, typer.Option(help="With --cell: the folder that holds all runs; reports/runs unless given.")] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Fit one policy, and say how well it plays and how many bits it takes; with --cell the policies of a suite's cell, as it has them."""
    if sample is not None:
        raise UsageError(_about_sample(sample))
    if cell is not None:
        _alone(context)
        _fit_cell(cell, suite, RUNS if runs is None else runs, budget, out, json)
        return
    if suite is not None or runs is not None:
        raise UsageError("--suite and --runs say where the cell of --cell is found: give --cell, or leave them out")
    if learner is None or game is None:
        missing = "LEARNER" if learner is None else "--game"
        raise UsageError(
            f"{missing} is missing: give a learner and --game, for example fit rulelist --game tictactoe --budget 3, or --cell"
        )
    from bench.harness.fitted import Goal, fit_policy
    from policies.position_weights import effective_positions, read_kind
    from policies.registry import parse_learner, read_options

    name, options = parse_learner(learner)
    options |= read_options(name, {key: value for key, value in (("language", language), ("semantics", semantics)) if value is not None})
    if name == "selfplay" and out is not None:
        from bench.cli.selfplay import fit_in_folder

        fit_in_folder(game, options, budget, seed, weights, positions, out, json)
        return
    if out is not None:
        check_file("--out", out)
    _known("grade", grade, GRADES)
    _known("seat", seat, SEATS)
    goal = Goal(grade, seat) if shortest else None
    _announce(game, name, options, budget, positions)
    fitted = fit_policy(game, name, options, budget, seed, weights, held_out, teacher, goal, working, split, positions)
    with working("measuring"):
        point, agreed = fitted.point, fitted.fidelity
    if out is not None:
        fitted.save(out)
    search = fitted.shortest
    certificate = {"shortest": {**dataclasses.asdict(search.certificate), "n_replayed": search.n_replayed}} if search else {}
    answer = {
        "game": fitted.task.game.id,
        "learner": name,
        "options": dict(fitted.options),
        "unit": fitted.learner.unit,
        "budget": budget,
        "weights": read_kind(weights),
        "effective_positions": effective_positions(fitted.task.weights),
        **measures(point),
        "is_finished": fitted.is_finished,
        "asked": {"held_out": held_out, "split": split, "positions": positions},
        "teacher": None if teacher is None else str(teacher),
        "fidelity": agreed,
        "seconds": fitted.seconds,
        "file": None if out is None else str(out),
        **({} if fitted.proved is None else {"truth_set": set_facts(fitted.proved, fitted.left)}),
        **certificate,
    }
    if json:
        emit_json(answer)
        return
    print_measures(answer, name, f"fitted in {fitted.seconds:.2f} s")
    if budget is not None and fitted.is_finished and point.size < budget:
        print(f"it has fewer than {count_units(budget, fitted.learner.unit)} because no further {singular(fitted.learner.unit)} gains")
    if teacher is not None:
        print(f"fidelity {agreed:.4f}: the share of the positions in which it chooses among the teacher's best moves only")
    if point.held_out is not None:
        print_held_out(point.held_out, split, positions is not None)
    if search:
        print(f"no list shorter than {point.size} rules reaches {grade} ({seat}): ", end="")
        print(f"{search.certificate.n_tried:,} lists were tried, {search.n_replayed:,} refutations replayed")
        print(fitted.explain())


def _announce(game_id: str, learner: str, options: dict[str, Any], budget: int | None, positions: int | None) -> None:
    """Say on stderr what solving and fitting are expected to take, where that is longer than a minute; nothing of a sample."""
    from bench.harness.expected import LONG, MIN_STATES, expect_fitting
    from games.registry import make_game

    game = make_game(game_id)
    if positions is not None:
        return
    announce_solving(game)
    if game.estimate_states() < MIN_STATES:
        return
    expected = expect_fitting(game, learner, options, budget, RUNS)
    if expected.seconds is not None and expected.seconds > LONG:
        print(f"fitting {learner} on {game_id}: {expected}", file=sys.stderr)


def _fit_cell(cell_id: str, suite: str | None, runs: Path, budget: int | None, out: Path | None, json: bool) -> None:
    """Fit and measure the policies of a cell, or with `budget` one of them, and write the last, or that one, to `out`."""
    from bench.harness.policyfile import save_policy
    from bench.runs.lookup import find_cell, repeat_cell
    from policies.registry import make_learner

    found = find_cell(cell_id, suite, runs)
    cell = found.cell
    with working(f"fitting {cell.id}"):
        began = time.perf_counter()
        points, content = repeat_cell(cell, budget)
        seconds = time.perf_counter() - began
    if out is not None:
        save_policy(out, content)
    last = points[-1]
    answer: dict[str, Any] = {
        "cell": cell.id,
        "suite": found.source,
        "game": cell.game,
        "learner": cell.learner,
        "options": cell.options,
        "seed": cell.seed,
        "random_seed": cell.random_seed,
        "weights": cell.weights,
        "asked": {"held_out": cell.held_out, "splits": cell.splits, "split": cell.split},
        "unit": make_learner(cell.learner, cell.options).unit,
        "budget": last.budget,
        **measures(last),
        "points": [{"budget": point.budget, **measures(point)} for point in points],
        "seconds": seconds,
        "file": None if out is None else str(out),
    }
    if json:
        emit_json(answer)
        return
    print(f"{cell.id} of {found.source}, whose random seed is {cell.random_seed}")
    if len(points) > 1:
        rows = [[p.budget, p.size, p.gain, p.policy_bits, p.exception_bits, p.operations] for p in points]
        emit_table("", ["budget", answer["unit"], "gain", "policy bits", "exception bits", "operations"], rows)
    print_measures(answer, cell.label, f"fitted and measured in {seconds:.2f} s")
    if last.held_out is not None:
        print_held_out(last.held_out, cell.split)
    for other in found.others:
        print(f"{other} has another cell of this id: --suite {shlex.quote(other)} fits that one")


def _alone(context: typer.Context) -> None:
    """Raises UsageError for arguments beside --cell that would fit something else than the cell."""
    given = []
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if parameter.name not in WITH_CELL and source is not None and source.name == "COMMANDLINE":
            given.append(parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.opts[0].upper())
    if given:
        raise UsageError(f"--cell repeats a cell as its suite has it: leave {', '.join(given)} out")


def _known(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise UsageError(f"unknown {what} {name!r}; {nearest(name, known)}")


def _about_sample(text: str) -> str:
    from policies.former_names import about_sample

    try:
        return about_sample(float(text))
    except ValueError:
        return about_sample(None)
