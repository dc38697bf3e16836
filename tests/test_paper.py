"""docs/paper.md: each verdict again, from the raw JSON of the committed records and certificates, by code that shares nothing with it.

The rules are those that the page states. Kappa is fitted anew by hand, envelopes are gathered by hand; only the verdicts on fitted curves
come from elsewhere in the project, from docs/results.md, where another study writes them.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.stats import t as student

from bench.harness.point import Point
from bench.measures.play_entropy import bits_of_play, digits_of_play
from bench.studies import paper_products
from bench.studies.committed import records
from bench.studies.page import DOCS, ROOT, blocks_of
from bench.studies.paper import CLAIMS
from bench.studies.paper_evidence import NOT_HERE, NOT_SUPPORTED, OPEN, SUPPORTED, Evidence
from policies.api import uniform_probabilities
from policies.task import make_task
from tests.support.pages import block, number, rows, tables
from tests.test_facts import games_of_tictactoe

PAGE = (DOCS / "paper.md").read_text()
SAID = {n: verdict.lower() for n, verdict in re.findall(r"^\*\*(\d+)\. .*?\*\* \*([\w ]+)\.\*", PAGE, re.MULTILINE)}
Cell = dict[str, Any]


@cache
def raw() -> dict[str, list[Cell]]:
    """The records of each game as they lie in their files."""
    found: dict[str, list[Cell]] = {}
    for path in sorted((ROOT / "reports" / "reference" / "records").glob("*.json")):
        record = json.loads(path.read_text())["record"]
        found.setdefault(record["cell"]["game"], []).append(record)
    return found


@cache
def proved(game: str) -> dict[int, Fraction]:
    """What every list of k single atoms leaves, of the summaries beside the certificates."""
    path = ROOT / "reports" / "bounds" / f"{game}.json"
    held = json.loads(path.read_text()) if path.exists() else {"saved": {}, "total": 1}
    return {int(k): 1 - Fraction(saved, held["total"]) for k, saved in held["saved"].items()}


def beyond(game: str) -> int:
    return max((k for k, left in proved(game).items() if left > 0), default=0)


def go(at_least: int) -> list[str]:
    return [game for game, ones in raw().items() if game.startswith("go-") and ones[0]["n_positions"] >= at_least]


def policies(game: str, *units: str) -> Iterator[tuple[Cell, dict[str, Any]]]:
    """The measured policies of a game that are no ends of curves, in some units or in all."""
    for one in raw()[game]:
        if one["cell"]["learner"] not in ("uniform", "perfect", "shortest", "minimax", "mcts") and (not units or one["unit"] in units):
            yield from ((one, point) for point in one["points"])


COUNTED = ("rules", "weights", "leaves")


def left_with(game: str, size: int) -> float:
    return 1 - max(point["gain"] for _, point in policies(game, *COUNTED) if point["size"] <= size)


def keeps(point: dict[str, Any]) -> bool:
    return point["grades"]["keeps_value"] and not point["grades"]["stalls"]


def uniform(game: str) -> dict[str, Any]:
    return next(one["points"][-1] for one in raw()[game] if one["cell"]["learner"] == "uniform")


def digits(point: dict[str, Any]) -> float:
    return (point["games_left"]["first"] + point["games_left"]["second"]) / 2


def bits_of_level(game: str, level: float, *units: str) -> int | None:
    return min((point["policy_bits"] for _, point in policies(game, *units) if point["gain"] >= level - 1e-12), default=None)


def kappa_hull(games: list[str], bits: list[int]) -> tuple[float, float]:
    """The band of the slope of ln bits over ln positions, by the text book, widened to all slopes without one board."""
    x, y = np.log([raw()[game][0]["n_positions"] for game in games]), np.log(bits)
    slope, intercept = np.polyfit(x, y, 1)
    rest = y - intercept - slope * x
    half = student.ppf(0.975, len(x) - 2) * math.sqrt((rest @ rest) / (len(x) - 2) / ((x - x.mean()) @ (x - x.mean())))
    without = [np.polyfit(np.delete(x, i), np.delete(y, i), 1)[0] for i in range(len(x))]
    return min(slope - half, *without), max(slope + half, *without)


def verdict(yes: bool, no: bool) -> str:
    return SUPPORTED if yes else NOT_SUPPORTED if no else OPEN


def of_all(found: list[bool]) -> str:
    return verdict(all(found), not any(found))


JUDGES: dict[str, Callable[[], str]] = {}


def again(n: int) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Note the second path of the claim of this number."""

    def note(judge: Callable[[], str]) -> Callable[[], str]:
        JUDGES[str(n)] = judge
        return judge

    return note


