"""The verb `diagnose`: numbers and pictures of the parts of a network, and of its training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import Json
from bench.cli.outputs import check_folder
from bench.terminal import emit_json, emit_table, working
from games.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from policies.api import Task
    from policies.networks.diagnostics import Activity, Probe
    from policies.networks.policy import NetworkPolicy
    from policies.networks.training_log import Log

MAX_ROWS = 24  # of the table of units; --json has all
N_MOMENTS = 5  # steps of the training with histograms, evenly from the first to the last


def diagnose(
    file: Annotated[Path | None, typer.Argument(help="A policy file that holds a network; or give --train.")] = None,
    train: Annotated[str | None, typer.Option(help="Train this instead and keep its log, for example network:depth=2.")] = None,
    game: Annotated[
        str | None, typer.Option("--game", help="With --train: the game. Else refuse the file unless it is for this game.")
    ] = None,
    budget: Annotated[int | None, typer.Option(help="With --train: what the knob of the architecture counts.")] = None,
    seed: Annotated[int, typer.Option(help="With --train: seed of the learner's random choices.")] = 0,
    order: Annotated[bool, typer.Option("--order", help="Also remove units one after the other, the least missed first.")] = False,
    out: Annotated[Path | None, typer.Option(help="Draw everything into .png files in this folder.")] = None,
    json: Json = False,
) -> None:
    """Show which units of a network are dead, the loss without each, and the cells that its choice depends on; draw its filters."""
    from policies.api import check_seeds
    from policies.networks.diagnostics import Probe, activity, losses_without, removal_order, sensitivity

    check_seeds([seed])
    if out is not None:
        check_folder("--out", out)
    log = None
    if train is not None and file is None and game is not None and budget is not None:
        task, policy, log = _train(train, game, budget, seed)
    elif file is not None and train is None and budget is None:
        task, policy = _read(file, game)
    else:
        raise UsageError("give either a policy file, or --train LEARNER with --game GAME and --budget N")
    probe = Probe(policy, task)
    with working("watching the units"):
        seen, gain = activity(probe), probe.gain()
    with working("removing units"):
        losses = losses_without(probe)
        removed = removal_order(probe) if order else []
    with working("changing cells"):
        shares = sensitivity(probe)
    answer: dict[str, Any] = {
        "game": task.game.id,
        "network": policy.design._asdict(),
        "gain": gain,
        "units": [
            {
                "unit": unit.name,
                "copies": len(unit.rows),
                "dead": not seen.most[i],
                "active": seen.active[i].item(),
                "mean": seen.mean[i].item(),
                "without_it": losses[i].item(),
            }
            for i, unit in enumerate(probe.units)
        ],
        "removed": [{"unit": unit.name, "gain": left} for unit, left in removed],
        "sensitivity": shares.tolist(),
        "activations": seen.histogram.tolist(),
    }
    answer["files"] = [] if out is None else _draw(out, probe, seen, answer, log)
    emit_json(answer) if json else _print(answer, task)


def _train(text: str, game: str, budget: int, seed: int) -> "tuple[Task, NetworkPolicy, Log]":
    from policies.api import check_budgets
    from policies.networks.network import NetworkLearner, fit
    from policies.networks.training_log import Log
    from policies.registry import make_learner, parse_learner
    from policies.task import make_task

    name, options = parse_learner(text)
    learner = make_learner(name, options)
    if not isinstance(learner, NetworkLearner):
        raise UsageError(f"--train {text}: only the training of the learner network keeps a log")
    (size,) = check_budgets([budget])
    with working(f"solving {game}"):
        task = make_task(game)
    last = int(learner.steps) - 1
    log = Log(tuple(last * i // (N_MOMENTS - 1) for i in range(N_MOMENTS)))
    with working(f"fitting {text}"):
        policy = fit(learner, task, learner.design(size), seed, log)
    return task, policy, log


def _read(file: Path, game: str | None) -> "tuple[Task, NetworkPolicy]":
    from bench.harness.policyfile import load_policy
    from policies.networks.policy import NetworkPolicy
    from policies.networks.subspace import SubspacePolicy

    with working(f"reading {file}"):
        task, _, policy, header = load_policy(file, game)
    if isinstance(policy, SubspacePolicy):
        policy = policy.network(task.game)
    if not isinstance(policy, NetworkPolicy):
        raise UsageError(f"diagnose is about networks; {file} holds a policy of the learner {header.learner}")
    return task, policy


def _draw(out: Path, probe: "Probe", seen: "Activity", answer: dict[str, Any], log: "Log | None") -> list[str]:
    """Draw what was found, and how the training went if that was logged; the files written."""
    import numpy as np

    from bench.report.plots import diagnostics as plots
    from bench.report.plots.files import save_figure
    from bench.report.plots.soft_tree import draw_soft_tree
    from policies.networks.diagnostics import filters

    design, board = probe.policy.design, probe.task.game.board
    title = f"{design.family} of size {design.size} on {probe.task.game.id}"
    shape = (board.rows, board.columns) if board else None
    figures: dict[str, Figure] = {
        "filters": plots.draw_filters(filters(probe), title),
        "sensitivity": plots.draw_sensitivity(np.array(answer["sensitivity"]), shape, title),
    }
    if design.family == "softtree" and not any(design.ranks) and board is not None:
        figures["tree"] = draw_soft_tree(probe)
    if probe.units:
        names = [unit["unit"] + (" (dead)" if unit["dead"] else "") for unit in answer["units"]]
        losses = np.array([unit["without_it"] for unit in answer["units"]])
        gains = [answer["gain"], *(each["gain"] for each in answer["removed"])] if answer["removed"] else []
        figures["units"] = plots.draw_units(names, losses, gains, title)
        figures["activations"] = plots.draw_activity(seen.histogram, title)
    if log is not None and log.loss:
        figures["loss"] = plots.draw_loss(log, title)
        figures["histograms"] = plots.draw_moments(log, title)
    return [str(path) for name, figure in figures.items() for path in save_figure(figure, out / name, ("png",))]


def _print(answer: dict[str, Any], task: "Task") -> None:
    units, network = answer["units"], answer["network"]
    print(f"{network['family']} of size {network['size']} on {answer['game']}: gain {answer['gain']:.4f}")
    if units:
        ranked = sorted(units, key=lambda unit: -unit["without_it"])
        columns = ["unit", "copies", "active", "mean", "gain lost without it", ""]
        rows = [[*(unit[key] for key in ("unit", "copies", "active", "mean", "without_it")), "dead" * unit["dead"]] for unit in ranked]
        emit_table("hidden units, the most missed first", columns, rows[:MAX_ROWS])
        if len(rows) > MAX_ROWS:
            print(f"{len(rows) - MAX_ROWS} more units: --json has all")
    else:
        print("no hidden units")
    if answer["removed"]:
        print("removed one after the other: " + ", ".join(f"{each['unit']} ({each['gain']:.4f})" for each in answer["removed"]))
    print("share of positions in which another content of a cell changes the choice:")
    board, shares = task.game.board, answer["sensitivity"]
    n_board = board.n_cells if board else 0
    for row in range(board.rows if board else 0):
        print("  " + "  ".join(f"{share:6.1%}" for share in shares[row * board.columns : (row + 1) * board.columns]))  # type: ignore[union-attr]
    for number, share in enumerate(shares[n_board:], start=n_board + 1):
        print(f"  cell {number}{' (no place of the board)' if board else ''}: {share:.1%}")
    for path in answer["files"]:
        print(f"written to {path}")
