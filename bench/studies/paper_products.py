"""What the committed results say of the paper's claims on information: numbers of games, recipes and products, networks.

As in bench/studies/paper_evidence.py, the rule of each function stands beside its claim in bench/studies/paper_claims.py.
"""

import math

from bench.curves.envelope import UNITS, is_counted
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import LEVEL, PAPER_MARKS, UNSIZED, shortest_at_level
from bench.curves.proved import summary_of
from bench.measures.play_entropy import bits_of_play, digits_of_play
from bench.studies.leverage import JOINED
from bench.studies.paper_evidence import (
    IN_MIND,
    LARGE,
    LEFT,
    MANY,
    NOT_HERE,
    OPEN,
    Evidence,
    Finding,
    decide,
    proved_beyond,
    table_of,
)
from policies.api import action_probabilities
from policies.task import make_task

HALVING = math.log10(2)  # digits of a number that a halving removes
SHARE = 0.1  # of the digits: less is "essentially useless", more is not
PROBABLE = ("tictactoe", "hex-3", "connect_four-3x4", "nogo-3x3", "go-2x3", "go-2x4", "go-3x3")  # games whose play is followed
MUCH = 0.5  # of the digits: at most that is "much lower"
SHORTER, AS_LONG = 0.9, 0.95  # of a description without a policy
EASY, HARD = 64, 1_000  # bits to LEVEL
MOST = 0.8  # of the games
SMALLER, LOSS = 10, 0.01  # times, and the gain that may be lost
JOINT = 0.8  # of the sum of single files: less is "much shorter"
HALF = 0.5  # of the gain of a fit made anew: less is "of little use"
ATOMS, NETWORKS = ("list", "weights", "tree"), ("conv", "mlp", "linear")  # files of docs/leverage.md
FACTORS = ("linear", "modular", "noisy")  # that the paper says may make a network easier to understand


# How many games


def halving(found: Evidence) -> Finding:
    """The share of the digits that a halving removes."""
    digits = {game: found.digits(game) for game in found.go(0)}
    told = "; ".join(f"{game} {HALVING:.2f} of {n:.1f} digits" for game, n in list(digits.items())[-3:])
    shares = [HALVING / n for n in digits.values()]
    falls = shares[0] > shares[-1]
    return Finding(decide(shares[-1] < SHARE and falls, not falls), f"A halving removes {told}; {shares[0]:.1%} on {next(iter(digits))}.")


def one_rule(found: Evidence) -> Finding:
    """The share of the digits that one rule removes."""
    left = {game: min(digits_with_one_unit(found, game)) for game in found.go(MANY)}
    shares = {game: 1 - n / found.digits(game) for game, n in left.items()}
    told = "; ".join(
        f"{game} {share:.0%} ({found.digits(game) - left[game]:.1f} of {found.digits(game):.1f})" for game, share in shares.items()
    )
    useless = [share < SHARE for share in shares.values()]
    return Finding(decide(all(useless), not any(useless)), f"The best single rule, weight or leaf removes of the digits: {told}.")


def digits_with_one_unit(found: Evidence, game: str) -> list[float]:
    """The digits of the number of games left by each policy of one rule, weight or leaf."""
    counted = (point for one in found.games[game] if is_counted(one, UNITS) for point in one.points if point.size == 1)
    return [digits for point in counted if (digits := point.digits_left) is not None]


def probable_games(found: Evidence) -> Finding:
    """The digits of the number of typical games of perfect play."""
    rows = []
    for game in PROBABLE:
        task = make_task(game)
        (uniform,) = (one for one in found.games[game] if one.cell.learner == "uniform")
        plies = (uniform.points[-1].games_left or {})["plies"] or task.graph.n_states
        chances = action_probabilities(task.graph, -task.solution.regret.astype(float))
        rows.append((game, digits_of_play(bits_of_play(task.graph, chances, min(plies, 200))), found.digits(game)))
    fewer = [probable <= MUCH * every for _, probable, every in rows]
    told = "; ".join(f"{game} {probable:.1f} of {every:.1f}" for game, probable, every in rows)
    return Finding(decide(all(fewer), not any(fewer)), f"Digits of two to the entropy of perfect play, of those of all games: {told}.")


def games_of_go(found: Evidence) -> Finding:
    """The digits of the number of games on the boards measured."""
    digits = {game: found.digits(game) for game in found.go(LARGE)}
    told = "; ".join(f"{game} {n:.1f}" for game, n in digits.items())
    return Finding(NOT_HERE, f"Boards of 19x19 are out of reach. Digits of the games that end within three plies a cell: {told}.")


