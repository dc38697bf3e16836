"""docs/self-play.md: what networks learn by self-play, iteration by iteration; the recipe and the product; where the time goes.

Runs are kept in build/self-play under a hash of the sources, so a measurement that was stopped goes on.
"""

import functools
from typing import Any, NamedTuple

from bench.harness.fitted import fit_policy
from bench.harness.selfplay import BOTH_HEADS, Referee, self_play
from bench.measures.selfplay_recipe import recipe_by_part
from bench.studies.page import ROOT, Page, Part
from bench.wording import show
from games.keys.sources import source_hash
from games.registry import make_game
from policies.networks.architectures import layers_of
from policies.selfplay.heads import with_value
from policies.selfplay.learner import SelfPlayLearner
from policies.selfplay.loop import first_state, iterate

SMALL, HEAPS = SelfPlayLearner(equivariant=True, units=16), SelfPlayLearner()
RUNS = {  # learner and iterations
    "tictactoe": (SMALL, 64),
    "hex-3": (SMALL, 32),
    "go-3x3": (SMALL, 32),
    "nim-1-3-5": (HEAPS, 24),
    "nim-1-3-5-7": (HEAPS, 24),
}
SEED = 0
SHOWN = (4, 8, 16)  # iterations, beside the last
ORDERED = ("tictactoe", "hex-3", "go-3x3")
LEARNED = 0.95  # share right from which on a concept counts as learned
SEARCHED, SIMULATIONS = ("tictactoe", "hex-3", "go-3x3"), 64
TIMED, TIMED_GAMES = "go-5x5", 32
RUNS_HEAD = (
    "| game | iterations | games | seconds | residual, % | errors, % | won given away, % | exploitability | proved |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|---|"
)
CONCEPTS_HEAD = "| game | concept | learned at iteration | share right at the end, % |\n|---|---|--:|--:|"
SEARCH_HEAD = (
    "| game | alone: residual, % | exploitability | with the search: residual, % | exploitability | proved |\n|---|--:|--:|--:|--:|---|"
)
RECIPE_HEAD = "| game | rules | search | network | self-play | seed | sum | file, network | file, with value |\n" + "|---|" + "--:|" * 8
WORK_HEAD = "| game | multiplications to learn | multiplications to play a move |\n|---|--:|--:|"
SPEED_HEAD = "| board | simulations | games | games a second | network, % | tree, % | rules, % | looked at, % |\n|---|" + "--:|" * 7


class Run(NamedTuple):
    """A finished run: the lines of its log and the path of its file with both heads."""

    log: list[dict[str, Any]]
    path: str


@functools.cache
def run(game_id: str) -> Run:
    """The run of a game to its end."""
    learner, n = RUNS[game_id]
    folder = ROOT / "build" / "self-play" / f"{game_id}-{source_hash('bench.harness.selfplay')}"
    return Run(list(self_play(learner, Referee(game_id), SEED, n, folder)), str(folder / BOTH_HEADS))


def proved(seats: list[bool], is_perfect: bool) -> str:
    """The grades of a policy in words."""
    if is_perfect:
        return "plays perfectly"
    named = [seat for seat, holds in zip(("first", "second"), seats, strict=True) if holds]
    return f"never loses ({' and '.join(named)})" if named else "-"


def measure_runs() -> dict[str, str]:
    """The table of the runs."""
    rows = []
    for game_id, (_, n) in RUNS.items():
        log = run(game_id).log
        for line in (log[at - 1] for at in (*SHOWN, n)):
            numbers = (100 * (1 - line["gain"]), 100 * line["error_rate"], 100 * line["error_rate_won"])
            told = " | ".join(f"{number:.1f}" for number in numbers)
            grade = proved(line["never_loses"], line["plays_perfectly"])
            seconds, exploited = f"{line['seconds']:.1f}", show(line["exploitability"])
            rows.append(f"| {game_id} | {line['iteration']} | {line['games']:,} | {seconds} | {told} | {exploited} | {grade} |")
    return {"runs": "\n".join([RUNS_HEAD, *rows])}


