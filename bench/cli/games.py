"""The verbs about games and about the installation: games, solve, info."""

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import Json, complete_game
from bench.terminal import emit_json, emit_table, stages, working
from bench.wording import show
from games.errors import UsageError

if TYPE_CHECKING:
    from games.contract import Game
    from games.rules.go import Go


def games(json: Json = False) -> None:
    """List the games, with sizes that run on a small machine."""
    from games.registry import families

    known = {name: examples.split() for name, (_, examples) in sorted(families().items())}
    if json:
        emit_json({"games": known})
    else:
        emit_table("", ["family", "for example"], [[name, "  ".join(examples)] for name, examples in known.items()])
        print("also: openspiel:NAME(parameters) for a small game of OpenSpiel, package.module:OBJECT for a game of your own")


def solve(
    game: Annotated[str, typer.Argument(help="A game, for example tictactoe, go-3x3 or nim-3-4-5.", autocompletion=complete_game)],
    json: Json = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Enumerate and solve again even if that has been done.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every value, or without a graph a sample of them, and say what was checked.")
    ] = False,
    no_graph: Annotated[bool, typer.Option("--no-graph", help="Go only: solve in less memory; if killed, say it again.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Go only: solve without a graph, and keep the table on disk, for samples of the positions.")
    ] = False,
    compress: Annotated[bool, typer.Option("--compress", help="Say how many bits perfect play takes as a table, compressed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many states, how much memory and time to expect.")] = False,
) -> None:
    """Enumerate a game and solve it exactly: its size, its value, and the value of each opening move."""
    from games.registry import make_game
    from games.rules.go import Go
    from games.solving.graph import MAX_STATES

    chosen = make_game(game)
    is_large = isinstance(chosen, Go) and (no_graph or keep or chosen.estimate_states() > MAX_STATES)
    if (no_graph or keep) and not is_large:
        raise UsageError(f"{'--no-graph' if no_graph else '--keep'}: only Go is solved without a graph, and {game} is not Go")
    if dry_run:
        _say_expected(chosen, is_large, rebuild, keep, json)
        return
    announce_solving(chosen, is_large, rebuild, keep)
    if isinstance(chosen, Go) and is_large:
        if compress:
            raise UsageError(f"--compress needs a graph, without which {game} is solved")
        answer = _solve_large(chosen, rebuild, keep, verify)
    else:
        answer = _solve_graph(chosen, rebuild, verify) | (_compress(game) if compress else {})
    if json:
        emit_json(answer)
        return
    print(chosen.render(chosen.start()))
    print(f"{chosen.id}: worth {answer['value']:+d} to the first player with perfect play")
    print(f"{show(answer['positions'])} positions and {show(answer['terminal'])} final states up to symmetry", end="")
    print(f" ({show(answer['states_unfolded'])} states in all), {show(answer['edges'])} moves")
    if answer["positions_semi_strong"] is not None:
        print(f"{show(answer['positions_semi_strong'])} of the positions can be met by a mover who has made no mistake so far")
    if answer["cycles"]:
        print(f"the worth of endless play decides the value of {answer['cycles']:.1%} of them; it counts 0 here")
    best = max(answer["openings"].values(), default=0)
    openings = ", ".join(f"{name} {value:+d}{'*' * (value == best)}" for name, value in answer["openings"].items())
    print(f"openings: {openings or 'none, the game is over at the start'}")
    if answer["is_cached"]:
        print(f"solved in {answer['seconds']:.2f} s when it was made; read in {answer['ready_after_seconds']:.2f} s now")
    else:
        print(f"enumerated and solved in {answer['seconds']:.2f} s, ready after {answer['ready_after_seconds']:.2f} s")
    if answer.get("kept"):
        print(f"its table is kept in {answer['kept']}: `fit LEARNER --game {chosen.id} --positions N` looks positions up there")
    if verify and is_large:
        print(f"verified for {answer['verified']['n_states']:,} random states, apart from the solver: both bounds follow from their moves")
    elif verify:
        print(f"verified for every state and move, apart from the solver: {'; '.join(answer['verified']['checks'])}")
        print(f"the longest such proof looks {answer['verified']['longest_proof']:,} plies ahead")
    if compress:
        columns = ["written as a table of", "bits", "xz", "zstd", "here"]
        emit_table(
            "", columns, [[f"optimal {what}" if what == "moves" else what, *bits.values()] for what, bits in answer["tables"].items()]
        )


def announce_solving(game: "Game", is_large: bool = False, rebuild: bool = False, keep: bool = False) -> None:
    """Print on stderr the expected cost of solving a game, if it is longer than a minute or a table is to be kept."""
    from bench.harness.expected import LONG, expect_solving

    expected = expect_solving(game, is_large, rebuild, keep)
    if (keep or expected.seconds > LONG) and not expected.problem:
        print(f"solving {game.id}: {expected}", file=sys.stderr)


