"""`fit selfplay` with a folder: a run of self-play that goes on where it was stopped."""

from pathlib import Path
from typing import Any

from bench.cli.outputs import check_folder
from bench.terminal import emit_json, working
from bench.wording import count, duration, show

COLUMNS = ("gain", "error_rate", "error_rate_won", "exploitability")


def fit_in_folder(
    game: str, options: dict[str, Any], budget: int | None, seed: int, weights: str, positions: int | None, folder: Path, json: bool
) -> None:
    """Take the run in a folder to `budget` iterations, measured after each where the truth is known; a line an iteration on stderr."""
    import sys

    from bench.harness.selfplay import BOTH_HEADS, LOG, NETWORK, Referee, self_play
    from bench.report.plots.files import save_figure
    from bench.report.plots.selfplay import draw_self_play
    from games.errors import UsageError
    from policies.api import check_budgets, check_seeds
    from policies.registry import make_learner

    if budget is None:
        raise UsageError("selfplay needs a budget: give --budget N, in iterations")
    check_budgets([budget])
    check_seeds([seed])
    check_folder("--out", folder)
    learner: Any = make_learner("selfplay", options)
    with working(f"solving {game}"):
        referee = Referee(game, weights, positions, seed)
    log = []
    for line in self_play(learner, referee, seed, budget, folder):
        log.append(line)
        if not json:
            print(_in_words(line), file=sys.stderr)
    last = log[-1]
    if referee.task is not None:
        save_figure(draw_self_play(f"self-play on {game}", log), folder / "progress", ("svg", "png"))
    if json:
        emit_json({"folder": str(folder), **last})
        return
    print(f"selfplay on {game}: {count(last['iteration'], 'iteration')}, {count(last['games'], 'game')}", end=", ")
    print(
        f"{last['simulations']:,} simulations, {duration(last['seconds'])} of processor time; it opens with {' or '.join(last['opening'])}"
    )
    if referee.task is not None:
        print("; ".join(f"{name.replace('_', ' ')} {show(last[name])}" for name in COLUMNS if last.get(name) is not None))
    if "never_loses" in last:
        seats = [seat for seat, holds in zip(("first", "second"), last["never_loses"], strict=True) if holds]
        proved = ["never loses (" + " and ".join(seats) + ")"] * bool(seats) + ["plays perfectly"] * last["plays_perfectly"]
        print("proved over every line of play: " + (", ".join(proved) or "nothing"))
    print(f"written to {folder}: {NETWORK}, {BOTH_HEADS} (with the value, for a search), {LOG}")


def _in_words(line: dict[str, Any]) -> str:
    measured = [f"{name.replace('_', ' ')} {show(line[name])}" for name in COLUMNS if line.get(name) is not None]
    loss = f"loss {line['loss']['policy']:.3f} bits, {line['loss']['value']:.3f}"
    return ", ".join([f"iteration {line['iteration']}: {count(line['games'], 'game')}, {line['seconds']:.1f} s", loss, *measured])