@again(1)
def _games() -> str:
    task = make_task("tictactoe")
    return verdict(sum(1 for _ in games_of_tictactoe(task.game, task.graph)) == 255_168, True)


def shortest(**options: str) -> int:
    (found,) = (
        o["points"][-1]["size"] for o in raw()["tictactoe"] if o["cell"]["learner"] == "shortest" and o["cell"]["options"] == options
    )
    return found


@again(2)
def _three_concepts() -> str:
    assert (shortest(seat="first"), shortest(seat="second"), shortest(seat="both")) == (3, 5, 5)  # as docs/minima.md proves
    return verdict(shortest(seat="both") <= 3, True)


@again(3)
def _three_with_lookahead() -> str:
    cells = [o for o in raw()["tictactoe"] if o["cell"]["learner"] == "shortest" and o["cell"]["options"]["seat"] == "both"]
    return verdict(min(one["points"][-1]["size"] for one in cells) <= 3, True)


@again(4)
def _ordered() -> str:
    falls = []
    for label in ("rulelist-concepts", "optimal-list"):
        (one,) = (one for one in raw()["tictactoe"] if one["cell"]["label"] == label)
        gains = [0.0, *(point["gain"] for point in one["points"])]
        falls.append(bool((np.diff(gains, 2) <= 0).all()))
    return of_all(falls)


RESULTS = {row[0]: row for row in tables(blocks_of((DOCS / "results.md").read_text())["records.games"].text)[0]}


@again(5)
def _ends() -> str:
    return of_all([cell == "ends" for cell in RESULTS["tictactoe"][3:5]])


@again(6)
def _many() -> str:
    single = [o for o in raw()["tictactoe"] if o["cell"]["options"].get("atoms") == "single" or o["cell"]["learner"] == "optimal_list"]
    needed = min(point["size"] for one in single for point in one["points"] if point["gain"] > 1 - 1e-9)
    return of_all([beyond(game) >= needed for game in go(1_000) if beyond(game)])


@again(8)
def _fitted() -> str:
    cells = [cell for game in go(100_000) for cell in RESULTS[game][3:5]]
    heavy = [cell.startswith(("heavier", "power-law")) for cell in cells]
    return verdict(all(heavy), not all(one or cell == "undecided" for one, cell in zip(heavy, cells, strict=True)))


@again(9)
def _no_exponential() -> str:
    """Any r with r + r^2 at least the ratio of the first gains contradicts the second: tried on a fine grid."""
    for game in ("go-3x3", "go-3x4"):
        best = {k: min(left_of_lists(game, k)) for k in (1, 2, 4, 8)}
        low = {k: float(proved(game)[k]) for k in best}
        for rate in np.linspace(0.0, 1.0, 10_001):
            fits = rate + rate**2 <= (best[2] - low[4]) / (low[1] - best[2]) + 1e-9
            allows = (best[1] - low[2]) * rate**3 * (1 + rate) * (1 + rate**2) >= low[4] - best[8]
            if fits and allows:
                return OPEN
    return SUPPORTED


def left_of_lists(game: str, size: int) -> Iterator[float]:
    for one, point in policies(game, "rules"):
        options = one["cell"]["options"]
        if (options.get("atoms") == "single" or one["cell"]["learner"] == "optimal_list") and point["size"] <= size:
            yield 1 - point["gain"]


@again(10)
def _small() -> str:
    return of_all([left_with(game, 16) > 0.1 for game in go(10_000)])


