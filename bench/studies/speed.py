"""docs/speed.md: how fast games are enumerated and solved here, beside OpenSpiel's Python functions for the same, in one run.

All times are processor seconds, so that other work on the machine counts as little as can be; of repeated runs the fastest
counts. OpenSpiel's value_iteration imports a solver for simultaneous moves, which needs cvxpy. No game here has such moves, so
an empty module stands in for that solver where cvxpy is not installed.
"""

import importlib.metadata
import importlib.util
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.studies.page import ROOT, Page, Part
from games.registry import make_game
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, solve

PAIRS = {  # ours: the same rules in OpenSpiel
    "tictactoe": "tic_tac_toe",
    "mnk-3x4x3": "mnk(m=4,n=3,k=3)",
    "connect_four-3x4": "connect_four(rows=3,columns=4,x_in_row=4)",
    "connect_four-4x4": "connect_four(rows=4,columns=4,x_in_row=4)",
    "hex-3": "hex(board_size=3)",
    "nim-5-5-5": "nim(is_misere=False,pile_sizes=5;5;5)",
    "breakthrough-4x3x1": "breakthrough(rows=4,columns=3)",
}
MERGED = ("breakthrough-4x3x1",)  # value_iteration takes positions with different players to move for one
COLD = "connect_four-3x4"
OURS_ALONE = ("tictactoe", "go-3x3", "go-3x4")


@dataclass(frozen=True)
class Pair:
    """One game in both: numbers of states, and processor seconds warm."""

    game: str
    folded: int
    unfolded: int
    enumerate: float
    get_all_states: float
    solve: float  # enumerating included, as in value_iteration
    value_iteration: float | None


@dataclass(frozen=True)
class Alone:
    """One of our games: processor seconds to enumerate and to solve, and the bytes of the arrays that this leaves."""

    game: str
    states: int
    edges: int
    enumerate: float
    solve: float
    bytes: int


def fastest(run: Callable[[], Any], at_least: float = 0.5, most: int = 50) -> tuple[float, Any]:
    """Processor seconds of the fastest of several runs, and what the last returned.

    There are as many runs as fit into `at_least` seconds, three or more unless one takes longer than five seconds.
    """
    times: list[float] = []
    while len(times) < most and (sum(times) < at_least or (len(times) < 3 and times[0] < 5)):
        began = time.process_time()
        result = run()
        times.append(time.process_time() - began)
    return min(times), result


def with_mover(state: Any) -> str:
    """OpenSpiel's text of a state and the player to move, which the text of Breakthrough leaves out."""
    return f"{state}{state.current_player()}"


def open_spiel_functions() -> tuple[Callable[..., dict[str, Any]], Callable[..., dict[str, float]]]:
    """get_all_states and value_iteration."""
    if importlib.util.find_spec("cvxpy") is None:
        name = "open_spiel.python.algorithms.lp_solver"
        sys.modules.setdefault(name, types.ModuleType(name))
    from open_spiel.python.algorithms.get_all_states import get_all_states
    from open_spiel.python.algorithms.value_iteration import value_iteration

    return get_all_states, value_iteration


def truth(game_id: str) -> tuple[GameGraph, Solution]:
    """A game enumerated and solved."""
    graph = enumerate_graph(make_game(game_id))
    return graph, solve(graph)


def count_unfolded(graph: GameGraph) -> int:
    """The states that the folded ones stand for, told apart by who moves, as OpenSpiel does."""
    reached = np.zeros((2, graph.n_states), dtype=np.bool_)
    reached[0, 0] = True
    n_before = 0
    while n_before < (n_before := int(reached.sum())):
        for mover in (0, 1):
            reached[1 - mover, graph.edge_child[reached[mover, graph.edge_parent]]] = True
    return int((reached * graph.multiplicity).sum())


