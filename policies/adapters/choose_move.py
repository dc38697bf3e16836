"""Moves that a function of the user's, or a bot of OpenSpiel, chooses: it is asked once at every position of a game."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, SupportsIndex, runtime_checkable

import numpy as np

from games.arrays import Float64s, Int8s, Int64s, UInt8s
from games.contract import Game
from games.errors import UsageError
from policies.api import Task

BATCH = 4096  # positions whose cells and planes are made at a time
MAX_NAMED = 12  # legal actions that an error names


@dataclass(frozen=True, eq=False)
class State:
    """A position as the player to move sees it; one stands for all that are symmetric to it."""

    game: Game = field(repr=False)
    packed: int  # all that the rules need, in 64 bits
    cells: Int8s = field(repr=False)  # [n_cells] small numbers, on a board 0 empty, 1 own, 2 the other's; see Game.cells
    planes: UInt8s = field(repr=False)  # [n_planes, rows, columns] the same as zeros and ones
    legal_actions: tuple[int, ...]  # ascending; `game.action_name` names them

    @property
    def text(self) -> str:
        """A picture in text; `X` is the player to move, `O` the other."""
        return self.game.render(self.packed)


@runtime_checkable
class Bot(Protocol):
    """A bot of OpenSpiel, as `pyspiel.Bot` is one."""

    def restart(self) -> None: ...

    def step(self, state: Any) -> int: ...


ChooseMove = Callable[[Any], SupportsIndex] | Bot


def chosen_edges(choose_move: ChooseMove, task: Task) -> Int64s:
    """The move chosen at every position, as an edge of the graph: [n_positions], in the order of `graph.positions`.

    A function is given a `State`, or on an `openspiel:` game OpenSpiel's own state, and returns an action. A bot is restarted and
    makes one step. Whatever they raise goes through.

    Raises UsageError for an action that is no whole number or is not legal, naming the position, and for a bot on a game that
    OpenSpiel does not have.
    """
    graph = task.graph
    is_openspiel = task.game.id.startswith("openspiel:")
    if isinstance(choose_move, Bot):
        if not is_openspiel:
            raise UsageError(f"a bot of OpenSpiel plays openspiel: games, for example openspiel:tic_tac_toe, not {task.game.id}")
        choose = _restarted(choose_move)
    elif callable(choose_move):
        choose = choose_move
    else:
        raise UsageError(f"choose_move is a {type(choose_move).__name__}: give a function of a state, or a bot of OpenSpiel")
    chosen = np.full(graph.n_states, -1, dtype=np.int64)
    for at, state in _openspiel_states(task) if is_openspiel else _states(task):
        first, last = int(graph.edge_start[at]), int(graph.edge_start[at + 1])
        action = _whole(choose(state), task, at)
        place = first + int(np.searchsorted(graph.edge_action[first:last], action))
        if place == last or graph.edge_action[place] != action:
            raise UsageError(f"choose_move gives {_refusal(action, task, at)}")
        chosen[at] = place
    return chosen[graph.positions]


def as_scores(edges: Int64s, task: Task) -> Float64s:
    """Chosen moves as a policy: score 1 for these edges and 0 for all others, which are also its action probabilities. [n_edges]"""
    scores = np.zeros(task.graph.n_edges)
    scores[edges] = 1.0
    return scores


def _restarted(bot: Bot) -> Callable[[Any], SupportsIndex]:
    def step(state: Any) -> int:
        bot.restart()  # positions come in no order of play
        return bot.step(state)

    return step


def _states(task: Task) -> Iterator[tuple[int, State]]:
    game, graph = task.game, task.graph
    for batch in np.split(graph.positions, range(BATCH, len(graph.positions), BATCH)):
        packed = graph.states[batch]
        for at, number, cells, planes in zip(batch.tolist(), packed.tolist(), game.cells(packed), game.planes(packed), strict=True):
            legal = graph.edge_action[graph.edge_start[at] : graph.edge_start[at + 1]]
            yield at, State(game, number, cells, planes, tuple(legal.tolist()))


def _openspiel_states(task: Task) -> Iterator[tuple[int, Any]]:
    from policies.adapters.openspiel import graph_states

    return graph_states(task)


def _whole(move: object, task: Task, at: int) -> int:
    try:
        return operator.index(move)  # type: ignore[arg-type]
    except TypeError:
        shown = " ".join(repr(move).split())[:60]
        raise UsageError(f"choose_move gives {shown} at {_position(task, at)}: return one action, a whole number") from None


def _refusal(action: int, task: Task, at: int) -> str:
    graph = task.graph
    legal = graph.edge_action[graph.edge_start[at] : graph.edge_start[at + 1]].tolist()
    named = [f"{each} ({task.game.action_name(each)})" for each in legal[:MAX_NAMED]]
    more = f" and {len(legal) - MAX_NAMED} more" if len(legal) > MAX_NAMED else ""
    return f"{action} at {_position(task, at)}, where it is not legal; legal are {', '.join(named)}{more}"


def _position(task: Task, at: int) -> str:
    """A position in one line: its packed state, and its picture with ` / ` between the lines."""
    packed = int(task.graph.states[at])
    return f"position {packed:#x} of {task.game.id} ({' / '.join(line.strip() for line in task.game.render(packed).splitlines())})"