@again(11)
def _knowledge() -> str:
    def behind(split: dict[str, Any]) -> tuple[float, float, float]:
        """T(64) of one split, lower and upper end of its band."""
        k = max((i for i, budget in enumerate(split["budgets"]) if budget <= 64))
        gained = split["gains_fitted"][-1] - split["gains_fitted"][k]
        mean = (split["gains"][-1] - split["gains"][k]) / gained
        half = 1.96 * math.sqrt(sum(error**2 for error in split["step_errors"][k + 1 :])) / gained
        return mean, mean - half, mean + half

    lows: list[float] = []
    for game in go(100_000):
        labels: dict[str, list[float]] = {}
        for one in raw()[game]:
            if one["unit"] in COUNTED and one["cell"]["learner"] not in ("uniform", "shortest"):
                labels.setdefault(one["cell"]["label"], []).extend(behind(split)[1] for split in one["splits"])
                for _, low, high in map(behind, one["nulls"]):
                    assert low < 0 < high
        lows += [min(each) for each in labels.values() if each]
    assert len(lows) >= 6
    return of_all([low > 0 for low in lows])


@again(12)
def _books() -> str:
    worse = []
    for game in go(1_000):
        size, gain = max(((p["size"], p["gain"]) for o, p in policies(game) if o["cell"]["learner"] == "human"), key=lambda each: each[1])
        fitted = max(p["gain"] for o, p in policies(game, *COUNTED) if o["cell"]["learner"] != "human" and p["size"] <= size)
        worse.append(1 - gain > 2 * (1 - fitted))
    return of_all(worse)


@again(13)
def _no_formula() -> str:
    bits = [bits_of_level(game, 1.0) for game in go(0)]
    assert all(bits)
    low, high = kappa_hull(go(0), [n for n in bits if n])
    return verdict(low > 0, high <= 1e-9)


