"""The verbs about games and about the installation: games, solve, info."""

import dataclasses
import time
from typing import Annotated, Any

import typer

from bench.terminal import emit_json, emit_table, show, working

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]


def games(json: Json = False) -> None:
    """List the games, with sizes that run on a small machine."""
    from games.registry import families

    known = {name: examples.split() for name, (_, examples) in sorted(families().items())}
    if json:
        emit_json({"games": known})
    else:
        emit_table("", ["family", "for example"], [[name, "  ".join(examples)] for name, examples in known.items()])


def solve(
    game: Annotated[str, typer.Argument(help="A game, for example tictactoe, go-3x3 or nim-3-4-5.")],
    json: Json = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Enumerate and solve again even if that has been done.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Check every value, and say what was checked.")] = False,
) -> None:
    """Enumerate a game and solve it exactly: its size, its value, and what each opening move is worth."""
    from games.registry import make_game
    from games.truth import load_truth
    from games.verify import verify_solution

    chosen = make_game(game)
    with working(f"solving {game}"):
        began = time.perf_counter()
        graph, solution = load_truth(chosen, rebuild)
        seconds = time.perf_counter() - began
    edges = range(int(graph.edge_start[0]), int(graph.edge_start[1]))
    answer: dict[str, Any] = {
        "game": chosen.id,
        "positions": len(graph.positions),
        "states": graph.n_states,
        "terminal": int(graph.terminal.sum()),
        "states_unfolded": int(graph.multiplicity.sum()),
        "edges": graph.n_edges,
        "value": int(solution.value[0]),
        "cycles": solution.cycle_share,
        "openings": {chosen.action_name(int(graph.edge_action[edge])): int(solution.edge_value[edge]) for edge in edges},
        "seconds": graph.enumerate_seconds + solution.solve_seconds,
        "ready_after_seconds": seconds,
    }
    if verify:
        with working(f"verifying {game}"):
            answer["verified"] = dataclasses.asdict(verify_solution(graph, solution))
    if json:
        emit_json(answer)
        return
    print(chosen.render(int(graph.states[0])))
    print(f"{chosen.id}: worth {answer['value']:+d} to the first player with perfect play")
    print(f"{show(answer['positions'])} positions and {show(answer['terminal'])} final states up to symmetry", end="")
    print(f" ({show(answer['states_unfolded'])} states in all), {show(graph.n_edges)} moves")
    if solution.cycle_share:
        print(f"the worth of endless play decides the value of {solution.cycle_share:.1%} of them; it counts 0 here")
    best = max(answer["openings"].values())
    print("openings: " + ", ".join(f"{name} {value:+d}{'*' * (value == best)}" for name, value in answer["openings"].items()))
    print(f"enumerated in {graph.enumerate_seconds:.2f} s, solved in {solution.solve_seconds:.2f} s, ready after {seconds:.2f} s")
    if verify:
        print(f"verified for every state and move, apart from the solver: {'; '.join(answer['verified']['checks'])}")
        print(f"the longest such proof looks {answer['verified']['longest_proof']:,} plies ahead")


def info(json: Json = False) -> None:
    """Versions, the folder of what can be recomputed, and the machine."""
    import os
    import platform

    from bench.versions import LIBRARIES, versions
    from games.sources import cache_root
    from policies.registry import learners

    answer: dict[str, Any] = {
        "gaincurve": versions(["gaincurve"])["gaincurve"],
        "python": platform.python_version(),
        "libraries": versions(LIBRARIES),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
        "cache": str(cache_root()),
        "learners": {name: what for name, (_, what) in sorted(learners().items())},
    }
    if json:
        emit_json(answer)
        return
    rows = [[name, answer[name]] for name in ("gaincurve", "python", "system", "cores", "cache")]
    emit_table("", ["", ""], [[name, str(value)] for name, value in [*rows, *answer["libraries"].items()]])
    emit_table("", ["learner", ""], [[name, what] for name, what in answer["learners"].items()])
