"""Walks every state of an OpenSpiel game, and finds which of its observation planes hold which player's stones.

Two lines of play are taken to reach the same state when OpenSpiel prints the same text and the same player is to move. That
holds for most games and not for all (Go forbids to bring back any earlier board, and its text does not hold them), so it is
checked: at every edge that comes back to a known state, and along random lines of play, the legal moves, the end and the
returns must be those found first. A game that fails is refused. The checks are no proof: a rule that looks back further than one ply
and shows neither at an edge nor along those lines would be missed.
"""

import functools
import itertools
import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from games.arrays import Bools, Int8s, Int16s, Int64s, UInt8s
from games.contract import MAX_HELD, States
from games.errors import WorkError
from games.solving.solve import topological_order

MAX_STATES = 200_000  # states are walked one by one in Python
N_LINES, MAX_LINE = 200, 1_000
N_EDGES_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class Walk:
    """All states in breadth-first order, and all moves as edges."""

    texts: tuple[str, ...]  # [n_states] OpenSpiel's own
    mover: Int8s  # [n_states] player 0 or 1; at the end the one who would be next
    payoff: Int16s  # [n_states] to the mover, 0 unless the game is over
    edge_start: Int64s  # [n_states + 1]
    edge_action: Int16s  # [n_edges]
    edge_child: States  # [n_edges]
    action_names: dict[int, str]  # of the actions that are ever legal
    stones: UInt8s | None  # [n_states, 2, rows, columns] player 0's and player 1's
    action_cell: Int64s | None  # [n_actions] where the mover's stone then lies, -1 for no or no single cell

    @functools.cached_property
    def has_cycle(self) -> bool:
        """Whether some line of play comes back to a state."""
        return len(topological_order(self.edge_start, self.edge_child.astype(np.int32))) < len(self.texts)

    @functools.cached_property
    def window_symmetries(self) -> tuple[int, ...]:
        """Those of the eight symmetries of a square that the whole game has: tried out on every state and move."""
        if self.stones is None:
            return (0,)
        flags = np.concatenate(
            [self.stones, np.broadcast_to(self.mover[:, None, None, None], (len(self.mover), 1, *self.stones.shape[2:]))], axis=1
        )
        flips = [flags, flags[:, :, ::-1], flags[:, :, :, ::-1], flags[:, :, ::-1, ::-1]]
        images = flips + [flip.swapaxes(2, 3) for flip in flips]
        return tuple(symmetry for symmetry, image in enumerate(images) if image.shape == flags.shape and self._is_symmetry(flags, image))

    def _is_symmetry(self, flags: Int8s, image: Int8s) -> bool:
        over = np.diff(self.edge_start) == 0
        number = {(look.tobytes(), end): i for i, (look, end) in enumerate(zip(flags, over.tolist(), strict=True))}
        turned = np.array([number.get((look.tobytes(), end), -1) for look, end in zip(image, over.tolist(), strict=True)])
        if (turned < 0).any() or not np.array_equal(self.payoff[turned], self.payoff):
            return False
        parents, children = np.repeat(np.arange(len(over)), np.diff(self.edge_start)), self.edge_child.astype(np.int64)
        moves, turned_moves = parents * len(over) + children, turned[parents] * len(over) + turned[children]
        return np.array_equal(np.sort(moves), np.sort(turned_moves))

    @functools.cached_property
    def index(self) -> dict[tuple[str, int], int]:
        """The number of a state by its text and mover."""
        return {key: i for i, key in enumerate(zip(self.texts, self.mover.tolist(), strict=True))}