def learned_at(log: list[dict[str, Any]], concept: str) -> int | None:
    """The first iteration from which on a concept is right in a share LEARNED of the positions that it decides; None if at no time."""
    below = [line["iteration"] for line in log if line["concepts"][concept] < LEARNED]
    last = below[-1] if below else 0
    return None if last == log[-1]["iteration"] else last + 1


def measure_concepts() -> dict[str, str]:
    """The order in which concepts are learned."""
    rows = []
    for game_id in ORDERED:
        log = run(game_id).log
        found = [(learned_at(log, concept), concept) for concept in log[-1]["concepts"]]
        for at, concept in sorted(found, key=lambda each: (each[0] is None, each[0] or 0, each[1])):
            rows.append(f"| {game_id} | `{concept}` | {show(at)} | {100 * log[-1]['concepts'][concept]:.1f} |")
    return {"concepts": "\n".join([CONCEPTS_HEAD, *rows])}


def measure_search() -> dict[str, str]:
    """The networks alone, and as prior and value of a search."""
    rows = []
    for game_id in SEARCHED:
        log, path = run(game_id)
        alone = log[-1]
        point = fit_policy(game_id, "mcts", {"over": path, "selection": "puct"}, SIMULATIONS, SEED).point
        grades: Any = point.grades
        seats = [grades[f"never_loses_{seat}"] for seat in ("first", "second")]
        before, after = (f"{100 * (1 - gain):.1f}" for gain in (alone["gain"], point.gain))
        exploited = [show(alone["exploitability"]), show(point.exploitability)]
        rows.append(f"| {game_id} | {before} | {exploited[0]} | {after} | {exploited[1]} | {proved(seats, bool(point.plays_perfectly))} |")
    return {"search": "\n".join([SEARCH_HEAD, *rows])}


def measure_recipe() -> dict[str, str]:
    """The bits of the recipe by part, those of the product, and the work to learn and to play."""
    rows, work = [], []
    for game_id, (learner, _) in RUNS.items():
        game, last = make_game(game_id), run(game_id).log[-1]
        recipe = recipe_by_part(game)
        parts = " | ".join(f"{bits:,}" for bits in (*recipe.values(), sum(recipe.values()), *last["policy_bits"].values()))
        rows.append(f"| {game_id} | {parts} |")
        entries = sum(int((layer.weights >= 0).sum()) for layer in with_value(learner.design, game)[:-1])
        entries += int((layers_of(learner.design, game)[-1].weights >= 0).sum())
        work.append(f"| {game_id} | {last['operations']:.2g} | {entries:,} |")
    return {"recipe.bits": "\n".join([RECIPE_HEAD, *rows]), "recipe.work": "\n".join([WORK_HEAD, *work])}


def measure_speed() -> dict[str, str]:
    """Games a second by a fresh network, on one thread, in processor time, and what it goes into."""
    learner = SelfPlayLearner(equivariant=True, units=16, games=TIMED_GAMES, simulations=64)
    game = make_game(TIMED)
    iterate(SelfPlayLearner(equivariant=True, units=16, games=2, simulations=64), game, SEED, first_state(learner, game, SEED))  # compiles
    _, report = iterate(learner, game, SEED, first_state(learner, game, SEED))
    parts = [report.seconds[part] for part in ("network", "tree", "rules")]
    shares = " | ".join(f"{100 * seconds / sum(parts):.0f}" for seconds in parts)
    asked = f"{100 * report.looked_at / report.simulations:.0f}"
    return {"speed": f"{SPEED_HEAD}\n| {TIMED} | 64 | {report.games} | {report.games / sum(parts):.1f} | {shares} | {asked} |"}


PAGES = (
    Page(
        "self-play.md",
        {
            "runs": Part(measure_runs, "a minute"),
            "concepts": Part(measure_concepts, "a minute, or none after the runs"),
            "recipe": Part(measure_recipe, "a minute, or seconds after the runs"),
            "speed": Part(measure_speed, "half a minute"),
            "search": Part(measure_search, "a minute after the runs"),
        },
    ),
)
