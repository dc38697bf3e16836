"""The mechanical language: its numbers by a plain walk over the rules, its files, its source, and what it reaches on known games."""

import numpy as np
import pytest

from bench.measures.coding import compressed_source, describe
from games.contract import unfolded
from games.errors import UsageError
from policies.api import action_probabilities, mean_and_worst
from policies.language import effects
from policies.language.atoms import LEVELS, Literal, mechanical_source
from policies.language.language import make_language
from policies.registry import make_learner
from policies.rules.json_lists import read_list, read_rules, write_list
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.rules.weighted import WeightedLearner, WeightedList
from policies.task import make_task

GAMES = ["tictactoe", "nim-2-3-4", "go-2x3", "kalah-2-2", "hex-2x3", "breakthrough-4x3"]
ALL = "mechanical+lookahead-8+priority"


def _children(game_id: str, state: int) -> tuple[list[int], bool, int]:
    """The states after each move as the other player finds them, whether the state is final, and its payoff: one call of the rules."""
    game = make_task(game_id).game
    found = unfolded(game, np.array([state], dtype=np.uint64))
    return [int(child) for child in found.edge_child], bool(found.terminal[0]), int(found.payoff[0])


def _numbers(game_id: str, state: int) -> list[list[int]]:
    """For each move of a state the numbers in the order of `NUMBERS`, then the cells, from the rules alone."""
    game = make_task(game_id).game
    n_cells = game.board.n_cells if game.board else 0

    def cells(each: int) -> list[int]:
        return [int(content) for content in game.cells(np.array([each], dtype=np.uint64))[0]]

    rows = []
    for child in _children(game_id, state)[0]:
        replies, over, payoff = _children(game_id, child)
        returns = min((len(_children(game_id, reply)[0]) for reply in replies), default=0)
        taken = cells(state)[:n_cells].count(2) - cells(child)[:n_cells].count(1)
        rows.append([returns - len(replies), len(replies), returns, -payoff if over else 0, int(over), taken, *cells(child)])
    return rows


@pytest.mark.parametrize("game_id", GAMES)
def test_effects_are_those_of_a_walk_over_the_rules(game_id: str) -> None:
    task = make_task(game_id)
    game, graph = task.game, task.graph
    full, names = make_language(ALL, game, graph), effects.names(game)
    for position in np.random.default_rng(0).choice(graph.positions, min(60, len(graph.positions)), replace=False).tolist():
        rows, first = _numbers(game_id, int(graph.states[position])), int(graph.edge_start[position])
        for number, name in enumerate(names):
            column = [row[number] for row in rows]
            most, least = (full.atoms.holds(("effect", 2 * number + i))[first : first + len(rows)].tolist() for i in (0, 1))
            assert most == [value == max(column) for value in column], name
            assert least == [value == min(column) for value in column], name
            only = full.atoms.holds(("only-effect", 2 * number))[first : first + len(rows)].tolist()
            assert only == [value == max(column) and column.count(value) == 1 for value in column], name
            for i, value in enumerate(column):
                assert first + i in full.atoms.edges(("after", number * LEVELS + value + effects.offset(name))), name


def test_every_atom_has_one_number_and_is_said_in_words() -> None:
    task = make_task("go-2x3")
    full = make_language(ALL, task.game, task.graph)
    predicates = [full.predicate(number) for number in range(full.n_predicates)]
    assert [full.number(predicate) for predicate in predicates] == list(range(full.n_predicates))
    assert {kind for kind, _ in predicates} >= {"effect", "only-effect", "after", "lookahead", "cross", "cell", "move"}
    assert not {kind for kind, _ in predicates} & {"concept", "only-concept", "position"}
    said = [full.atoms.describe(Literal(*predicate)) for predicate in predicates]
    assert len({(each.text, each.picture) for each in said}) == len(predicates)


@pytest.mark.parametrize("code", ["closed", "open"])
@pytest.mark.parametrize("game_id", GAMES)
def test_files_name_every_kind_of_atom(game_id: str, code: str) -> None:
    """Any rules of the language are read back as they were written, whatever is drawn."""
    task = make_task(game_id)
    full, rng = make_language(ALL, task.game, task.graph), np.random.default_rng(1)
    learner = RuleListLearner(language=ALL, code=code)
    for n_rules in (1, 3, 12):
        draws = rng.choice(full.n_predicates, (n_rules, 2), replace=False).tolist()
        rules = tuple(tuple(Literal(*full.predicate(number), bool(rng.random() < 0.7)) for number in draw) for draw in draws)
        policy = RuleList("lexicographic", rules)
        assert learner.decode(learner.encode(policy, task), task) == policy
        atoms = tuple(full.predicate(number) for number in sorted(rng.choice(full.n_predicates, n_rules, replace=False).tolist()))
        weighted = WeightedLearner(language=ALL, code=code)
        data = weighted.encode(WeightedList(atoms, tuple(int(rng.integers(1, 90)) for _ in atoms)), task)
        assert weighted.encode(weighted.decode(data, task), task) == data
        assert {*weighted.decode(data, task).atoms} == {*atoms}