def number_of_rules(found: Evidence) -> Finding:
    """What is proved and known of the number of rules on the largest board."""
    largest = found.go(MANY)[-1]
    known, proved = found.envelope(largest, UNITS).size_at(1.0), proved_beyond(largest)
    return Finding(
        NOT_HERE,
        f"19x19 is out of reach. On {largest} perfect play takes more than {proved:,} single atoms (proved) and {known:,} units are known.",
    )


# Simple worlds and complicated ones


def two_worlds(found: Evidence) -> Finding:
    """The bits to LEVEL of the largest board of each family."""
    largest = {family_of(game): (n_bits, game) for game, (n_bits, _) in shortest_at_level(found.records).items() if not is_control(game)}
    easy, hard = (
        [f"{game} {n:,}" for n, game in sorted(largest.values()) if low <= n <= high] for low, high in ((0, EASY), (HARD, math.inf))
    )
    told = f"Bits to a gain of {LEVEL:g}, largest board of each family: {', '.join(easy)}; {', '.join(hard)}."
    return Finding(decide(bool(easy and hard), not (easy and hard)), f"{told} In the games' own concepts, whose length is not counted.")


def networks_grow(found: Evidence) -> Finding:
    """How the bits of the shortest networks grow with the Go board."""
    kappa = found.exponents["go", "networks", LEVEL]
    if kappa.law is None or kappa.hull is None:
        return Finding(OPEN, kappa.doubt)
    low, high = kappa.hull
    told = f"Bits of the shortest network of a gain of {LEVEL:g} grow as positions^{kappa.law.kappa:.2f} ({low:.2f} to {high:.2f}) on Go"
    largest = kappa.samples[-1]
    return Finding(decide(low > 0, high <= 0), f"{told}, to {largest.bits:,.0f} bits on {largest.game}; shortest of all seeds.")


def brain(found: Evidence) -> Finding:
    """Where the paper's marks stand beside the largest Go board."""
    largest = max(
        (game for game in shortest_at_level(found.records) if family_of(game) == "go"), key=lambda game: found.games[game][0].n_positions
    )
    n_bits, _ = shortest_at_level(found.records)[largest]
    marks = "; ".join(f"{mark.short} {mark.bits / n_bits:,.0f} times" for mark in PAPER_MARKS)
    return Finding(
        NOT_HERE,
        f"No brain is measured. {largest} takes {n_bits:,} bits to a gain of {LEVEL:g}; the paper's marks, not measured: {marks} that.",
    )


# Recipe and product


def recipes_shorter(found: Evidence) -> Finding:
    """On how many curves the product is longer than its recipe."""
    from bench.report.parts.principles import learned_policies

    policies = [one for one in learned_policies(found.records) if one.recipe and not is_control(one.game)]
    shares = [(one.share or 0.0, one) for one in policies]
    shorter = [share > 1 for share, _ in shares]
    share, longest = max(shares, key=lambda entry: entry[0])
    told = f"The product is longer than its recipe on {sum(shorter)} of {len(shorter)} curves; at most {share:.0%} of it"
    told += f", {longest.label} on {longest.game}"
    return Finding(decide(sum(shorter) > MOST * len(shorter), not any(shorter)), f"{told}. Recipes count every module that is imported.")


def products_grow(found: Evidence) -> Finding:
    """How recipes and products grow from the smallest Go board to the largest."""
    from bench.report.parts.principles import UNLEARNED, growths

    on_go = growths([one for one in found.records if family_of(one.cell.game) == "go" and one.cell.learner not in UNLEARNED])
    recipe, product = ([each.ratios[place] for each in on_go] for place in (1, 2))
    told = f"{len(on_go)} learners: recipe times {min(recipe):.2f} to {max(recipe):.2f}"
    told += f", product times {min(product):,.1f} to {max(product):,.0f}"
    times = f"From the smallest to the largest Go board ({max(each.ratios[0] for each in on_go):,.0f} times the positions)"
    grows = all(one < 1.1 and other > one for one, other in zip(recipe, product, strict=True))
    return Finding(decide(grows, max(recipe) > 1.1), f"{times}, {told}.")