def _say_expected(game: "Game", is_large: bool, rebuild: bool, keep: bool, json: bool) -> None:
    from bench.harness.expected import expect_solving

    expected = expect_solving(game, is_large, rebuild, keep)
    if json:
        emit_json({"game": game.id, **expected._asdict(), "problem": expected.problem or None})
        return
    print(f"{game.id}: {expected}")
    if expected.problem:
        print(f"it would be refused: {expected.problem}")


def _modified(path: Path) -> int | None:
    """When a file was written, in nanoseconds; None where there is none."""
    return path.stat().st_mtime_ns if path.exists() else None


def _solve_graph(game: "Game", rebuild: bool, verify: bool) -> dict[str, Any]:
    from games.solving.semi_strong import semi_strong
    from games.solving.solved import solve_game
    from games.solving.store import truth_path
    from games.solving.verify import verify_solution

    with working(f"solving {game.id}"):
        path = truth_path(game)
        before, began = _modified(path), time.perf_counter()
        solved = solve_game(game, rebuild)
        seconds = time.perf_counter() - began
    graph, solution = solved.graph, solved.solution
    world = semi_strong(graph, solution)
    answer: dict[str, Any] = {
        "game": game.id,
        "positions": len(graph.positions),
        "positions_semi_strong": int(world.mover.sum()),
        "positions_semi_strong_region": int(world.region.sum()),
        "states": graph.n_states,
        "terminal": int(graph.terminal.sum()),
        "states_unfolded": int(graph.multiplicity.sum()),
        "edges": graph.n_edges,
        "value": solved.value,
        "cycles": solution.cycle_share,
        "openings": solved.openings,
        "is_cached": before is not None and before == _modified(path),
        "seconds": graph.enumerate_seconds + solution.solve_seconds,
        "ready_after_seconds": seconds,
    }
    if verify:
        with working(f"verifying {game.id}"):
            answer["verified"] = dataclasses.asdict(verify_solution(graph, solution))
    return answer


def _compress(game_id: str) -> dict[str, Any]:
    from bench.measures.references import compress_moves, compress_values
    from policies.task import make_task

    with working(f"compressing {game_id}"):
        task = make_task(game_id)
        tables = {"moves": compress_moves(task), "values": compress_values(task)}
    return {"tables": {what: dataclasses.asdict(bits) for what, bits in tables.items()}}


def _solve_large(game: "Go", rebuild: bool, keep: bool, verify: bool) -> dict[str, Any]:
    """The same answer, for the same states, without a graph: from the kept table if it is there and not to be rebuilt."""
    import numpy as np

    from games.go_large.solve import solve_large
    from games.go_large.table import read_table, table_path
    from games.go_large.verify import verify_table

    began, path = time.perf_counter(), table_path(game)
    is_cached = path.exists() and not rebuild
    if is_cached:
        table, counts = read_table(path)
    else:
        with stages(f"solving {game.id}") as report:
            solution = solve_large(game, report, keep=keep)
        table, counts = solution.table, solution.counts
    start = np.array([game.start()], dtype=np.uint64)
    openings = game.expand(start)
    _, _, worth = table.look_up(openings.edge_child)
    answer: dict[str, Any] = {
        "game": game.id,
        "positions": counts.positions,
        "positions_semi_strong": None,
        "positions_semi_strong_region": None,
        "states": counts.positions + counts.terminal,
        "terminal": counts.terminal,
        "states_unfolded": counts.unfolded,
        "edges": counts.edges,
        "value": int(table.look_up(start)[2][0]),
        "cycles": counts.cycle_share,
        "openings": {game.action_name(int(a)): -int(value) for a, value in zip(openings.edge_action, worth, strict=True)},
        "is_cached": is_cached,
        "seconds": counts.seconds,
        "ready_after_seconds": time.perf_counter() - began,
        "kept": str(path) if path.exists() else None,
    }
    if verify:
        with working(f"verifying {game.id}"):
            answer["verified"] = {"n_states": verify_table(game, table)}
    return answer


def info(json: Json = False) -> None:
    """Show versions, the folder of the cache, and the machine."""
    import os
    import platform

    from bench.harness.versions import LIBRARIES
    from games.keys.modules import versions
    from games.keys.sources import cache_root

    answer: dict[str, Any] = {
        "gaincurve": versions(["gaincurve"])["gaincurve"],
        "python": platform.python_version(),
        "libraries": versions(LIBRARIES),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
        "cache": str(cache_root()),
    }
    if json:
        emit_json(answer)
        return
    rows = [[name, answer[name]] for name in ("gaincurve", "python", "system", "cores", "cache")]
    emit_table("", ["", ""], [[name, str(value)] for name, value in [*rows, *answer["libraries"].items()]])
