"""Trees: every split against trying all of them, CART against scikit-learn's own predictions, files and explanations read back."""

import itertools
import re
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.concepts.work import Work
from games.errors import UsageError, WorkError
from policies.api import Task, action_probabilities
from policies.codec.adaptive_coder import Encoder, code_count
from policies.language.atoms import Predicate, atoms_of
from policies.language.features import contested_edges, make_features
from policies.language.language import make_language
from policies.language.work import looks, operations_of, work_of
from policies.task import make_task
from policies.trees.cart import TARGETS, CartLearner
from policies.trees.growth import Split, grow
from policies.trees.tree import Branch, TreeLearner, TreePolicy, children_first, grown, share, with_few_levels

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3"]
LEARNER = TreeLearner()
CONCEPTS = TreeLearner(language="concepts")


def tries(task: Task, numbers: Sequence[int], language: str, leaf: np.ndarray, order: list[int]) -> Iterator[float]:
    """The mean regret after every possible split, each measured as any policy is."""
    new, atoms = len(order), make_language(language, task.game, task.graph)
    rows = contested_edges(task)
    for number, old in itertools.product(numbers, order):
        on = np.intersect1d(np.intersect1d(np.flatnonzero(leaf == old), rows), atoms.edges(number))
        if 0 < len(on) < np.count_nonzero(leaf[rows] == old):
            after = leaf.copy()
            after[on] = new
            for place in range(len(order) + 1):
                rank = np.argsort([*order[:place], new, *order[place:]]).astype(np.float64)
                yield task.regret(action_probabilities(task.graph, rank[after]))


@pytest.mark.parametrize(
    ("game_id", "language", "most", "n_leaves"),
    [
        ("tictactoe", "concepts", 12, 6),
        ("nim-3-4-5", "concepts", 10, 6),
        ("random-nim-3-4-5", "concepts+cells", 25, 11),
        ("go-2x3", "concepts+patterns", 30, 5),
        ("go-3x3", "concepts", 8, 4),
    ],
)
@pytest.mark.parametrize("weights", ["uniform", "play"])
def test_every_split_leaves_as_little_regret_as_any_could(game_id: str, language: str, most: int, n_leaves: int, weights: str) -> None:
    task = make_task(game_id, weights)
    features = make_features(task, make_language(language, task.game, task.graph), most)
    splits = grow(task, features, n_leaves)
    leaf, order = np.zeros(task.graph.n_edges, dtype=np.int64), [0]
    atoms = make_language(language, task.game, task.graph)
    for new, split in enumerate(splits, start=1):
        assert split.regret == pytest.approx(min(tries(task, features.numbers.tolist(), language, leaf, order)), abs=1e-12)
        held = atoms.edges(split.atom)
        leaf[held[leaf[held] == split.leaf]] = new
        order.insert(order.index(split.above) + 1 if split.above >= 0 else 0, new)
    if len(splits) + 1 < n_leaves:
        least = min(tries(task, features.numbers.tolist(), language, leaf, order), default=np.inf)
        assert least >= (splits[-1].regret if splits else task.uniform_regret) - 1e-12


@pytest.mark.parametrize("game_id", [*GAMES, "go-3x3"])
def test_the_policies_have_the_regret_that_the_fitter_saw_and_each_split_lowers_it(game_id: str) -> None:
    task = make_task(game_id)
    language = make_language(LEARNER.language, task.game, task.graph)
    splits = grow(task, make_features(task, language, LEARNER.features), 40)
    policies = list(LEARNER.fit_path(task, range(1, 41), 0))
    regrets = [task.regret(action_probabilities(task.graph, policy.scores(task))) for policy in policies]
    assert [policy.size for policy in policies] == list(range(1, len(splits) + 2))
    np.testing.assert_allclose(regrets, [task.uniform_regret, *(split.regret for split in splits)], atol=1e-12)
    assert all(after < before for before, after in itertools.pairwise(regrets))
    for budget in (1, 2, 7):
        assert list(LEARNER.fit_path(task, [budget], 1)) == policies[budget - 1 : budget] or budget > len(policies)


