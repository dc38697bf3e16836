"""Concepts held as bits, found out block by block: the same as asked of the whole graph at once."""

import numpy as np
import pytest

from games.concepts.concept import concepts_of
from games.registry import make_game
from games.solving.store import load_truth
from policies.language import concept_bits
from policies.language.atoms import atoms_of
from policies.language.concept_bits import bits_of, blocks_of, places_of, unpacked, unpacked_at
from policies.language.language import clear_caches, make_language
from policies.task import make_task


@pytest.mark.parametrize("game_id", ["go-2x3", "tictactoe", "kalah-2-2"])
@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_bits_are_what_the_concepts_say_of_the_whole_graph(game_id: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concept_bits, "BLOCK", block)
    game = make_game(game_id)
    graph, _ = load_truth(game)
    concepts = concepts_of(game)
    for concept, bits in zip(concepts, bits_of(concepts, game, graph), strict=True):
        assert bits.dtype == np.uint8
        assert len(bits) == -(-graph.n_edges // 8)
        holds = concept.holds(game, graph)
        assert np.array_equal(unpacked(bits, graph.n_edges), holds), concept.name
        assert np.array_equal(places_of(bits), np.flatnonzero(holds)), concept.name


def test_blocks_hold_each_state_and_each_move_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concept_bits, "BLOCK", 100)
    graph = make_task("go-2x3").graph
    blocks = [*blocks_of(graph)]
    assert len(blocks) == -(-graph.n_states // 100)
    for name in ("states", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        assert np.array_equal(np.concatenate([getattr(part, name) for part in blocks]), getattr(graph, name)), name
    assert np.array_equal(np.concatenate([part.n_moves for part in blocks]), graph.n_moves)


def test_bits_of_some_edges_are_those_of_all_edges_there() -> None:
    rng = np.random.default_rng(0)
    flags = rng.random(1003) < 0.3
    bits = np.packbits(flags)
    for share in (0.0, 0.01, 0.5, 1.0):
        edges = np.flatnonzero(rng.random(len(flags)) < share)
        assert np.array_equal(unpacked_at(bits, edges), flags[edges])


def test_columns_and_concepts_do_not_depend_on_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task("go-2x3")
    language = make_language("concepts+patterns+cells", task.game, task.graph)
    numbers, holds = language.number_edges(), np.stack(language.holds)
    clear_caches()
    monkeypatch.setattr(concept_bits, "BLOCK", 13)
    again = make_language("concepts+patterns+cells", task.game, task.graph)
    assert again.atoms is not language.atoms
    assert np.array_equal(again.number_edges(), numbers)
    assert np.array_equal(np.stack(again.holds), holds)
    some = np.flatnonzero(np.arange(task.graph.n_edges) % 3 == 1)
    assert np.array_equal(again.holds_on(some), holds[:, some])
    clear_caches()


def test_local_concepts_are_those_that_ask_nothing_of_other_states() -> None:
    """A local concept says the same of a state whose moves lead nowhere: of Go all are, of Kalah, which looks at the stores after, none."""
    for game_id, wanted in (("go-2x3", True), ("kalah-2-2", False)):
        assert {concept.is_local for concept in concepts_of(make_game(game_id))} == {wanted}
    task = make_task("go-2x3")
    atoms = atoms_of(task.game, task.graph)
    assert np.array_equal(atoms.holds(("concept", 0)), concepts_of(task.game)[0].holds(task.game, task.graph))