def compare(ours: str, theirs: str) -> Pair:
    """Both ways, making sure that they find the same states and the same value."""
    import pyspiel

    get_all_states, value_iteration = open_spiel_functions()
    game, reference = make_game(ours), pyspiel.load_game(theirs)
    enumerating, graph = fastest(lambda: enumerate_graph(game))
    solving, solution = fastest(lambda: solve(enumerate_graph(game)))
    to_string = with_mover if ours in MERGED else str
    getting, states = fastest(lambda: get_all_states(reference, to_string=to_string))
    unfolded = count_unfolded(graph)
    assert len(states) == unfolded, (ours, len(states), unfolded)
    iterating = None
    if ours not in MERGED:
        iterating, values = fastest(lambda: value_iteration(reference, -1, 1e-9, cyclic_game=True))
        assert values[str(reference.new_initial_state())] == solution.value[0], ours
    return Pair(ours, graph.n_states, unfolded, enumerating, getting, solving, iterating)


def alone(game_id: str) -> Alone:
    """Time one of our games."""
    graph, solution = truth(game_id)
    arrays = [*vars(graph).values(), *vars(solution).values()]
    distinct = {id(array): array.nbytes for array in arrays if isinstance(array, np.ndarray)}
    game = make_game(game_id)
    return Alone(
        game=game_id,
        states=graph.n_states,
        edges=graph.n_edges,
        enumerate=fastest(lambda: enumerate_graph(game))[0],
        solve=fastest(lambda: solve(graph))[0],
        bytes=sum(distinct.values()),
    )


def greedy_rules(game_id: str) -> tuple[int, float]:
    """The rules of a list fitted greedily until no rule helps, and the processor seconds that takes."""
    from policies.fitting.greedy import fit_greedy
    from policies.language.language import clear_caches, make_language
    from policies.task import make_task

    task = make_task(game_id)

    def fit() -> Any:
        clear_caches()
        language = make_language("concepts+patterns+positions", task.game, task.graph)
        return fit_greedy(task, language, "first-match", 1 << 20)

    fit()
    seconds, fitted = fastest(fit)
    return len(fitted.predicates), seconds


def bandwidth() -> float:
    """Bytes that one processor reads in a second when it sums an array that no cache holds."""
    block = np.ones(1 << 25)
    return block.nbytes / fastest(block.sum)[0]


# What a new process runs: nothing of this package is imported on either side.
OURS_COLD = """
from games.registry import make_game
from games.solving.graph import enumerate_graph
from games.solving.solve import solve
solve(enumerate_graph(make_game({!r})))
"""
OURS_STORED = """
from games.registry import make_game
from games.solving.store import load_truth
load_truth(make_game({!r}))
"""
THEIRS_COLD = """
import sys, types
import pyspiel
sys.modules["open_spiel.python.algorithms.lp_solver"] = types.ModuleType("lp_solver")
from open_spiel.python.algorithms.value_iteration import value_iteration
value_iteration(pyspiel.load_game({!r}), -1, 1e-9, cyclic_game=True)
"""


def cold() -> dict[str, float]:
    """Processor seconds of whole new processes, interpreter and imports included, that enumerate and solve one game."""

    def child(code: str, folder: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "GAINCURVE_CACHE": folder}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        ours, stored, theirs = OURS_COLD.format(COLD), OURS_STORED.format(COLD), THEIRS_COLD.format(PAIRS[COLD])
        times = {"here, the first time ever: kernels are compiled": child(ours, folder)}
        times["here, kernels on disk"] = min(child(ours, folder) for _ in range(3))
        child(stored, folder)
        times["here, the solved game on disk too"] = min(child(stored, folder) for _ in range(3))
        times["OpenSpiel, value_iteration"] = min(child(theirs, folder) for _ in range(3))
    return times