def incompressible(found: Evidence) -> Finding:
    """How much shorter a policy makes the description of perfect play."""
    ratios = {game: shortest_share(found, game) for game in found.go(MANY)}
    controls = [shortest_share(found, game) for game in found.games if game.startswith("random-")]
    told = "; ".join(f"{game} {share:.0%}" for game, share in ratios.items())
    best = [share <= SHORTER for share in ratios.values()]
    verdict = decide(all(share >= AS_LONG for share in ratios.values()), all(best))
    learned = "; ".join(f"{game} {share:.0%}" for game, share in against_prequential(found).items())
    random = f"random values {min(controls):.0%} to {max(controls):.0%}"
    return Finding(
        verdict, f"Perfect play with a policy, as a share of without: {told}; {random}. Against the prequential code: {learned}."
    )


def shortest_share(found: Evidence, game: str) -> float:
    """The shortest description of perfect play with a policy as a share of the shortest without one."""
    points = [point for one in found.games[game] if one.cell.learner not in UNSIZED for point in one.points]
    return min(n for point in points if (n := point.codelength)) / alone(found, game)


def alone(found: Evidence, game: str) -> int:
    """The bits of perfect play without a policy."""
    (uniform,) = (one for one in found.games[game] if one.cell.learner == "uniform")
    bits = uniform.points[-1].exception_bits
    assert bits is not None
    return bits


def against_prequential(found: Evidence) -> dict[str, float]:
    """The shortest description with a policy as a share of the shortest prequential file, of the Go boards of docs/prequential.md."""
    files: dict[str, float] = {}
    for game, _, random, ascending, *_ in table_of("prequential.md", "files")[1:]:
        files[game] = min(files.get(game, math.inf), *(float(cell.replace(",", "")) for cell in (random, ascending)))
    return {game: shortest_share(found, game) * alone(found, game) / files[game] for game in found.go(MANY) if game in files}


def leverage(found: Evidence) -> Finding:
    """On how many games each recipe gains LEVEL."""
    from bench.report.parts.principles import UNLEARNED

    games = [game for game in found.games if not is_control(game)]
    reached = {}
    for label in dict.fromkeys(one.cell.label for one in found.records if one.cell.learner not in UNLEARNED):
        gains = {game: [p.gain for one in found.games[game] if one.cell.label == label for p in one.points] for game in games}
        measured = {game: max(each) for game, each in gains.items() if each}
        if len(measured) == len(games):
            reached[label] = sum(gain >= LEVEL for gain in measured.values())
    many = [n >= MOST * len(games) for n in reached.values()]
    told = ", ".join(f"{label} {n}" for label, n in reached.items())
    return Finding(decide(sum(many) >= 3, not any(many)), f"Of {len(games)} games, one recipe gains {LEVEL:g} on: {told}.")


def elsewhere(found: Evidence) -> Finding:
    """The share of the gain of fits made anew that files reach on other boards and under changed rules."""
    measured = {name: each for name, *each in table_of("leverage.md", "summary")[1:]}
    shares = {name: [float(cell.split()[0]) / 100 for cell in each[:2] if "%" in cell] for name, each in measured.items()}
    medians = [share for name in NETWORKS for share in shares.get(name, [])]
    if not medians:
        return Finding(OPEN, "Not measured yet. It takes every file scored on other boards and changed rules, beside the same recipe.")
    told = "; ".join(f"{name} {', '.join(f'{share:.0%}' for share in shares[name])}" for name in (*NETWORKS, *ATOMS) if shares.get(name))
    few = sum(share < HALF for share in medians)
    text = f"Median share of the gain of a fit made there, on other boards and under changed rules: {told}. "
    text += f"Of networks {few} of {len(medians)} medians are below half."
    return Finding(decide(max(medians) < HALF, min(medians) >= HALF), text)


# Networks


def no_mid_level(found: Evidence) -> Finding:
    """What policies that a person could hold in mind leave."""
    boards = found.go(LARGE)
    left = {game: 1 - best.gain for game in boards if (best := found.envelope(game, UNITS).at(IN_MIND))}
    keeps = [game for game in (*boards, "tictactoe") if keeps_value(found, game, IN_MIND)]
    floors = {game: summary.residual(IN_MIND) for game in boards if (summary := summary_of(game))}
    told = "; ".join(f"{game} {share:.1%}" for game, share in left.items())
    proved = "; ".join(f"{game} {math.floor(1000 * float(low)) / 10:.1f}%" for game, low in floors.items() if low)
    over = [share > LEFT and game not in keeps for game, share in left.items()]
    text = f"The best of at most {IN_MIND} units leave {told}; single atoms at least, proved: {proved}. Of these games they keep the value"
    return Finding(decide(all(over), not any(over)), f"{text} of: {', '.join(keeps) or 'none'}.")