def walk(text: str, reference: Any) -> Walk:
    """Every state reachable from the start of an OpenSpiel game; `text` names it in errors.

    Raises WorkError when there are more than MAX_STATES, when a player moves twice in a row, when a result is no whole
    number, or when the text of a state does not hold all that play depends on.
    """
    start = reference.new_initial_state()
    shape = _plane_shape(reference)
    index: dict[tuple[str, int], int] = {}
    pending: list[Any] = []  # the states not yet expanded, in order; None once they are
    texts: list[str] = []
    mover: list[int] = []
    rules: list[tuple[Any, ...]] = []
    planes: list[Any] = []

    def intern(state: Any, player: int) -> int:
        """The number of a state, which is a new one where its text and mover are."""
        key = (str(state), player)
        found = index.setdefault(key, len(texts))
        if found < len(texts):
            _demand_same(text, rules[found], _rules(text, state, player))
            return found
        if found >= MAX_STATES:
            raise WorkError(f"openspiel:{text} is too large to walk: more than {MAX_STATES:,} states; choose smaller parameters")
        texts.append(key[0])
        mover.append(player)
        pending.append(state)
        rules.append(_rules(text, state, player))
        if shape:
            tensor = np.array(state.observation_tensor(0))
            planes.append(np.where(np.isin(tensor, (0, 1)), tensor, 2).astype(np.int8))
        return found

    intern(start, 0 if start.is_terminal() else start.current_player())  # OpenSpiel gives the end a player of its own
    edge_start, edge_action, edge_child = [0], [], []
    names: dict[int, list[set[str]]] = {}
    done = 0
    while done < len(pending):
        state, player = pending[done], mover[done]
        pending[done] = None
        if not rules[done][0]:
            for action in rules[done][1]:
                names.setdefault(action, [set(), set()])[player].add(state.action_to_string(player, action))
                edge_action.append(action)
                edge_child.append(intern(state.child(action), 1 - player))
        edge_start.append(len(edge_action))
        done += 1
    starts, actions = np.array(edge_start), np.array(edge_action, dtype=np.int16)
    children = np.array(edge_child, dtype=np.uint64)
    _play_lines(text, reference, index, rules, (starts, actions, children))
    movers = np.array(mover, dtype=np.int8)
    payoff = np.array([rule[1][player] if rule[0] else 0 for rule, player in zip(rules, mover, strict=True)], dtype=np.int16)
    stones = action_cell = None
    if shape:
        parents = np.repeat(np.arange(len(texts)), np.diff(starts))
        stones = _find_stones(np.array(planes).reshape(-1, *shape), movers, parents, children.astype(np.int64), np.diff(starts) == 0)
        if stones is not None:
            n_actions = max(reference.num_distinct_actions(), shape[1] * shape[2])
            action_cell = _find_cells(stones, movers, parents, children.astype(np.int64), actions, n_actions)
    return Walk(tuple(texts), movers, payoff, starts, actions, children, _action_names(names), stones, action_cell)


def _rules(text: str, state: Any, player: int) -> tuple[Any, ...]:
    """What may happen in a state: (False, legal actions), or (True, whole-numbered results of both players)."""
    if state.is_terminal():
        returns = state.returns()
        if any(value != round(value) or abs(value) > MAX_HELD for value in returns):
            raise WorkError(f"openspiel:{text} ends with the results {returns}: only whole numbers up to {MAX_HELD:,} are held")
        return (True, tuple(int(value) for value in returns))
    if state.current_player() != player:
        line = state.history()
        raise WorkError(f"openspiel:{text}: a player moves twice in a row, for example after {line}; only games in strict turn are held")
    return (False, tuple(state.legal_actions()))


def _demand_same(text: str, known: tuple[Any, ...], found: tuple[Any, ...]) -> None:
    if known != found:
        raise WorkError(f"openspiel:{text}: what may happen depends on more than the text of a state shows; such a game cannot be folded")