def test_thirteen_leaves_play_tictactoe_perfectly() -> None:
    task = make_task("tictactoe")
    *_, policy = LEARNER.fit_path(task, [13], 0)
    assert task.regret(action_probabilities(task.graph, policy.scores(task))) == 0  # found by this search: an upper bound on the fewest


def test_a_tree_takes_no_more_leaves_than_a_planted_list_has_rules() -> None:
    """Under a planted first-match list the last rule of all is `any move`: K rules and the rest make K + 1 leaves."""
    task = make_task("planted-geometric-8")
    *_, policy = TreeLearner(language="concepts").fit_path(task, [9], 0)
    assert task.gain(action_probabilities(task.graph, policy.scores(task))) == pytest.approx(1, abs=1e-12)


def some_atoms(task: Task) -> list[Predicate]:
    language = make_language(
        "concepts+lookahead+patterns+cells+positions" if task.game.board else "concepts+cells+positions", task.game, task.graph
    )
    return [language.predicate(number) for number in range(0, language.n_predicates, max(1, language.n_predicates // 97))]


def random_tree(task: Task, n_leaves: int, n_atoms: int, seed: int) -> TreePolicy:
    """Random splits, a random order of leaves."""
    rng, atoms = np.random.default_rng(seed), some_atoms(task)
    splits = [
        Split(int(rng.integers(new)), int(rng.integers(min(n_atoms, len(atoms)))), int(rng.integers(-1, new)), 0.0)
        for new in range(1, n_leaves)
    ]
    return grown(splits, dict(enumerate(atoms)))


def recoloured(policy: TreePolicy, n_levels: int) -> TreePolicy:
    """The same tree with its scores folded into a few."""
    return TreePolicy(tuple(Branch(atom, *(c if c >= 0 else ~(~c % n_levels) for c in children)) for atom, *children in policy.branches))


@pytest.mark.parametrize("game_id", GAMES)
def test_random_trees_and_dags_come_back_from_their_files(game_id: str) -> None:
    task = make_task(game_id)

    @given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**32))
    @settings(max_examples=40, derandomize=True)
    def check(n_leaves: int, n_atoms: int, n_levels: int, seed: int) -> None:
        tree = random_tree(task, n_leaves, n_atoms, seed)
        folded = recoloured(tree, n_levels)
        for policy in (tree, folded, share(folded)):
            assert LEARNER.decode(LEARNER.encode(policy, task), task) == policy
            assert policy.size == n_leaves
        np.testing.assert_array_equal(share(folded).scores(task), folded.scores(task))

    check()


def test_a_file_takes_little_more_than_counting_allows() -> None:
    """Counting: Catalan many shapes, any order of the leaves, any of 21 concepts at each branch."""
    task, n_leaves = make_task("go-3x3"), 200
    rng = np.random.default_rng(0)
    splits = [Split(int(rng.integers(new)), int(rng.integers(21)), int(rng.integers(-1, new)), 0.0) for new in range(1, n_leaves)]
    policy = grown(splits, {i: ("concept", i) for i in range(21)})
    k = np.arange(1, n_leaves)
    shapes = np.log2((n_leaves - 1 + k) / k).sum() - np.log2(n_leaves)
    least = shapes + np.log2(np.arange(1, n_leaves + 1)).sum() + (n_leaves - 1) * np.log2(21)
    assert least * 0.95 < 8 * len(LEARNER.encode(policy, task)) < 1.1 * least + 100


@pytest.mark.parametrize("game_id", [*GAMES, "go-3x3"])
def test_the_dag_chooses_exactly_as_its_tree_with_no_more_branches_and_levels(game_id: str) -> None:
    task, dag = make_task(game_id), TreeLearner(shared=True)
    budgets = [1, 2, 3, 5, 9, 17, 33, 65]
    for tree, shared in zip(LEARNER.fit_path(task, budgets, 0), dag.fit_path(task, budgets, 0), strict=True):
        weights = [action_probabilities(task.graph, policy.scores(task)) for policy in (tree, shared)]
        np.testing.assert_array_equal(*weights)
        assert shared.size == tree.size
        assert len(shared.branches) <= len(tree.branches)
        assert len(np.unique(shared.scores(task))) <= len(np.unique(tree.scores(task)))


def test_equal_subtrees_become_one_and_save_bits() -> None:
    task = make_task("go-3x3")
    twice = recoloured(random_tree(task, 20, 97, 1), 2)
    n = len(twice.branches)
    lifted = [Branch(atom, *(c + n if c >= 0 else c for c in children)) for atom, *children in twice.branches]
    whole = TreePolicy((*twice.branches, *lifted, Branch(("concept", 0), n - 1, 2 * n - 1)))
    assert len(share(whole).branches) == len(share(twice).branches) + 1
    assert whole.size == share(whole).size == 40
    assert len(LEARNER.encode(share(whole), task)) < 0.7 * len(LEARNER.encode(whole, task))  # half the branches, and one reference


def order_of_siblings(policy: TreePolicy) -> list[int]:
    return [int(np.sign(branch.yes - branch.no)) for branch in policy.branches if branch.yes < 0 and branch.no < 0]


@pytest.mark.parametrize("seed", range(6))
def test_no_fewer_levels_keep_every_choice(seed: int) -> None:
    task = make_task("tictactoe")
    tree = random_tree(task, 5, 30, seed)
    levelled = with_few_levels(tree, task)
    choice = action_probabilities(task.graph, tree.scores(task))
    n_levels = 1 + max(~c for branch in levelled.branches for c in branch[1:] if c < 0)
    assert order_of_siblings(levelled) == order_of_siblings(tree)
    np.testing.assert_array_equal(action_probabilities(task.graph, levelled.scores(task)), choice)
    for levels in itertools.product(range(n_levels - 1), repeat=5):
        other = TreePolicy(tuple(Branch(atom, *(c if c >= 0 else ~levels[~c] for c in children)) for atom, *children in tree.branches))
        same = np.array_equal(action_probabilities(task.graph, other.scores(task)), choice)
        assert not (same and order_of_siblings(other) == order_of_siblings(tree))


def walk(policy: TreePolicy, task: Task, edge: int) -> tuple[int, list[Predicate]]:
    """The score of one move and the questions asked."""
    atoms, child, asked = atoms_of(task.game, task.graph), len(policy.branches) - 1, list[Predicate]()
    while child >= 0:
        branch = policy.branches[child]
        child = branch.yes if edge in atoms.edges(branch.atom) else branch.no
        asked.append(branch.atom)
    return ~child, asked


def test_scores_and_operations_follow_each_move_down_the_tree() -> None:
    """A question costs a look at the move, and what is computed for it once a position."""
    task = make_task("go-2x3")
    atoms, graph = atoms_of(task.game, task.graph), task.graph
    for policy in (random_tree(task, 12, 30, 0), share(recoloured(random_tree(task, 12, 3, 1), 2))):
        walks = [walk(policy, task, edge) for edge in range(graph.n_edges)]
        np.testing.assert_array_equal(policy.scores(task), [score for score, _ in walks])
        expected, works = np.zeros(graph.n_states), set[tuple[int, Work]]()
        for state, (_, asked) in zip(graph.edge_parent.tolist(), walks, strict=True):
            expected[state] += sum(looks(atoms, atom) for atom in asked)
            works |= {(state, work_of(atoms, atom)) for atom in asked}
        for state, work in works:
            expected[state] += operations_of(work, task.game, graph)[state]
        np.testing.assert_allclose(policy.operations(task), expected)


def test_a_player_who_goes_by_the_explanation_plays_the_policy() -> None:
    task = make_task("tictactoe")
    concepts = {concept.name: ("concept", i) for i, concept in enumerate(atoms_of(task.game, task.graph).concepts["concept"])}
    line = re.compile(r" *(\d+)\. If it .* \[(\w+)\]: (go to|)(?: ?)(\d+)(?: points?)?, else (go to|)(?: ?)(\d+)(?: points?)?\.")
    for policy in CONCEPTS.fit_path(task, [2, 5, 13], 0):
        head, *lines = str(CONCEPTS.explain(policy, task)).splitlines()
        assert "play a move with the most points" in head
        read = [line.fullmatch(text) for text in lines]
        branches = []
        for number, found in enumerate(read, start=1):
            assert found is not None
            assert int(found[1]) == number
            yes, no = (int(n) - 1 if where else ~int(n) for where, n in ((found[3], found[4]), (found[5], found[6])))
            branches.append(Branch(concepts[found[2]], yes, no))
        assert children_first(branches) == policy
    assert str(CONCEPTS.explain(TreePolicy(()), task)) == "Play any legal move."


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "go-3x3"])
def test_cart_ranks_moves_as_scikit_learn_predicts_them_at_every_budget(game_id: str, target: str) -> None:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    task = make_task(game_id)
    graph, regret = task.graph, task.solution.regret.astype(np.float64)
    edges, learner = contested_edges(task), CartLearner(features=60, target=target)
    features = make_features(task, make_language(learner.language, task.game, graph), 60)
    mean = np.array([regret[first:last].mean() if last > first else 0 for first, last in itertools.pairwise(graph.edge_start)])
    wanted = {"regret": regret, "advantage": mean[graph.edge_parent] - regret, "optimal": regret == 0}[target][edges]
    for policy in learner.fit_path(task, [2, 3, 5, 8, 21], 3):
        kind = DecisionTreeClassifier if target == "optimal" else DecisionTreeRegressor
        model = kind(max_leaf_nodes=policy.size, random_state=3).fit(features.dense(), wanted)
        predicted = model.predict_proba(features.dense())[:, 1] if target == "optimal" else model.predict(features.dense())
        good = -predicted if target == "regret" else predicted
        np.testing.assert_array_equal(policy.scores(task)[edges], np.unique(good, return_inverse=True)[1])