@again(14)
def _tenth() -> str:
    poor = []
    for game in go(10_000):
        whole = bits_of_level(game, 1.0)
        assert whole
        best = max((p for _, p in policies(game) if p["policy_bits"] <= whole // 10), key=lambda point: point["gain"])
        poor.append(1 - best["gain"] > 0.05 and not keeps(best))
    return of_all(poor)


@again(16)
def _probable() -> str:
    cells = re.search(r"those of all games: (.*?)\.\n", PAGE)
    assert cells
    pairs = [tuple(map(float, re.findall(r"[\d.]+(?= of| *$|$)", one.split(" ", 1)[1]))) for one in cells[1].split("; ")]
    assert len(pairs) == 7
    return of_all([probable <= 0.5 * every for probable, every in pairs])


@again(17)
def _halving() -> str:
    shares = [0.30103 / digits(uniform(game)) for game in (go(0)[0], go(0)[-1])]
    return verdict(shares[1] < min(0.1, shares[0]), shares[1] >= shares[0])


@again(18)
def _one_rule() -> str:
    shares = []
    for game in go(1_000):
        left = [digits(p) for _, p in policies(game, *COUNTED) if p["size"] == 1 and p["games_left"] and p["games_left"]["first"]]
        shares.append(1 - min(left) / digits(uniform(game)))
    return of_all([share < 0.1 for share in shares])


def is_control(game: str) -> bool:
    return game.startswith(("nim", "planted", "random"))


@again(19)
def _worlds() -> str:
    largest: dict[str, str] = {}
    for game in sorted((game for game in raw() if not is_control(game)), key=lambda game: raw()[game][0]["n_positions"]):
        largest[game.partition("-")[0]] = game
    bits = [bits_of_level(game, 0.9) for game in largest.values()]
    return verdict(any(n and n <= 64 for n in bits) and any(n and n >= 1_000 for n in bits), True)


@again(22)
def _networks() -> str:
    bits = [bits_of_level(game, 0.9, "hidden units") for game in go(0)]
    low, high = kappa_hull(go(0), [n for n in bits if n])
    return verdict(low > 0, high <= 0)


@again(23)
def _compressed() -> str:
    good = []
    for name in ("methods", "large"):
        whole, *stages = [
            line
            for line in blocks_of((DOCS / "compression.md").read_text())[f"stages.{name}"].text.splitlines()[2:]
            if line.startswith("|")
        ]
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in stages]
        gain, bits = float(whole.split("|")[8]), number(whole.split("|")[6])
        kept = min(number(row[5]) for row in cells if float(row[7]) >= gain - 0.01)
        good.append(bits / kept >= 10 and kept > 1_000)
    return of_all(good)


@again(25)
def _unreadable() -> str:
    plain = [line for game in ("tictactoe", "go-2x3", "go-3x3") for line in block_lines("heuristics.md", f"networks.{game}", "plain")]
    assert len(plain) == 6
    return of_all([number(line.split("|")[7].split()[0]) > 30 for line in plain])


def block_lines(page: str, block: str, first: str) -> list[str]:
    return [line for line in blocks_of((DOCS / page).read_text())[block].text.splitlines() if line.startswith(f"| {first} |")]


@again(26)
def _mid_level() -> str:
    found = []
    for game in go(10_000):
        kept = any(keeps(point) for _, point in policies(game, *COUNTED) if point["size"] <= 30)
        found.append(left_with(game, 30) > 0.1 and not kept)
    return of_all(found)


@again(27)
def _easier() -> str:
    cells = {row[0]: row[1:] for row in rows("heuristics.md", "networks.rules")}
    kinds = [cells[name] for name in ("linear", "modular", "noisy")]
    return verdict(any(each.count("fewer") > 3 for each in kinds), all(each.count("more") > 3 for each in kinds))


@again(28)
def _recovered() -> str:
    """From the tables of recoveries: what is shown as above must have a larger mean than each control, to the digits of the page."""
    above = []
    for name, reading, *_, said, _ in rows("neuroscience.md", "planted.controls"):
        table = {row[0]: [number(cell.split()[0]) for cell in row[1:5]] for row in rows("neuroscience.md", f"planted.{reading[:3]}")}
        ours, _, *controls = table[name]
        controls += [table[f"sham {name}"][0]] if name.startswith("lesions") else []
        assert said == "not above" or ours > max(controls)
        if name in ("tuning", "lesions", "lesions of pairs", "sensitivity"):
            above.append(said == "above")
    assert len(above) == 8
    return verdict(not any(above), all(above))


@again(29)
def _provable() -> str:
    return verdict(any(beyond(game) for game in raw()), True)


@again(30)
def _recipes() -> str:
    longer = []
    for game, ones in raw().items():
        for one in ones if not is_control(game) else []:
            if one["cell"]["learner"] not in ("uniform", "perfect", "shortest", "minimax", "mcts", "human") and one["points"]:
                best = max(point["gain"] for point in one["points"])
                product = min(point["policy_bits"] for point in one["points"] if point["gain"] >= best - 1e-12)
                longer.append(product > sum(one["recipe_bits"].values()))
    return verdict(sum(longer) > 0.8 * len(longer), not any(longer))


@again(31)
def _growth() -> str:
    recipes: dict[str, list[tuple[int, float, float]]] = {}
    for game in go(0):
        for one in raw()[game]:
            if one["cell"]["learner"] not in ("uniform", "perfect", "shortest", "minimax", "mcts", "human"):
                best = max(point["gain"] for point in one["points"])
                product = min(point["policy_bits"] for point in one["points"] if point["gain"] >= best - 1e-12)
                recipes.setdefault(one["cell"]["label"], []).append((one["n_positions"], sum(one["recipe_bits"].values()), product))
    pairs = [(max(each)[1] / min(each)[1], max(each)[2] / min(each)[2]) for each in recipes.values() if max(each)[0] > min(each)[0]]
    return verdict(all(recipe < 1.1 and product > recipe for recipe, product in pairs), max(recipe for recipe, _ in pairs) > 1.1)


@again(32)
def _incompressible() -> str:
    shares = []
    for game in go(1_000):
        lengths = [p["policy_bits"] + p["exception_bits"] for _, p in policies(game)]
        shares.append(min(lengths) / uniform(game)["exception_bits"])
    return verdict(all(share >= 0.95 for share in shares), all(share <= 0.9 for share in shares))


@again(33)
def _leverage() -> str:
    games = [game for game in raw() if not is_control(game)]
    reached: dict[str, set[str]] = {}
    measured: dict[str, set[str]] = {}
    for game in games:
        for one, point in policies(game):
            if one["cell"]["learner"] != "human":
                measured.setdefault(one["cell"]["label"], set()).add(game)
                if point["gain"] >= 0.9:
                    reached.setdefault(one["cell"]["label"], set()).add(game)
    shares = [len(reached.get(label, ())) / len(games) for label, where in measured.items() if len(where) == len(games)]
    return verdict(sum(share >= 0.8 for share in shares) >= 3, not any(share >= 0.8 for share in shares))


def cells_of(name: str) -> list[list[str]]:
    """The rows of a table of docs/leverage.md; none where it was not measured yet."""
    return [row for table in tables(block("leverage.md", name)) for row in table]


@again(20)
def _broad() -> str:
    cells = [row for name in ("go", "mnk", "across", "nim", "row") for row in cells_of(f"broad-{name}")]
    bits = [(number(row[4]), number(row[5]), number(row[6])) for row in cells if row[5]]
    longer, shares = [joint > longest for joint, longest, _ in bits], [joint / total for joint, _, total in bits]
    return verdict(all(longer) and min(shares) >= 0.8, max(shares) < 0.8) if bits else OPEN


@again(34)
def _weights_elsewhere() -> str:
    """From each table of files, not from the medians on the page."""
    shares: dict[tuple[str, bool], list[float]] = {}
    for name, is_rule in (("go", False), ("large", False), ("mnk", False), ("nim", True), ("row", True)):
        for file, _, _, *cells in cells_of(name):
            if file in ("conv", "mlp", "linear"):
                found = [re.match(r"(-?\d+) %|no$", cell) for cell in cells]
                shares.setdefault((file, is_rule), []).extend(float(each[1] or 0) for each in found if each)
    medians = [float(np.median(each)) for each in shares.values()]
    return verdict(max(medians) < 50, min(medians) >= 50) if medians else OPEN


@pytest.mark.parametrize(
    ("joint", "expected"), [(["900", "800"], SUPPORTED), (["799", "500"], NOT_SUPPORTED), (["900", "700"], OPEN), (["900", ""], SUPPORTED)]
)
def test_the_verdict_on_files_for_several_games(joint: list[str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: single files of 1,000 bits together, the longest 600; a comparison that was not possible is left out."""
    planted = [["g", "list", "16", "0.9", bits or "900", "600" if bits else "", "1,000" if bits else "", ""] for bits in joint]
    monkeypatch.setattr(paper_products, "table_of", lambda *_: [["head"] * 8, *planted])
    assert paper_products.broad(Evidence([])).verdict == expected


@pytest.mark.parametrize(
    ("conv", "mlp", "expected"),
    [("40 %", "0 %", SUPPORTED), ("50 %", "90 %", NOT_SUPPORTED), ("60 %", "0 %", OPEN), ("not measured", "not", OPEN)],
)
def test_the_verdict_on_weights_elsewhere(conv: str, mlp: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted medians of networks; lists, and files on other games, decide nothing."""
    planted = [["list", "99 %", "1 %", "1 %"], ["conv", conv, "not measured", "99 %"], ["mlp", "not measured", mlp, "1 %"]]
    monkeypatch.setattr(paper_products, "table_of", lambda *_: [["file", *"abc"], *planted])
    assert paper_products.elsewhere(Evidence([])).verdict == expected


BEYOND = dict.fromkeys(("7", "15", "21", "24", "35", "36", "37", "38"), NOT_HERE)


def test_every_claim_has_a_second_path_or_says_what_it_would_take() -> None:
    assert len(SAID) == len(CLAIMS)
    assert sorted([*JUDGES, *BEYOND], key=int) == sorted(SAID, key=int)


@pytest.mark.parametrize("n", sorted([*JUDGES, *BEYOND], key=int))
def test_a_verdict_comes_out_again_by_another_path(n: str) -> None:
    assert SAID[n] == (JUDGES[n]() if n in JUDGES else BEYOND[n]), CLAIMS[int(n) - 1].says


# What the verdicts hang on


def with_points(label: str, change: Callable[[Point], Point], game: str = "") -> Evidence:
    """The committed records with the points of some cells changed."""

    def changed(point: Point) -> Point:
        return change(point)

    return Evidence(
        [
            msgspec.structs.replace(one, points=[changed(point) for point in one.points])
            if one.cell.label == label and one.cell.game.startswith(game)
            else one
            for one in records()
        ]
    )


def judged(n: int, found: Evidence) -> str:
    return CLAIMS[n - 1].judge(found).verdict


def test_a_verdict_follows_its_records() -> None:
    """Planted: a list of three concepts, books that are good, one rule that says nothing, a recipe that compresses nothing."""
    three = with_points("shortest-both", lambda point: msgspec.structs.replace(point, size=3))
    assert (judged(2, Evidence(records())), judged(2, three)) == (NOT_SUPPORTED, SUPPORTED)
    good = with_points("human", lambda point: msgspec.structs.replace(point, gain=0.95), "go-")
    assert (judged(12, Evidence(records())), judged(12, good)) == (SUPPORTED, NOT_SUPPORTED)
    one_good_book = with_points("human", lambda point: msgspec.structs.replace(point, gain=0.95), "go-3x3")
    assert judged(12, one_good_book) == OPEN
    small = with_points("table", lambda point: msgspec.structs.replace(point, policy_bits=8, gain=1.0, exception_bits=0), "go-")
    assert (judged(13, Evidence(records())), judged(13, small)) == (SUPPORTED, NOT_SUPPORTED)
    huge = with_points("table", lambda point: msgspec.structs.replace(point, policy_bits=10**9))
    assert (judged(30, Evidence(records())), judged(30, huge)) == (NOT_SUPPORTED, OPEN)


def test_the_entropy_of_random_play_is_that_of_all_games_one_by_one() -> None:
    task = make_task("tictactoe")
    surprise = [sum(math.log2(9 - ply) for ply in range(len(played))) for played, _ in games_of_tictactoe(task.game, task.graph)]
    expected = sum(bits * 2.0**-bits for bits in surprise)
    assert sum(2.0**-bits for bits in surprise) == pytest.approx(1.0)
    bits = bits_of_play(task.graph, uniform_probabilities(task.graph), 9)
    assert bits == pytest.approx(expected, rel=1e-9)
    assert digits_of_play(bits) < math.log10(255_168)  # the number of games is the most that an entropy can reach


@pytest.mark.parametrize("game", ["hex-2x3", "nogo-2x3", "go-2x2"])
def test_the_entropy_of_perfect_play_is_that_of_a_walk_over_lines_of_play(game: str) -> None:
    task, plies = make_task(game), 6
    graph = task.graph
    best = {s: [e for e in range(*graph.edge_start[s : s + 2]) if task.solution.regret[e] == 0] for s in range(graph.n_states)}

    def walk(state: int, left: int) -> Iterator[float]:
        """The probability of every line of at most so many plies."""
        if not best[state] or not left:
            yield 1.0
        else:
            for edge in best[state]:
                yield from (p / len(best[state]) for p in walk(int(graph.edge_child[edge]), left - 1))

    chances = np.zeros(graph.n_edges)
    for edges in best.values():
        chances[edges] = 1 / max(1, len(edges))
    lines = list(walk(0, plies))
    assert sum(lines) == pytest.approx(1.0)
    assert bits_of_play(graph, chances, plies) == pytest.approx(-sum(p * math.log2(p) for p in lines), rel=1e-9)


# The references

REFERENCES = re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)


def test_each_of_the_references_has_a_row() -> None:
    assert [int(n) for n, *_ in REFERENCES] == list(range(1, 36))


@pytest.mark.parametrize("row", REFERENCES, ids=lambda row: row[0])
def test_what_became_of_a_reference_is_on_the_page_that_it_names(row: tuple[str, str, str]) -> None:
    _, _, here = row
    pages = "".join((DOCS / target).read_text() for target in re.findall(r"\]\(([\w/-]+\.md)\)", here))
    assert pages or here.startswith("not used")
    for name in re.findall(r"`(?:gaincurve )?([^`]+)`", here):
        assert name in pages, name
