"""The files of rule lists: what goes in comes out, sets and orders cost what counting them gives, and other bytes are refused."""

import itertools
import math
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.codec.adaptive_coder import ONE, Encoder, code_count
from policies.language.atoms import KINDS, Literal, Rule, atoms_of
from policies.rules.format.canonical_order import chain_lengths, is_position, tidy_rules
from policies.rules.format.file import read_rules, rule_parts, write_rules
from policies.rules.format.literals import code_rules
from policies.rules.rulelist import RuleList, RuleListLearner, tidy
from policies.task import make_task
from tests.support.rule_lists import everything, rule_lists

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3"]


def fitted(game_id: str, n_rules: int) -> RuleList:
    return list(RuleListLearner(atoms="single", polish=False).fit_path(make_task(game_id), [n_rules], 0))[-1]


def single_atoms(game_id: str, n_rules: int, seed: int) -> tuple[Rule, ...]:
    """Random single atoms of all kinds in a random order."""
    language = everything(game_id)
    numbers = np.random.default_rng(seed).permutation(language.n_predicates)[:n_rules].tolist()
    return tuple((Literal(*language.predicate(number)),) for number in numbers)


def deciders(rules: Sequence[Rule], task: Task) -> list[Rule | None]:
    """The first rule that applies in each state."""
    atoms = atoms_of(task.game, task.graph)
    first: dict[int, Rule] = {}
    for rule in rules:
        for state in set(task.graph.edge_parent[atoms.rule_edges(rule)].tolist()):
            first.setdefault(state, rule)
    return [first.get(state) for state in range(task.graph.n_states)]


@pytest.mark.parametrize("game_id", GAMES)
def test_any_list_comes_back_and_tidied_it_plays_the_same(game_id: str) -> None:
    task = make_task(game_id)

    @given(rule_lists(game_id))
    @settings(max_examples=30, deadline=None, derandomize=True)
    def check(policy: RuleList) -> None:
        tidied = tidy(policy, task)
        for each in (policy, tidied):
            assert read_rules(write_rules(each.semantics, each.rules, task), task) == (each.semantics, each.rules)
        before, after = (action_probabilities(task.graph, each.scores(task)) for each in (policy, tidied))
        np.testing.assert_array_equal(before, after)
        assert tidy(tidied, task) == tidied
        assert {frozenset(rule) for rule in tidied.rules} <= {frozenset(rule) for rule in policy.rules}

    check()


@pytest.mark.parametrize("game_id", GAMES)
def test_all_rules_of_a_tidy_list_decide_and_single_positions_lead(game_id: str) -> None:
    task = make_task(game_id)
    rules = tidy_rules(single_atoms(game_id, 200, 0), atoms_of(task.game, task.graph))
    assert {*deciders(rules, task)} - {None} == {*rules}
    n_positions = sum(map(is_position, rules))
    assert list(rules[:n_positions]) == sorted(filter(is_position, rules))


@pytest.mark.parametrize("game_id", ["tictactoe", "go-3x3"])
def test_lists_in_which_the_same_rules_decide_are_one_when_tidied(game_id: str) -> None:
    """Neighbours are exchanged at random wherever no state gets another decider, by the definition of one."""
    task, rng = make_task(game_id), np.random.default_rng(0)
    atoms = atoms_of(task.game, task.graph)
    tidied = tidy_rules(single_atoms(game_id, 25, 1), atoms)
    expected, mixed, n_exchanged = deciders(tidied, task), list(tidied), 0
    for i in rng.integers(0, len(tidied) - 1, 60).tolist():
        exchanged = [*mixed[:i], mixed[i + 1], mixed[i], *mixed[i + 2 :]]
        if deciders(exchanged, task) == expected:
            mixed = exchanged
            n_exchanged += 1
    assert n_exchanged > 10
    assert tuple(mixed) != tidied
    assert tidy_rules(mixed, atoms) == tidied


def longest_chain(rule: int, states: Sequence[Sequence[int]], decider: Sequence[int]) -> int:
    before = {decider[state] for state in states[rule]} - {rule, -1}
    return max((1 + longest_chain(other, states, decider) for other in before), default=0)