def keeps_value(found: Evidence, game: str, size: int) -> bool:
    """Whether some policy of at most `size` units keeps the value from both seats and cannot stall."""
    return any(p.plays_perfectly for one in found.games[game] if is_counted(one, UNITS) for p in one.points if p.size <= size)


def unreadable(found: Evidence) -> Finding:
    """How many rules make the choices of plain networks."""
    rules = {f"{game}, gain {level}": n for game, level, network, n in heuristics() if network == "plain"}
    told = "; ".join(f"{name} {n}" for name, n in rules.items())
    longer = [n > IN_MIND for n in rules.values()]
    return Finding(decide(all(longer), not any(longer)), f"Rules found for 90% of the choices of a plain network, mean of 5 seeds: {told}.")


def heuristics() -> list[tuple[str, str, str, int]]:
    """Game, level of gain, kind of network, and the rules found for 90% of its choices, of docs/heuristics.md."""
    rows = []
    for game in ("tictactoe", "go-2x3", "go-3x3"):
        levels = iter(("0.8", "0.9"))
        for name, *cells in table_of("heuristics.md", f"networks.{game}"):
            if name == "network":
                level = next(levels)
            elif len(cells) == 8 and cells[5]:
                rows.append((game, level, name, int(cells[5].split()[0].replace(",", ""))))
    return rows


def easier(found: Evidence) -> Finding:
    """Which kinds of networks take fewer rules than a plain one."""
    said = {name: cells for name, *cells in table_of("heuristics.md", "networks.rules") if name in FACTORS}
    fewer = {name: cells.count("fewer") for name, cells in said.items()}
    told = "; ".join(f"{name} {n} of {len(said[name])}" for name, n in fewer.items())
    most = [n > len(said[name]) / 2 for name, n in fewer.items()]
    more = [cells.count("more") > len(cells) / 2 for cells in said.values()]
    return Finding(decide(any(most), all(more)), f"Fewer rules than a plain network of equal gain, beyond the scatter of 5 seeds: {told}.")


def provable(found: Evidence) -> Finding:
    """How far proofs about lists reach."""
    proved = {game: k for game in found.games if not is_control(game) and (k := proved_beyond(game))}
    most = max(proved, key=lambda game: proved[game], default="")
    summary = summary_of(most)
    low = summary.residual(proved[most]) if summary else None
    told = f"{len(proved)} games have a certificate; on {most} any {proved[most]} single atoms leave at least {float(low or 0):.1%}"
    return Finding(decide(bool(low), not proved), f"{told}. Of conjunctions, trees and networks little is proved.")


def broad(found: Evidence) -> Finding:
    """The bits of one file for several games beside the longest and the sum of single ones that gain as much."""
    tables = [table_of("leverage.md", f"broad-{name}") for name in JOINED]
    rows = [[int(cell.replace(",", "")) for cell in row[4:7]] for table in tables for row in table[1:] if row[5]]
    if not rows:
        return Finding(OPEN, "Not measured yet. It takes one file for several games beside single ones at equal gain.")
    of_sum = [joint / total for joint, _, total in rows]
    longer = [joint > longest for joint, longest, _ in rows]
    told = f"One file for two or three games takes {min(of_sum):.0%} to {max(of_sum):.0%} of the bits of single ones at equal gain"
    enough = [share >= JOINT for share in of_sum]
    text = f"{told}, {JOINT:.0%} or more in {sum(enough)} of {len(rows)} comparisons, and more than the longest of them in {sum(longer)}"
    return Finding(decide(all(longer) and all(enough), not any(enough)), f"{text}, of lists, weights, trees and convolutions.")


def compression(found: Evidence) -> Finding:
    """How many times smaller networks become."""
    rows = []
    for game, block in (("go-3x3", "stages.methods"), ("go-3x4", "stages.large")):
        _, whole, *stages = table_of("compression.md", block)
        kept = [row for row in stages if float(row[7]) >= float(whole[7]) - LOSS]
        times, bits, stage = max((float(row[6]), int(row[5].replace(",", "")), row[0]) for row in kept)
        rows.append((game, times, bits, stage))
    told = "; ".join(f"{game} {times:.0f} times smaller, {bits:,} bits ({stage})" for game, times, bits, stage in rows)
    is_so = [times >= SMALLER and bits > HARD for _, times, bits, _ in rows]
    return Finding(decide(all(is_so), not any(is_so)), f"At most {LOSS:g} of gain lost: {told}.")
