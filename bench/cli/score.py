"""The verb `score`: measure a hand-written rule list."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.measures import measures, print_measures, set_facts
from bench.cli.options import Json, Out, Positions, Seed, Weights
from bench.cli.outputs import check_file
from bench.terminal import emit_json, working
from games.errors import UsageError

if TYPE_CHECKING:
    from policies.rules.json_lists import WrittenList


def score(
    file: Annotated[
        str, typer.Argument(metavar="LIST", help="A list as JSON, from a text editor or `explain --list`; or the name of one of ours.")
    ],
    game: Annotated[str | None, typer.Option("--game", help="The game to measure it on; else the one that the list names.")] = None,
    weights: Weights = "uniform",
    positions: Positions = None,
    seed: Seed = 0,
    out: Out = None,
    json: Json = False,
) -> None:
    """Measure a hand-written rule list as `fit` measures a fitted one: gain, bits, grades, results."""
    from bench.harness.measure import measure_policy
    from bench.harness.policyfile import pack, save_policy
    from bench.harness.tasks import proved_of_game, task_of_game
    from bench.harness.untrusted_ids import check_named
    from bench.measures.residual_bounds import left_unseen
    from policies.language.atoms import EFFECT_KINDS
    from policies.position_weights import effective_positions, read_kind
    from policies.registry import make_learner
    from policies.rules.json_lists import read_rules
    from policies.rules.rulelist import RuleList
    from policies.sampled_task import sample_options

    if out is not None:
        check_file("--out", out)
    path, written = read_list_file(file, game)
    try:
        with working(f"solving {game or written.game}"):
            named = game or check_named(written.game, "it")
            task = task_of_game(named, weights, positions, seed)
            proved = proved_of_game(named, weights, positions)
        policy = RuleList(written.semantics, read_rules(written, task.game, task.graph))
    except UsageError as error:
        raise UsageError(f"{path.name}: {error}") from None
    has_effects = any(literal.kind in EFFECT_KINDS for rule in policy.rules for literal in rule)
    options = {"language": "mechanical"} if has_effects else {}
    options = options if positions is None else sample_options("rulelist", options)
    learner = make_learner("rulelist", options)
    with working("measuring"):
        point, data = measure_policy(task, learner, policy, policy.size, 0.0, with_results=True, with_games_left=False)
    if out is not None:
        save_policy(out, pack(task.game.id, learner.name, options, point.size, data))
    what: dict[str, Any] = {"game": task.game.id, "list": path.name, "about": written.about, "semantics": written.semantics}
    what |= {"weights": read_kind(weights), "effective_positions": effective_positions(task.weights)}
    facts = {} if proved is None else {"truth_set": set_facts(proved, left_unseen(proved, None, policy))}
    answer = {**what, "unit": learner.unit, **measures(point), **facts, "file": None if out is None else str(out)}
    if json:
        emit_json(answer)
    else:
        print_measures(answer, path.name, "as it is written")


def read_list_file(file: str, game: str | None) -> "tuple[Path, WrittenList]":
    """A list by its path, or by its name among ours. Raises UsageError unless it can be read and is for the game, where one is named."""
    from policies.rules.human import find_list
    from policies.rules.json_lists import read_list

    path = find_list(file)
    try:
        written = read_list(_read(path))
        if game is not None and not written.is_for(game):
            raise UsageError(f"this list is for {written.game}, not for {game}")
    except UsageError as error:
        raise UsageError(f"{path.name}: {error}") from None
    return path, written


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError("this is not text in UTF-8; a list is JSON, as docs/rules.md shows it") from None