def test_layers_are_the_longest_chains() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        states = [np.flatnonzero(rng.random(30) < 0.2).tolist() for _ in range(12)]
        decider = [next((rule for rule in range(12) if state in states[rule]), -1) for state in range(30)]
        shuffle = rng.permutation(12)  # the rule that stands at each place
        listed = [states[place] for place in np.argsort(shuffle)]
        decided = [int(shuffle[rule]) if rule >= 0 else -1 for rule in decider]
        start = np.cumsum([0, *map(len, listed)])
        found = chain_lengths(start, np.array([*itertools.chain(*listed)], dtype=np.int32), np.array(decided, dtype=np.int32))
        assert found.tolist() == [longest_chain(rule, listed, decided) for rule in range(12)]


def test_rules_that_decide_before_each_other_have_no_layers() -> None:
    """Rule 0 decides in state 0 and rule 1 in state 1, where both apply."""
    start, states = np.array([0, 2, 4]), np.array([0, 1, 0, 1], dtype=np.int32)
    assert chain_lengths(start, states, np.array([0, 1], dtype=np.int32)).tolist() == [-1, -1]


@pytest.mark.parametrize("game_id", GAMES)
def test_the_parts_add_up_to_the_file(game_id: str) -> None:
    task = make_task(game_id)
    lists = [fitted(game_id, n_rules) for n_rules in (1, 4, 16, 64, 1000)]
    lists += [tidy(RuleList("first-match", single_atoms(game_id, 300, 0)), task), RuleList("first-match", single_atoms(game_id, 300, 0))]
    lists.append(RuleList("lexicographic", single_atoms(game_id, 100, 0)))
    for policy in lists:
        parts = rule_parts(policy.semantics, policy.rules, task)
        n_bits = 8 * len(write_rules(policy.semantics, policy.rules, task))
        assert abs(sum(parts.values()) - n_bits) <= 0.05 * n_bits + 16
        assert parts.keys() <= {"kinds", "concepts", "patterns", "order", "positions", "sequence"}


def test_random_sets_cost_little_more_than_counting_all_sets_takes() -> None:
    """Random patterns and positions, of which nothing can be learned: log2 of the binomial coefficients, and no order of the rules."""
    task, rng = make_task("go-3x3"), np.random.default_rng(0)
    atoms = atoms_of(task.game, task.graph)
    values = atoms.column("5x5").values
    kinds: dict[str, Sequence[int]] = {"5x5": values.tolist(), "position": range(task.graph.n_edges)}
    rules = tuple((Literal(kind, kinds[kind][i]),) for kind in kinds for i in rng.permutation(len(kinds[kind]))[:300].tolist())
    tidied = tidy_rules(rules, atoms)
    n = {kind: sum(rule[0].kind == kind for rule in tidied) for kind in kinds}
    parts = rule_parts("first-match", tidied, task)
    assert parts["patterns"] < 1.1 * math.log2(math.comb(len(values), n["5x5"])) + 30
    assert parts["positions"] < 1.1 * math.log2(math.comb(task.graph.n_edges, n["position"])) + 30
    assert parts["order"] < 0.5 * math.log2(math.factorial(n["5x5"]))


@pytest.mark.parametrize(("n_rules", "share"), [(89, 0.75), (1000, 0.6)])
def test_a_fitted_list_takes_far_less_than_the_same_rules_in_sequence(n_rules: int, share: float) -> None:
    """Measured: 0.66 and 0.54."""
    task, policy = make_task("go-3x3"), fitted("go-3x3", n_rules)
    encoder = Encoder()
    code_rules(encoder, policy.semantics, policy.rules, task)
    assert len(write_rules(policy.semantics, policy.rules, task)) < share * len(encoder.finish())


def test_conjunctions_share_what_they_have_in_common() -> None:
    """The commonest concept with each of many patterns: written as a set, so that the order and all but one of the concepts are saved."""
    task = make_task("go-3x3")
    atoms, rng = atoms_of(task.game, task.graph), np.random.default_rng(0)
    values = atoms.column("5x5").values
    concept = max(range(len(atoms.concepts["concept"])), key=lambda index: len(atoms.edges(("concept", index))))
    drawn = rng.permutation(values)[:200].tolist()
    rules = tidy_rules(tuple((Literal("concept", concept), Literal("5x5", value)) for value in drawn), atoms)
    assert len(rules) > 100
    encoder = Encoder()
    code_rules(encoder, "first-match", rules, task)
    assert read_rules(write_rules("first-match", rules, task), task) == ("first-match", rules)
    set_bits = math.log2(math.comb(len(values), len(rules)))
    assert rule_parts("first-match", rules, task)["concepts"] < 1.1 * set_bits + 40 < 0.7 * 8 * len(encoder.finish())