@pytest.mark.parametrize("name", ["rulelist", "weighted", "tree", "dag", "cart", "local_search", "random_order"])
def test_learners_fit_and_write_it(name: str) -> None:
    """Each that fits gains, and its file decodes; `describe` raises where it does not. The language takes the same bits in all."""
    task = make_task("kalah-2-2")
    learner = make_learner(name, {"language": "mechanical"})
    *_, policy = learner.fit_path(task, [4], 0)
    found = describe(task, learner, policy)
    assert task.gain(action_probabilities(task.graph, found.scores)) > 0 or name == "random_order"
    assert found.language_bits == 8 * len(compressed_source(mechanical_source()))


def test_its_source_is_one_for_all_games_and_policies() -> None:
    for game_id in GAMES:
        task, learner = make_task(game_id), WeightedLearner("mechanical")
        for atoms in ((), (("effect", 0),), (("lookahead", 0),), (("move", 0),)):
            assert learner.source(WeightedList(atoms, (1,) * len(atoms)), task) == mechanical_source()
    for function in effects.SOURCES:
        assert f"def {function.__name__}(" in mechanical_source()


def test_concepts_of_a_game_are_no_part_of_it() -> None:
    task = make_task("tictactoe")
    for name in ("mechanical+concepts", "centre+mechanical"):
        with pytest.raises(UsageError, match="mechanical is made from the rules of a game alone; leave"):
            make_language(name, task.game, task.graph)
    with pytest.raises(UsageError, match="can name no atoms of the kind concept"):
        RuleListLearner("mechanical").encode(RuleList("first-match", ((Literal("concept", 0),),)), task)
    with pytest.raises(UsageError, match="can name no atoms of the kind effect"):
        RuleListLearner().encode(RuleList("first-match", ((Literal("effect", 0),),)), task)
    with pytest.raises(UsageError, match="leave mechanical out"):
        make_learner("symbolic", {"language": "mechanical"})


def test_lists_of_effects_are_written_by_hand() -> None:
    task = make_task("kalah-2-2")
    rules = (
        (Literal("effect", 0), Literal("only-effect", 3, False)),
        (Literal("after", effects.MIDDLE - 2), Literal("after", 7 * LEVELS + 2)),
    )
    text = write_list(task.game, task.graph, "first-match", rules)
    assert '["most_margin", "not only least_replies"]' in text
    assert '{"after": "margin", "is": -2}' in text
    assert read_rules(read_list(text), task.game, task.graph) == rules
    for given, message in (
        ('{"after": "margins", "is": 1}', "did you mean margin"),
        ('{"after": "margin", "is": 64}', "a number -64 to 63 beside margin, not 64"),
    ):
        with pytest.raises(UsageError, match=message):
            read_rules(read_list(f'{{"game": "kalah-2-2", "rules": [{given}]}}'), task.game, task.graph)


@pytest.mark.parametrize(
    ("game_id", "atoms", "most_bits"),
    [
        ("domineering-4x5", (("effect", 0),), 16),  # the most moves of one's own over theirs
        ("hex-3x4", (("lookahead", 3),), 16),  # four plies of lookahead
        ("nogo-3x4", (("lookahead", 3), ("effect", 0)), 32),  # both
    ],
)
def test_few_bits_reach_a_gain_of_nine_tenths(game_id: str, atoms: tuple[tuple[str, int], ...], most_bits: int) -> None:
    """Bounds on the policy's bits at 10,000 operations a decision: a child is written down entry by entry."""
    task = make_task(game_id)
    policy = WeightedList(atoms, (2, 1)[: len(atoms)])
    found = describe(task, WeightedLearner("mechanical"), policy)
    assert task.gain(action_probabilities(task.graph, found.scores)) >= 0.9
    assert found.policy_bits <= most_bits
    assert mean_and_worst(policy, task)[0] <= 10_000
