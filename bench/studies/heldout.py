"""docs/heldout.md: gains where fitted and where held out, the knowledge tails of games and nulls, and the verdict on planted curves.

Only the network of the first table is of one machine; nothing else is timed or drawn anew.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from statistics import median

from bench.harness.fitted import fit_policy
from bench.harness.splits import fit_split, null_budgets
from bench.measures import transfer as tails
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import AT, transfer
from bench.studies.heldout_controls import CONTROLS, N_SPLITS, REACHED, WITHOUT, Control, planted_splits
from bench.studies.page import Page, Part
from bench.tails import transfer as rule
from bench.tails.transfer import HeldOutVerdict, held_out_verdict
from policies.registry import make_learner, parse_learner
from policies.task import BOARDS, POSITIONS, make_task, shuffled_task

FITS = {
    "rulelist:language=concepts,atoms=single,polish=false": 2,
    "rulelist:atoms=single,polish=false": 50,
    "weighted": 30,
    "tree": 50,
    "table": 5000,
    "network": 16,
}
FITS_HEAD = """\
| learner | budget | bits | gain where fitted | gain where held out | gain promised |
| --- | --- | --- | --- | --- | --- |"""
LIST = "rulelist:atoms=single,polish=false,language=concepts+patterns"
TRUE, SHUFFLED = "the game", "moves shuffled"
GAMES = (  # game, what a split draws, which truth
    *((game, BOARDS, TRUE) for game in ("go-3x3", "go-2x5", "go-2x6", "go-3x4", "nogo-3x4", "connect_four-4x4", "random-hex-2x5")),
    *((game, BOARDS, SHUFFLED) for game in ("go-2x5", "go-2x6", "go-3x4")),
    ("go-2x6", POSITIONS, TRUE),
)
WIDE = "go-2x7"
GAMES_HEAD = """\
| game | drawn | truth | T(16) | T(64) | T(256) | held-out verdict |
|---|---|---|--:|--:|--:|---|"""
DRAWS = (0, 1 << 32)  # as a suite draws them for seed 0
FIRST_SEED, N_RUNS = 1_000, 40  # smaller seeds were used while the rule was chosen
NEAR = 3.0  # a factor: how far a k that is called right may be from the planted one
CONTROLS_HEAD = """\
| control | positions | verdicts | planted k | found k | within a factor of 3 |
|---|--:|---|--:|--:|--:|"""
SHARES = """\
Of {n_without} runs without knowledge {n_false} are given any. Of {n_known} runs with knowledge {right} are given a k within a factor of
{near:g} of the planted one, and {undecided} are undecided."""


def fit_row(text: str, budget: int) -> str:
    """A learner on Go 3x3, fitted to half of the boards."""
    found = fit_policy("go-3x3", *parse_learner(text), budget, held_out=0.5)
    held, bits = found.point.held_out or {}, found.policy_bits
    bound = held["pac_bayes"]
    promised = "vacuous" if bound["is_vacuous"] else f"{bound['gain']:.4f}"
    how = " (one run, one machine)" if text == "network" else ""
    return f"| `{text}`{how} | {budget} | {bits:,} | {held['gain_fitted']:.4f} | {abs(held['gain']):.4f} | {promised} |"


def game_row(game: str, split: str, truth: str) -> str:
    """The knowledge tail of the plain list of a game, over two splits."""
    task = make_task(game)
    learner = make_learner(*parse_learner(LIST))
    budgets = list(learner.default_budgets(task))
    if truth == SHUFFLED:
        task, budgets = shuffled_task(task, 0), null_budgets(budgets)
    splits = [fit_split(task, learner, budgets, 0, 0.5, split, seed) for seed in DRAWS]
    verdict = held_out_verdict(splits, learner.unit, is_finished=True)
    return f"| {game} | {split} | {truth} | {' | '.join(_tail(splits, k) for k in AT)} | {verdict.words} |"


def _tail(splits: Sequence[SplitCurve], k: int) -> str:
    found = transfer(splits, k)
    return "-" if found is None else f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"


def judge_control(control: Control) -> list[tuple[HeldOutVerdict, float]]:
    """The verdicts on runs of a control, each with the planted k."""
    found = []
    for seed in range(FIRST_SEED, FIRST_SEED + N_RUNS):
        splits, planted = planted_splits(control, seed)
        found.append((held_out_verdict(splits, "rules", is_finished=True), planted))
    return found


def is_near(verdict: HeldOutVerdict, planted: float) -> bool:
    """Whether a verdict names a k close to the planted one."""
    return verdict.k is not None and planted / NEAR <= verdict.k <= planted * NEAR


def control_row(control: Control, found: Sequence[tuple[HeldOutVerdict, float]]) -> str:
    """A row of the table of controls."""
    said = Counter(_kind(verdict) for verdict, _ in found)
    verdicts = ", ".join(f"{kind} {n}" for kind, n in said.most_common())
    named = [verdict.k for verdict, _ in found if verdict.k is not None]
    near = f"{sum(is_near(*one) for one in found) / len(found):.0%}" if control.true else "-"
    middle = f"{median(named):,.0f}" if named else "-"
    planted = f"{median(planted for _, planted in found):,.0f}"
    return f"| {control.name} | {control.n_positions:,} | {verdicts} | {planted} | {middle} | {near} |"


def _kind(verdict: HeldOutVerdict) -> str:
    return "knowledge, then memory" if "about" in verdict.words else verdict.words


def measured_fits() -> dict[str, str]:
    """The table of learners on Go 3x3."""
    return {"fits": "\n".join([FITS_HEAD, *(fit_row(text, budget) for text, budget in FITS.items())])}


def measured_games() -> dict[str, str]:
    """The table of knowledge tails."""
    rows = []
    for one in GAMES:
        rows.append(game_row(*one))
        print(rows[-1], file=sys.stderr, flush=True)
    return {"games": "\n".join([GAMES_HEAD, *rows])}


def measured_wide() -> dict[str, str]:
    """The same of the longest board of two rows."""
    return {"wide": "\n".join([GAMES_HEAD, game_row(WIDE, BOARDS, TRUE)])}


def measured_controls() -> dict[str, str]:
    """The verdicts on planted curves, and what they come to."""
    found = {control: judge_control(control) for control in CONTROLS}
    without = [one for control in WITHOUT for one in found[control]]
    known = [one for control in CONTROLS if control.true for one in found[control]]
    shares = SHARES.format(
        n_without=f"{len(without):,}",
        n_false=sum(bool(verdict.k) for verdict, _ in without),
        n_known=f"{len(known):,}",
        right=f"{sum(is_near(*one) for one in known) / len(known):.1%}",
        near=NEAR,
        undecided=f"{sum(verdict.k is None for verdict, _ in known) / len(known):.1%}",
    )
    return {
        "controls.shares": shares,
        "controls.curves": "\n".join([CONTROLS_HEAD, *(control_row(control, runs) for control, runs in found.items())]),
    }


PAGES = (
    Page(
        "heldout.md",
        {
            "fits": Part(measured_fits, "a minute"),
            "games": Part(measured_games, "some 15 minutes"),
            "wide": Part(measured_wide, "half an hour"),
            "controls": Part(measured_controls, "a minute"),
        },
        phrases=(
            f"gains less than {tails.MIN_GAIN:g} or less than {tails.MIN_POSITIONS:g} average positions",
            f"by more than {rule.SIGMAS:g} standard errors and by more than {rule.CARRIED:g} of what",
            f"the band of T(k) lies below {rule.MEMORY:g}",
            f"{N_RUNS} runs each, of seeds from {FIRST_SEED:,} on, with {N_SPLITS} splits",
            f"{REACHED:.0%} of what the true rules gain",
        ),
    ),
)