def test_an_empty_list_takes_no_bytes() -> None:
    assert write_rules("first-match", (), make_task("tictactoe")) == b""


def test_a_list_of_every_pattern_comes_back() -> None:
    """Thousands of rules in one file: every pattern and concept of Go 3x3, in a mixed order; and the few of them that decide."""
    task = make_task("go-3x3")
    language = everything("go-3x3")
    numbers = np.random.default_rng(0).permutation(int(language.column_start[-1])).tolist()
    rules = tuple((Literal(*language.predicate(number)),) for number in numbers)
    for listed in (rules, tidy_rules(rules, atoms_of(task.game, task.graph))):
        assert len(listed) > 50
        assert read_rules(write_rules("first-match", listed, task), task) == ("first-match", listed)


def decode_or_refuse(data: bytes, task: Task) -> bool:
    """Whether the bytes are a list. They may also be refused in one line, but neither fail otherwise nor take more than a second."""
    began = time.process_time()
    try:
        policy = RuleList(*read_rules(data, task))
    except UsageError as error:
        policy, reason = None, str(error)
    assert time.process_time() - began < 1
    if policy is None:
        assert reason.startswith(("this is no rule list", "this is no whole rule list"))
        assert "\n" not in reason
        return False
    assert policy.scores(task).shape == (task.graph.n_edges,)
    return True


def compiled(game_id: str) -> Task:
    """A task with all that reading needs compiled and looked up."""
    task = make_task(game_id)
    rules = tidy_rules(single_atoms(game_id, 300, 0), atoms_of(task.game, task.graph))
    assert read_rules(write_rules("first-match", rules, task), task)[1] == rules
    everything(game_id).number_edges()
    return task


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5"])
def test_foreign_bytes_are_a_list_or_refused(game_id: str) -> None:
    task, rng = compiled(game_id), np.random.default_rng(0)
    outcomes = {decode_or_refuse(rng.bytes(int(rng.integers(0, 40))), task) for _ in range(400)}
    assert outcomes == {False, True}


@pytest.mark.parametrize("is_tidy", [False, True])
def test_shortened_and_lengthened_files_are_a_list_or_refused(is_tidy: bool) -> None:
    task = compiled("tictactoe")
    rules = single_atoms("tictactoe", 150, 0)
    data = write_rules("first-match", tidy_rules(rules, atoms_of(task.game, task.graph)) if is_tidy else rules, task)
    outcomes = [decode_or_refuse(data[:length], task) for length in range(len(data) + 1)]
    assert outcomes[-1]
    assert outcomes.count(False) > len(data) / 2
    assert not decode_or_refuse(data + bytes(9), task)


@pytest.mark.parametrize("kinds", [["concept"], ["5x5"], ["position"], ["concept", "cross", "position"]])
@pytest.mark.parametrize("tail", [b"", b"\x00\x00\x00\x01", b"\xff\xff\xff"])
@pytest.mark.parametrize("form", [0, 1])
def test_a_file_that_claims_millions_of_rules_is_refused_at_once(kinds: list[str], tail: bytes, form: int) -> None:
    """Form 0 are sets, in which the number of rules with several literals comes first; form 1 is the sequence."""
    encoder = Encoder()
    for bit in [form, 0][: 1 + form]:
        encoder.code_fixed(ONE // 2, bit)
    for kind in KINDS:
        encoder.code_fixed(ONE // 2, int(kind in kinds))
    code_count(encoder, "rules" if form else "phrases", 2**29)
    assert not decode_or_refuse(encoder.finish() + tail, compiled("tictactoe"))


def test_files_whose_decisions_are_all_likely_or_all_unlikely_are_refused_at_once() -> None:
    """Long files of even bytes and odd ones, as a decoder that follows its predictions meets them."""
    task = compiled("tictactoe")
    for byte, length in itertools.product((0, 1, 127, 128, 255), (1, 100, 5000)):
        decode_or_refuse(bytes([byte]) * length, task)


def test_a_list_in_the_words_of_another_game_is_refused() -> None:
    pattern = write_rules("first-match", ((Literal("cross", 0),),), make_task("go-3x3"))
    with pytest.raises(UsageError, match="this is no rule list for nim-3-4-5"):
        read_rules(pattern, make_task("nim-3-4-5"))