def test_cart_says_what_to_install_and_its_files_are_read_without() -> None:
    task, learner = make_task("go-2x3"), CartLearner(features=20)
    *_, policy = learner.fit_path(task, [4], 0)
    data = learner.encode(policy, task)
    with pytest.MonkeyPatch.context() as patch:
        for module in ["sklearn", *(module for module in sys.modules if module.startswith("sklearn."))]:
            patch.setitem(sys.modules, module, None)
        with pytest.raises(WorkError, match=r"cart needs sklearn, which is missing: pip install 'gaincurve\[baselines\]'"):
            list(learner.fit_path(task, [4], 0))
        assert learner.decode(data, task) == policy


def test_our_splits_leave_less_regret_than_carts_at_equal_leaves() -> None:
    """Measured at 8 and 64 leaves: .142 and .049 of random play's regret, against CART's .190 and .124 at best."""
    task = make_task("go-3x3")
    ours = list(LEARNER.fit_path(task, [8, 64], 0))
    for target in TARGETS:
        for mine, theirs in zip(ours, CartLearner(target=target, features=300).fit_path(task, [8, 64], 0), strict=True):
            regrets = [task.regret(action_probabilities(task.graph, policy.scores(task))) for policy in (mine, theirs)]
            assert mine.size == theirs.size
            assert regrets[0] < 0.8 * regrets[1]


@pytest.mark.parametrize(
    ("learner", "options", "message"),
    [
        (TreeLearner, {"features": 0}, "tree option features=0"),
        (CartLearner, {"positions": 0}, "cart option positions=0"),
        (CartLearner, {"target": "value"}, "cart option target='value': one of regret, advantage, optimal"),
    ],
)
def test_wrong_options_are_named(learner: type, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        learner(**options)


@pytest.mark.parametrize("tail", [b"", b"\x00\x00\x00\x01", b"\xff\xff\xff"])
def test_a_file_that_claims_millions_of_branches_is_refused_at_once(tail: bytes) -> None:
    encoder = Encoder()
    code_count(encoder, "branches", 2**29)
    with pytest.raises(UsageError, match="this is no"):
        LEARNER.decode(encoder.finish() + tail, make_task("tictactoe"))
