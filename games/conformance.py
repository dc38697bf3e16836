"""What every game must do, as code: run `check_game` on a new one before trusting any number about it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from games.arrays import Bools, Int64s
from games.concepts.concept import words_of
from games.contract import Expansion, Game, States
from games.errors import WorkError
from games.solving.graph import enumerate_graph
from games.solving.solve import topological_order

N_PICTURES = 300
SHAPES = {"edge_start": np.int64, "edge_action": np.int16, "edge_child": np.uint64, "terminal": np.bool_, "payoff": np.int16}


@dataclass(frozen=True, eq=False)
class Sample:
    """States of a game, breadth first from the start, with one ply from each."""

    game: Game
    states: States  # [n]
    expansion: Expansion
    complete: bool  # whether these are all the states that there are

    def where(self, wrong: Bools) -> str:
        """The first state for which `wrong` holds, and how many there are. [n]"""
        return f"state {int(self.states[np.argmax(wrong)]):#x} ({np.count_nonzero(wrong):,} of {len(wrong):,} states looked at)"


Check = Callable[[Sample], None]


def check_game(game: Game, n_states: int = 20_000) -> list[str]:
    """Check a game's contract on its first `n_states` states; the names of the checks that were run.

    Raises WorkError with one line that says what the game does wrong, and where. Checks that need a board, or all states of
    the game, are left out where there is none, or where there are more than that.
    """
    sample = _collect(game, n_states)
    checks: list[Check] = [_check_start, _check_repeats, _check_batches, _check_payoffs, _check_multiplicities, _check_cycles]
    checks += [_check_cells, _check_planes, _check_pictures, _check_action_names]
    if game.board is not None:
        checks += [_check_symmetries, _check_folding]
    if sample.complete:
        checks += [_check_estimate, _check_words]
    for check in checks:
        check(sample)
    return ["expansions", *(check.__name__.removeprefix("_check_") for check in checks)]


def _demand(game: Game, what: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise WorkError(f"game {game.id} breaks its contract: {what} {otherwise}")


def _collect(game: Game, n_states: int) -> Sample:
    """Walk breadth first; every expansion is checked for its form before it is used."""
    start = game.start()
    _demand(game, "start", isinstance(start, int) and 0 <= start < 1 << 64, f"gives {start!r}, not a whole number of 64 bits")
    known = frontier = np.array([start], dtype=np.uint64)
    parts: list[tuple[States, Expansion]] = []
    while len(frontier) and n_states > 0:
        taken, left = frontier[:n_states], frontier[n_states:]
        expansion = game.expand(taken.copy())
        _check_form(game, taken, expansion)
        parts.append((taken, expansion))
        n_states -= len(taken)
        if len(left):
            break
        frontier = np.setdiff1d(expansion.edge_child, known)
        known = np.union1d(known, frontier)
    counts = np.concatenate([np.diff(e.edge_start) for _, e in parts])
    joined = {name: np.concatenate([getattr(e, name) for _, e in parts]) for name in SHAPES if name != "edge_start"}
    edge_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Sample(game, np.concatenate([states for states, _ in parts]), Expansion(edge_start, **joined), len(frontier) == 0)


def _check_form(game: Game, states: States, expansion: Expansion) -> None:
    for name, dtype in SHAPES.items():
        got = np.asarray(getattr(expansion, name)).dtype
        _demand(game, f"expand: {name}", got == dtype, f"has the type {got}, not {np.dtype(dtype)}")
    start, action, child, terminal, payoff = expansion
    n, n_edges = len(states), len(action)
    lengths = (len(start), len(child), len(terminal), len(payoff))
    sound = lengths == (n + 1, n_edges, n, n)
    _demand(game, "expand", sound, f"gives arrays of lengths {lengths} where {(n + 1, n_edges, n, n)} belong together")
    sound = start[0] == 0 and start[-1] == n_edges and bool((np.diff(start) >= 0).all())
    _demand(game, "expand: edge_start", sound, f"does not rise from 0 to the number of edges, {n_edges}")
    sample = Sample(game, states, expansion, complete=False)
    parent = np.repeat(np.arange(n), np.diff(start))
    outside = _any_edge(parent, (action < 0) | (action >= game.n_actions), n)
    _demand(game, "expand: edge_action", not outside.any(), f"is not in 0..{game.n_actions - 1} at {sample.where(outside)}")
    unordered = _any_edge(parent[1:], (parent[1:] == parent[:-1]) & (action[1:] <= action[:-1]), n)
    _demand(game, "expand: edge_action", not unordered.any(), f"does not ascend, or repeats, at {sample.where(unordered)}")
    wrong = terminal != (np.diff(start) == 0)
    _demand(game, "expand: terminal", not wrong.any(), f"disagrees with whether there are moves at {sample.where(wrong)}")


def _any_edge(parent: Int64s, wrong: Bools, n: int) -> Bools:
    """For each state whether `wrong` holds on one of its edges. [n]"""
    return np.bincount(parent[wrong], minlength=n) > 0


def _check_start(sample: Sample) -> None:
    game = sample.game
    _demand(game, "start", game.start() == int(sample.states[0]), "is not the same each time")
    _demand(game, "id", bool(re.fullmatch(r"\S+", game.id)), "is empty or has a space in it")


def _check_repeats(sample: Sample) -> None:
    again = sample.game.expand(sample.states.copy())
    _demand(sample.game, "expand", _same(again, sample.expansion), "does not give the same twice, or depends on the batch")


def _check_batches(sample: Sample) -> None:
    """One state at a time, and all in the opposite order, give what one batch gives."""
    game, start = sample.game, sample.expansion.edge_start
    backwards = game.expand(sample.states[::-1].copy())
    sound = bool(
        (np.diff(backwards.edge_start)[::-1] == np.diff(start)).all() and (backwards.payoff[::-1] == sample.expansion.payoff).all()
    )
    _demand(game, "expand", sound, "depends on the order of the states in a batch")
    for i in range(0, len(sample.states), max(1, len(sample.states) // N_PICTURES)):
        edges = slice(start[i], start[i + 1])
        _, action, child, terminal, payoff = sample.expansion
        one = Expansion(start[i : i + 2] - start[i], action[edges], child[edges], terminal[i : i + 1], payoff[i : i + 1])
        alone = _same(game.expand(sample.states[i : i + 1].copy()), one)
        _demand(game, "expand", alone, f"gives something else for state {int(sample.states[i]):#x} alone than in a batch")
    _demand(game, "expand", len(game.expand(sample.states[:0]).terminal) == 0, "does not take an empty batch")


def _same(one: Expansion, other: Expansion) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in SHAPES)


def _check_payoffs(sample: Sample) -> None:
    game, expansion = sample.game, sample.expansion
    large = np.abs(expansion.payoff.astype(np.int64)) > game.max_payoff
    _demand(game, "payoff", not large.any(), f"is larger than max_payoff, {game.max_payoff}, at {sample.where(large)}")
    early = (expansion.payoff != 0) & ~expansion.terminal
    _demand(game, "payoff", not early.any(), f"is not 0 though the game goes on at {sample.where(early)}")


def _check_multiplicities(sample: Sample) -> None:
    sizes = sample.game.multiplicity(sample.states)
    _demand(sample.game, "multiplicity", sizes.shape == sample.states.shape, f"has the shape {sizes.shape}, not one number a state")
    _demand(sample.game, "multiplicity", bool((sizes >= 1).all()), f"is below 1 at {sample.where(sizes < 1)}")
    _demand(sample.game, "multiplicity", int(sizes[0]) >= 1 and sizes.dtype == np.int32, f"has the type {sizes.dtype}, not int32")


def _check_cycles(sample: Sample) -> None:
    """A game that says it ends does: among the states looked at no line of play returns."""
    order = np.argsort(sample.states)
    place = np.minimum(np.searchsorted(sample.states, sample.expansion.edge_child, sorter=order), len(order) - 1)
    inside = sample.states[order[place]] == sample.expansion.edge_child
    parent = np.repeat(np.arange(len(order)), np.diff(sample.expansion.edge_start))[inside]
    edge_start = np.concatenate([[0], np.cumsum(np.bincount(parent, minlength=len(order)))]).astype(np.int64)
    ends = len(topological_order(edge_start, order[place][inside].astype(np.int32))) == len(order)
    _demand(sample.game, "endless", ends or sample.game.endless, "is false, yet a line of play comes back to a state")


def _check_cells(sample: Sample) -> None:
    game, cells, levels = sample.game, sample.game.cells(sample.states), np.array(sample.game.cell_levels())
    shape = (len(sample.states), len(levels))
    _demand(game, "cells", cells.shape == shape and cells.dtype == np.int8, f"is {cells.dtype} {cells.shape}, not int8 {shape}")
    wrong = np.any((cells < 0) | (cells >= levels), axis=1)
    _demand(game, "cells", not wrong.any(), f"goes beyond cell_levels at {sample.where(wrong)}")
    _demand_distinct(sample, "cells", zip(map(np.ndarray.tobytes, cells), sample.expansion.terminal.tolist(), strict=True))


def _demand_distinct(sample: Sample, what: str, looks: Iterable[tuple[bytes, bool]]) -> None:
    """No two states look alike; a look is what a player sees and whether the game is over."""
    seen: dict[tuple[bytes, bool], int] = {}
    for state, look in zip(sample.states.tolist(), looks, strict=True):
        _demand(sample.game, what, look not in seen, f"leaves states {seen.get(look, 0):#x} and {state:#x} alike")
        seen[look] = state


def _check_planes(sample: Sample) -> None:
    game, planes = sample.game, sample.game.planes(sample.states)
    sound = planes.dtype == np.uint8 and planes.ndim == 4 and len(planes) == len(sample.states)
    _demand(game, "planes", sound, f"is {planes.dtype} {planes.shape}, not uint8 [n, n_planes, rows, columns]")
    if game.board is not None:
        size = (game.board.rows, game.board.columns)
        _demand(game, "planes", planes.shape[2:] == size, f"has {planes.shape[2:]} rows and columns on a board of {size}")
    wrong = np.any(planes > 1, axis=(1, 2, 3))
    _demand(game, "planes", not wrong.any(), f"holds something other than 0 and 1 at {sample.where(wrong)}")


def _check_pictures(sample: Sample) -> None:
    """Pictures repeat, and tell states apart."""
    seen: dict[str, int] = {}
    for state in sample.states[:: max(1, len(sample.states) // N_PICTURES)].tolist():
        picture = sample.game.render(state)
        _demand(sample.game, "render", picture == sample.game.render(state), f"draws state {state:#x} differently each time")
        _demand(sample.game, "render", bool(picture.strip()), f"draws nothing for state {state:#x}")
        _demand(sample.game, "render", picture not in seen, f"draws states {state:#x} and {seen.get(picture, 0):#x} alike")
        seen[picture] = state


def _check_action_names(sample: Sample) -> None:
    game, names = sample.game, [sample.game.action_name(action) for action in range(sample.game.n_actions)]
    _demand(game, "action_name", all(name.strip() for name in names), "is empty for some action")
    twice = sorted({name for name in names if names.count(name) > 1})
    _demand(game, "action_name", not twice, f"gives {', '.join(twice[:3])} to more than one action")


def _check_symmetries(sample: Sample) -> None:
    game, board = sample.game, sample.game.board
    assert board is not None
    cells = list(range(board.n_cells))
    turns = [tuple(turn) for turn in board.symmetries.tolist()]
    _demand(game, "board.symmetries", all(sorted(turn) == cells for turn in turns), "has a row that is no permutation of the cells")
    _demand(game, "board.symmetries", bool(turns) and turns[0] == tuple(cells), "does not begin with the identity")
    _demand(game, "board.symmetries", len(set(turns)) == len(turns), "names a symmetry twice")
    closed = all(tuple(one[cell] for cell in other) in set(turns) for one in turns for other in turns)
    _demand(game, "board.symmetries", closed, "is not closed: one symmetry after another must be a symmetry too")
    _demand(game, "board", board.n_cells <= game.n_actions, f"has {board.n_cells} cells but there are {game.n_actions} actions")


def _check_folding(sample: Sample) -> None:
    """No two states are images of each other, and `multiplicity` counts the images; judged by `planes`."""
    game, board = sample.game, sample.game.board
    assert board is not None
    planes = game.planes(sample.states)
    flat = planes.reshape(*planes.shape[:2], board.n_cells)
    images = [[row.tobytes() for row in flat[:, :, turn]] for turn in board.symmetries]
    classes = [set(images_of_one) for images_of_one in zip(*images, strict=True)]
    _demand_distinct(
        sample, "folding", [(min(images), over) for images, over in zip(classes, sample.expansion.terminal.tolist(), strict=True)]
    )
    wrong = np.array([len(images) for images in classes]) != game.multiplicity(sample.states)
    _demand(game, "multiplicity", not wrong.any(), f"is not the number of images at {sample.where(wrong)}")


def _check_estimate(sample: Sample) -> None:
    estimate, n = sample.game.estimate_states(), len(sample.states)
    _demand(
        sample.game,
        "estimate_states",
        n / 10 <= estimate < np.inf,
        f"says {estimate:.3g} where there are {n:,} states: too low to refuse early",
    )


def _check_words(sample: Sample) -> None:
    game, graph = sample.game, enumerate_graph(sample.game)
    _demand(game, "enumeration", graph.n_states == len(sample.states), f"finds {graph.n_states:,} states, not {len(sample.states):,}")
    names = [word.name for word in words_of(game)]
    _demand(game, "words", len(set(names)) == len(names), "has one name twice")
    for word in words_of(game):
        holds = word.holds(graph)
        sound = holds.dtype == np.bool_ and holds.shape == (graph.n_edges,)
        _demand(game, f"word {word.name}", sound, f"gives {holds.dtype} {holds.shape}, not one bool for each of {graph.n_edges:,} edges")
        _demand(game, f"word {word.name}", np.array_equal(holds, word.holds(graph)), "does not give the same twice")
        _demand(game, f"word {word.name}", bool(word.meaning.strip()), "has no meaning in words")