def three(x: float) -> str:
    """Three significant digits, as on the page."""
    rounded = float(f"{x:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def ratio(ours: str, theirs: str, n_ours: int = 1, n_theirs: int = 1) -> str:
    """How many times the time of ours theirs takes, each for its number of states, from the numbers as they stand on the page."""
    return three(float(theirs.replace(",", "")) / n_theirs / (float(ours.replace(",", "")) / n_ours))


def pair_rows(pairs: list[Pair], name: str) -> list[str]:
    """The rows of a table: game, states folded and not, both times in ms, and the two ratios."""
    rows = []
    for pair in pairs:
        ours, theirs = (pair.enumerate, pair.get_all_states) if name == "enumerate" else (pair.solve, pair.value_iteration)
        if theirs is None:
            continue
        a, b = three(1e3 * ours), three(1e3 * theirs)
        per_state = ratio(a, b, pair.folded, pair.unfolded)
        rows.append(f"| {pair.game} | {pair.folded:,} | {pair.unfolded:,} | {a} | {b} | {ratio(a, b)} | {per_state} |")
    return rows


def alone_row(one: Alone, bytes_per_second: float) -> str:
    """A row of the table of our games."""
    enumerated, solved = three(1e3 * one.enumerate), three(1e3 * one.solve)
    seconds = (float(enumerated.replace(",", "")) + float(solved.replace(",", ""))) / 1e3
    share = 100 * one.bytes / seconds / bytes_per_second
    speed, size = three(one.states / seconds / 1e6), three(one.bytes / one.states)
    return f"| {one.game} | {one.states:,} | {one.edges:,} | {enumerated} | {solved} | {speed} | {size} | {three(share)} |"


def machine() -> str:
    """The machine in words, without its name."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "open_spiel"))
    model = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} virtual cores ({model[0] if model else platform.machine()}), {memory:.0f} GiB of memory, "
        f"Python {platform.python_version()}, {versions}; load average meanwhile {os.getloadavg()[1]:.1f}"
    )


PAIR_HEAD = "| game | states, folded | unfolded | here, ms | {}, ms | ratio | ratio per state |\n|---|--:|--:|--:|--:|--:|--:|"
ALONE_HEAD = (
    "| game | states | moves | enumerate, ms | solve, ms | million states/s | bytes/state | % of bandwidth |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|"
)
COLD_HEAD = "| new process | ms |\n|---|--:|"
ALONE = """\
Millions of states a second and bytes a state, where the bytes are those of all arrays of the graph and of the solution. The last
column says how much of the time would remain if memory were the only limit: the time that it takes one core to read as many bytes
({bandwidth} GB/s here, summing an array that no cache holds) in % of the time taken. What is read again and again while states are
looked up, folded and swept is not counted, so this is a lower bound of the memory's share.

{rows}

A list of rules for go-3x4, fitted greedily until no rule helps (concepts, patterns and positions, first match), has {n_rules} rules and
takes {rule_seconds} s."""


def measured() -> dict[str, str]:
    """The blocks of the page, measured."""
    pairs = [compare(ours, theirs) for ours, theirs in PAIRS.items()]
    singles, starts, rules = [alone(game) for game in OURS_ALONE], cold(), greedy_rules("go-3x4")
    shown = float(three(bandwidth() / 1e9))
    rows = "\n".join([ALONE_HEAD, *(alone_row(one, shown * 1e9) for one in singles)])
    return {
        "times.machine": f"{machine()}.",
        "times.enumerating": "\n".join([PAIR_HEAD.format("`get_all_states`"), *pair_rows(pairs, "enumerate")]),
        "times.solving": "\n".join([PAIR_HEAD.format("`value_iteration`"), *pair_rows(pairs, "solve")]),
        "times.cold": "\n".join([COLD_HEAD, *(f"| {name} | {three(1e3 * seconds)} |" for name, seconds in starts.items())]),
        "times.alone": ALONE.format(bandwidth=three(shown), rows=rows, n_rules=f"{rules[0]:,}", rule_seconds=three(rules[1])),
    }


PAGES = (
    Page(
        "speed.md",
        {"times": Part(measured, "a few minutes")},
        phrases=(f"that enumerates and solves {COLD}: with so small a game",),
    ),
)
