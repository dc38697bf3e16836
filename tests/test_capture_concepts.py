"""The concepts of NoGo, Breakthrough and Kalah on every move of small games, against what their meanings say in plain Python."""

from collections.abc import Callable
from typing import Any

import pytest

from games.concepts.concept import concepts_of
from tests.support.truth import Solved
from tests.twins.boards import Cells, reachable, swap_sides
from tests.twins.capture_games import BreakthroughTwin, KalahState, KalahTwin, NoGoTwin, Rows

Said = dict[str, bool]


def said_of_nogo(twin: NoGoTwin, state: Cells, point: int) -> Said:
    def playable(cells: Cells) -> set[int]:
        return {action for action, _ in twin.moves(cells)}

    after = (*state[:point], 1, *state[point + 1 :])
    mine, theirs = playable(state), playable(swap_sides(state))
    mine_left, theirs_left = playable(after), playable(swap_sides(after))
    return {
        "shared": point in theirs,
        "reserves": len(mine_left - theirs_left) > len(mine - theirs),
        "denies": len(theirs) - len(theirs_left) >= 2,
        "thrifty": mine - mine_left == {point},
        "ahead": len(mine_left) > len(theirs_left),
    }


def said_of_breakthrough(twin: BreakthroughTwin, state: Rows, action: int) -> Said:
    row, column = divmod(action // 3, twin.columns)
    to_row, to = row - 1, column + action % 3 - 1

    def pawn(mark: str, at_row: int, at_column: int) -> bool:
        inside = 0 <= at_row < twin.rows and 0 <= at_column < twin.columns
        return inside and (at_row, at_column) != (row, column) and state[at_row][at_column] == mark

    attackers = sum(pawn("O", to_row - 1, to + step) for step in (-1, 1))
    guards = sum(pawn("X", to_row + 1, to + step) for step in (-1, 1))
    return {
        "captures": state[to_row][to] == "O",
        "takes_foremost": state[to_row][to] == "O" and not any("O" in line for line in state[to_row + 1 :]),
        "unseen": attackers == 0,
        "guarded": guards >= attackers,
        "foremost": not any("X" in line for line in state[:row]),
        "leaves_home": row == twin.rows - 1,
        "straight": to == column,
    }


def said_of_kalah(twin: KalahTwin, state: KalahState, action: int) -> Said:
    if state.must_pass:
        return {
            name: name in ("gains_most", "nearest", "farthest")
            for name in ("moves_again", "gains", "gains_2", "gains_most", "feeds", "nearest", "farthest")
        }
    after, again = twin.sow(state, action)
    full = [pit for pit in range(twin.n_pits) if state.own[pit]]
    gain = after.own_store - state.own_store
    return {
        "moves_again": again and not twin.over(after),
        "gains": gain >= 1,
        "gains_2": gain >= 2,
        "gains_most": gain == max(twin.sow(state, pit)[0].own_store for pit in full) - state.own_store,
        "feeds": sum(after.other) > sum(state.other),
        "nearest": action == max(full),
        "farthest": action == min(full),
    }


CASES: dict[str, tuple[Any, Callable[..., Said]]] = {
    "nogo-2x3": (NoGoTwin(2, 3), said_of_nogo),
    "nogo-3x3": (NoGoTwin(3, 3), said_of_nogo),
    "breakthrough-3x3": (BreakthroughTwin(3, 3, 1), said_of_breakthrough),
    "breakthrough-4x3x1": (BreakthroughTwin(4, 3, 1), said_of_breakthrough),
    "kalah-2-3": (KalahTwin(2, 3), said_of_kalah),
    "kalah-3-2": (KalahTwin(3, 2), said_of_kalah),
}


@pytest.mark.parametrize("game_id", CASES)
def test_every_word_holds_for_the_moves_that_its_meaning_names(game_id: str, solved: Callable[[str], Solved]) -> None:
    game, graph, _ = solved(game_id)
    twin, said_of = CASES[game_id]
    states = reachable(twin)
    concepts = {concept.name: concept.holds(game, graph).tolist() for concept in concepts_of(game)}
    seen = dict.fromkeys(concepts, 0)
    for edge, (parent, action) in enumerate(zip(graph.edge_parent, graph.edge_action.tolist(), strict=True)):
        said = said_of(twin, states[int(graph.states[parent])], action)
        assert {name: holds[edge] for name, holds in concepts.items()} == said, game.render(int(graph.states[parent])) + f" {action}"
        for name, holds in said.items():
            seen[name] += holds
    assert all(0 < count < graph.n_edges for count in seen.values())
