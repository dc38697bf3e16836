"""docs/books.md: what written lists of Go know, board by board, beside fitted lists of equal length in the same concepts."""

import functools
from collections.abc import Mapping

from bench.harness.fitted import fit_policy
from bench.studies.page import Page, Part
from policies.api import Task, action_probabilities
from policies.registry import make_learner
from policies.rules.human import human_list
from policies.sampled_task import sampled_task
from policies.task import make_task

LISTS = ("go_beginner", "go_proverbs", "go_short")
KNOWN = ("go-2x3", "go-2x4", "go-3x3", "go-2x5", "go-2x6", "go-3x4")
SAMPLED = ("go-2x7", "go-3x5", "go-4x4")
DRAWN, SEED = 20_000, 0  # positions of a board of which a sample is measured
FITTED, SHARE = 50_000, 0.2  # positions that a list is fitted to on such a board, and what is held out of the boards of others
STEPS = ("go-3x3", "go-3x4", "go-4x4")  # boards on which the gain of each further rule is shown
IN_CONCEPTS: Mapping[str, object] = {"language": "concepts"}
BOARDS_HEAD = "| board | list | rules | gain | fitted, as many rules | what the list leaves of that |\n|---|---|--:|--:|--:|--:|"


def task_of(game_id: str) -> Task:
    """All positions of a board, or a sample of them."""
    return sampled_task(game_id, DRAWN, SEED) if game_id in SAMPLED else make_task(game_id)


@functools.cache
def gains(game_id: str, name: str) -> tuple[float, ...]:
    """The gain of the first k rules of a written list, for each k."""
    task, learner = task_of(game_id), make_learner("human", {"list": name})
    policies = learner.fit_path(task, learner.default_budgets(task), SEED)
    return tuple(task.gain(action_probabilities(task.graph, policy.scores(task))) for policy in policies)


@functools.cache
def fitted_gain(game_id: str, n_rules: int) -> float:
    """The gain of a fitted list of `n_rules` on boards that it was not fitted to."""
    if game_id in SAMPLED:
        found = fit_policy(game_id, "rulelist", IN_CONCEPTS, n_rules, SEED, held_out=DRAWN, positions=FITTED)
    else:
        found = fit_policy(game_id, "rulelist", IN_CONCEPTS, n_rules, SEED, held_out=SHARE)
    assert found.point.held_out is not None
    return float(found.point.held_out["gain"])


def measure_boards() -> dict[str, str]:
    """The table of lists and boards."""
    rows = []
    for game_id in (*KNOWN, *SAMPLED):
        for name in LISTS:
            written = gains(game_id, name)
            fitted = fitted_gain(game_id, len(written))
            lost = (fitted - written[-1]) / fitted
            rows.append(f"| {game_id} | `{name}` | {len(written)} | {written[-1]:.3f} | {fitted:.3f} | {100 * lost:z.0f} % |")
    return {"boards": "\n".join([BOARDS_HEAD, *rows])}


def measure_steps() -> dict[str, str]:
    """For each list, what each rule adds to the gain of those before it."""
    rows = [f"| list | rule | | {' | '.join(STEPS)} |\n|---|--:|---|{'--:|' * len(STEPS)}"]
    for name in LISTS:
        curves = [(0.0, *gains(game_id, name)) for game_id in STEPS]
        for k, rule in enumerate(human_list(task_of(STEPS[0]), name).rules, 1):
            said = " and ".join(f"`{part}`" for part in ([rule] if isinstance(rule, str) else rule))
            steps = " | ".join(f"{curve[k] - curve[k - 1]:+.3f}" for curve in curves)
            rows.append(f"| {f'`{name}`' if k == 1 else ''} | {k} | {said} | {steps} |")
    return {"steps": "\n".join(rows)}


PAGES = (
    Page(
        "books.md",
        {"boards": Part(measure_boards, "some minutes"), "steps": Part(measure_steps, "a minute")},
        phrases=(f"{DRAWN:,} drawn positions", f"fitted to {FITTED:,} others"),
    ),
)