def _play_lines(
    text: str,
    reference: Any,
    index: dict[tuple[str, int], int],
    rules: list[tuple[Any, ...]],
    edges: tuple[Int64s, Int16s, States],
) -> None:
    """Random lines of play, each with its own history, must meet what was found by others."""
    starts, _, children = edges
    chosen = random.Random(0)
    for _ in range(N_LINES):
        state, at = reference.new_initial_state(), 0
        player = state.current_player()
        for _ in range(MAX_LINE):
            _demand_same(text, rules[at], _rules(text, state, player))
            if state.is_terminal():
                break
            move = chosen.randrange(len(rules[at][1]))
            state.apply_action(rules[at][1][move])
            player = 1 - player
            at = int(children[starts[at] + move])
            _demand_same(text, (at,), (index.get((str(state), player)),))


def _action_names(names: dict[int, list[set[str]]]) -> dict[int, str]:
    """A name for each action: what OpenSpiel's names for it have in common at the end, so without the mark of the player."""
    found = {}
    for action, (first, second) in names.items():
        backwards = zip(*(name[::-1] for name in first | second), strict=False)
        common = [marks[0] for marks in itertools.takewhile(lambda marks: len(set(marks)) == 1, backwards)]
        found[action] = "".join(common)[::-1].strip() or f"action {action}"
    taken = list(found.values())
    return {action: name if taken.count(name) == 1 else f"{name} ({action})" for action, name in found.items()}


def _plane_shape(reference: Any) -> tuple[int, int, int] | None:
    """The shape of the observation where it is a stack of planes: (n_planes, rows, columns)."""
    shape = reference.observation_tensor_shape() if reference.get_type().provides_observation_tensor else []
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else None


def _find_stones(
    planes: Int8s,
    mover: Int8s,
    parents: Int64s,
    children: Int64s,
    over: Bools,
) -> UInt8s | None:
    """The stones of each player, or None where the planes do not tell. [n_states, 2, rows, columns]

    A player's stones are the planes in which a cell is switched on by a move of that player and never by one of the other's.
    They must not overlap, and must tell all states apart together with the mover and whether the game is over.
    """
    if not np.isin(planes, (0, 1)).all():
        return None
    flags = planes.astype(np.uint8)
    switched = np.zeros((2, flags.shape[1]), dtype=bool)
    for first in range(0, len(parents), N_EDGES_AT_ONCE):
        part = slice(first, first + N_EDGES_AT_ONCE)
        on: Bools = np.any(flags[children[part]] > flags[parents[part]], axis=(2, 3))
        for player in (0, 1):
            switched[player] |= on[mover[parents[part]] == player].any(axis=0)
    whose = [switched[player] & ~switched[1 - player] for player in (0, 1)]
    stones = np.stack([flags[:, mine].max(axis=1, initial=0) for mine in whose], axis=1)
    looks = np.column_stack([stones.reshape(len(stones), -1), mover, over])
    told_apart = len(np.unique(looks, axis=0)) == len(stones)
    return stones if told_apart and not (stones[:, 0] & stones[:, 1]).any() else None


def _find_cells(
    stones: UInt8s,
    mover: Int8s,
    parents: Int64s,
    children: Int64s,
    actions: Int16s,
    n_actions: int,
) -> Int64s:
    """The one cell on which each action always puts a stone of the mover, on an empty one where there is a choice. [n_actions]"""
    flat = stones.reshape(len(stones), 2, -1)
    found = np.full(n_actions, -2, dtype=np.int64)
    for first in range(0, len(parents), N_EDGES_AT_ONCE):
        part = slice(first, first + N_EDGES_AT_ONCE)
        parent, child, player = parents[part], children[part], mover[parents[part]]
        new = (flat[child, player] > flat[parent, player]).astype(np.int8)
        empty = flat[parent].max(axis=1) == 0
        new += new * empty  # 2: on an empty cell, 1: where another stone was
        best = new.max(axis=1)
        single = (best > 0) & ((new == best[:, None]).sum(axis=1) == 1)
        cells = np.where(single, new.argmax(axis=1), -1)
        for action in np.unique(actions[part]):
            seen = np.unique(cells[actions[part] == action])
            cell = seen[0] if len(seen) == 1 and found[action] in (-2, seen[0]) else -1
            found[action] = cell
    found[found == -2] = -1
    return found
