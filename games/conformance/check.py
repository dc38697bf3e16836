"""What every game must do, as code: run `check_game` on a new one before trusting any number about it."""

import re
from collections.abc import Callable, Iterable

import numpy as np

from games.concepts.concept import concepts_of
from games.conformance.members import check_draws, check_evaluation, check_images, check_same_board
from games.conformance.sample import Sample, same
from games.contract import MAX_HELD, Draws, Expansion, Game, HasEvaluation, States, TellsBoardsApart
from games.solving.expansion import TYPES, check_expansion, check_size, demand, too_large
from games.solving.graph import enumerate_graph
from games.solving.solve import solve, topological_order

N_PICTURES = 300


Check = Callable[[Sample], None]


def check_game(game: Game, n_states: int = 20_000) -> list[str]:
    """Check a game's contract on its first `n_states` states; return the names of the checks that were run.

    Raises WorkError with one line that says what the game does wrong, and where. Checks that need a board, or all states of
    the game, are left out where there is none, or where there are more than that.
    """
    check_size(game)
    sample = _collect(game, n_states)
    checks: list[Check] = [_check_start, _check_repeats, _check_batches, _check_payoffs, _check_multiplicities, _check_cycles]
    checks += [_check_cells, _check_planes, _check_pictures, _check_action_names]
    if game.board is not None:
        checks += [_check_symmetries, _check_folding]
    if sample.complete:
        checks += [_check_estimate, _check_concepts]
    checks.append(check_images)
    optional = ((TellsBoardsApart, check_same_board), (Draws, check_draws), (HasEvaluation, check_evaluation))
    checks += [check for members, check in optional if isinstance(game, members)]
    for check in checks:
        check(sample)
    return ["expansions", *(check.__name__.removeprefix("_").removeprefix("check_") for check in checks)]


def _collect(game: Game, n_states: int) -> Sample:
    """Walk breadth first; every expansion is checked for its form before it is used."""
    start = game.start()
    demand(game, "start", isinstance(start, int) and 0 <= start < 1 << 64, f"gives {start!r}, not a whole number of 64 bits")
    known = frontier = np.array([start], dtype=np.uint64)
    parts: list[tuple[States, Expansion]] = []
    while len(frontier) and n_states > 0:
        taken, left = frontier[:n_states], frontier[n_states:]
        expansion = game.expand(taken.copy())
        check_expansion(game, taken, expansion)
        parts.append((taken, expansion))
        n_states -= len(taken)
        if len(left):
            break
        frontier = np.setdiff1d(expansion.edge_child, known)
        known = np.union1d(known, frontier)
    counts = np.concatenate([np.diff(e.edge_start) for _, e in parts])
    joined = {name: np.concatenate([getattr(e, name) for _, e in parts]) for name in TYPES if name != "edge_start"}
    edge_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Sample(game, np.concatenate([states for states, _ in parts]), Expansion(edge_start, **joined), len(frontier) == 0)


def _check_start(sample: Sample) -> None:
    game = sample.game
    demand(game, "start", game.start() == int(sample.states[0]), "is not the same each time")
    demand(game, "start", not sample.expansion.terminal[0], "is a state in which the game is over: there is no move to choose")
    demand(game, "id", bool(re.fullmatch(r"\S+", game.id)), "is empty or has a space in it")


def _check_repeats(sample: Sample) -> None:
    again = sample.game.expand(sample.states.copy())
    demand(sample.game, "expand", same(again, sample.expansion), "does not give the same twice, or depends on the batch")


def _check_batches(sample: Sample) -> None:
    """One state at a time, and all in the opposite order, give what one batch gives."""
    game, start = sample.game, sample.expansion.edge_start
    backwards = game.expand(sample.states[::-1].copy())
    sound = bool(
        (np.diff(backwards.edge_start)[::-1] == np.diff(start)).all() and (backwards.payoff[::-1] == sample.expansion.payoff).all()
    )
    demand(game, "expand", sound, "depends on the order of the states in a batch")
    for i in range(0, len(sample.states), max(1, len(sample.states) // N_PICTURES)):
        edges = slice(start[i], start[i + 1])
        _, action, child, terminal, payoff = sample.expansion
        one = Expansion(start[i : i + 2] - start[i], action[edges], child[edges], terminal[i : i + 1], payoff[i : i + 1])
        alone = same(game.expand(sample.states[i : i + 1].copy()), one)
        demand(game, "expand", alone, f"gives something else for state {int(sample.states[i]):#x} alone than in a batch")
    demand(game, "expand", len(game.expand(sample.states[:0]).terminal) == 0, "does not take an empty batch")


def _check_payoffs(sample: Sample) -> None:
    """No move loses more than is held: payoffs are so small that none can, or all states are known and none does."""
    if 2 * sample.game.max_payoff > MAX_HELD:
        if not sample.complete:
            raise too_large(sample.game.id, f"payoffs of up to {sample.game.max_payoff:,}")
        solve(enumerate_graph(sample.game))


def _check_multiplicities(sample: Sample) -> None:
    sizes = sample.game.multiplicity(sample.states)
    demand(sample.game, "multiplicity", sizes.shape == sample.states.shape, f"has the shape {sizes.shape}, not one number a state")
    demand(sample.game, "multiplicity", bool((sizes >= 1).all()), f"is below 1 at {sample.where(sizes < 1)}")
    demand(sample.game, "multiplicity", int(sizes[0]) >= 1 and sizes.dtype == np.int32, f"has the type {sizes.dtype}, not int32")


def _check_cycles(sample: Sample) -> None:
    """A game that says it ends does: among the states looked at no line of play returns."""
    order = np.argsort(sample.states)
    place = np.minimum(np.searchsorted(sample.states, sample.expansion.edge_child, sorter=order), len(order) - 1)
    inside = sample.states[order[place]] == sample.expansion.edge_child
    parent = np.repeat(np.arange(len(order)), np.diff(sample.expansion.edge_start))[inside]
    edge_start = np.concatenate([[0], np.cumsum(np.bincount(parent, minlength=len(order)))]).astype(np.int64)
    ends = len(topological_order(edge_start, order[place][inside].astype(np.int32))) == len(order)
    demand(sample.game, "endless", ends or sample.game.endless, "is false, yet a line of play comes back to a state")


def _check_cells(sample: Sample) -> None:
    game, cells, levels = sample.game, sample.game.cells(sample.states), np.array(sample.game.cell_levels())
    shape = (len(sample.states), len(levels))
    demand(game, "cells", cells.shape == shape and cells.dtype == np.int8, f"is {cells.dtype} {cells.shape}, not int8 {shape}")
    wrong = np.any((cells < 0) | (cells >= levels), axis=1)
    demand(game, "cells", not wrong.any(), f"goes beyond cell_levels at {sample.where(wrong)}")
    _demand_distinct(sample, "cells", zip(map(np.ndarray.tobytes, cells), sample.expansion.terminal.tolist(), strict=True))


def _demand_distinct(sample: Sample, what: str, looks: Iterable[tuple[bytes, bool]]) -> None:
    """No two states look alike; a look is what a player sees and whether the game is over."""
    seen: dict[tuple[bytes, bool], int] = {}
    for state, look in zip(sample.states.tolist(), looks, strict=True):
        demand(sample.game, what, look not in seen, f"leaves states {seen.get(look, 0):#x} and {state:#x} alike")
        seen[look] = state


def _check_planes(sample: Sample) -> None:
    game, planes = sample.game, sample.game.planes(sample.states)
    sound = planes.dtype == np.uint8 and planes.ndim == 4 and len(planes) == len(sample.states)
    demand(game, "planes", sound, f"is {planes.dtype} {planes.shape}, not uint8 [n, n_planes, rows, columns]")
    if game.board is not None:
        size = (game.board.rows, game.board.columns)
        demand(game, "planes", planes.shape[2:] == size, f"has {planes.shape[2:]} rows and columns on a board of {size}")
    wrong = np.any(planes > 1, axis=(1, 2, 3))
    demand(game, "planes", not wrong.any(), f"holds something other than 0 and 1 at {sample.where(wrong)}")


def _check_pictures(sample: Sample) -> None:
    """Pictures repeat, and tell states apart."""
    seen: dict[str, int] = {}
    for state in sample.states[:: max(1, len(sample.states) // N_PICTURES)].tolist():
        picture = sample.game.render(state)
        demand(sample.game, "render", picture == sample.game.render(state), f"draws state {state:#x} differently each time")
        demand(sample.game, "render", bool(picture.strip()), f"draws nothing for state {state:#x}")
        demand(sample.game, "render", picture not in seen, f"draws states {state:#x} and {seen.get(picture, 0):#x} alike")
        seen[picture] = state


def _check_action_names(sample: Sample) -> None:
    game, names = sample.game, [sample.game.action_name(action) for action in range(sample.game.n_actions)]
    demand(game, "action_name", all(name.strip() for name in names), "is empty for some action")
    twice = sorted({name for name in names if names.count(name) > 1})
    demand(game, "action_name", not twice, f"gives {', '.join(twice[:3])} to more than one action")


def _check_symmetries(sample: Sample) -> None:
    game, board = sample.game, sample.game.board
    assert board is not None
    cells = list(range(board.n_cells))
    symmetries = [tuple(symmetry) for symmetry in board.symmetries.tolist()]
    are_permutations = all(sorted(symmetry) == cells for symmetry in symmetries)
    demand(game, "board.symmetries", are_permutations, "has a row that is no permutation of the cells")
    demand(game, "board.symmetries", bool(symmetries) and symmetries[0] == tuple(cells), "does not begin with the identity")
    demand(game, "board.symmetries", len(set(symmetries)) == len(symmetries), "names a symmetry twice")
    closed = all(tuple(one[cell] for cell in other) in set(symmetries) for one in symmetries for other in symmetries)
    demand(game, "board.symmetries", closed, "is not closed: one symmetry after another must be a symmetry too")
    if board.action_cell is None:
        few = f"has {board.n_cells} cells but there are {game.n_actions} actions: give the cell of each action as action_cell"
        demand(game, "board", board.n_cells <= game.n_actions, few)
        return
    cell = np.asarray(board.action_cell)
    sound = cell.shape == (game.n_actions,) and np.issubdtype(cell.dtype, np.integer)
    demand(game, "board.action_cell", sound, f"is {cell.dtype} {cell.shape}, not int64 [{game.n_actions}], one cell an action")
    is_within = bool(np.all((cell >= -1) & (cell < board.n_cells)))
    demand(game, "board.action_cell", is_within, f"names a cell beyond -1 (none) to {board.n_cells - 1}")


def _check_folding(sample: Sample) -> None:
    """No two states are images of each other, and `multiplicity` counts the images; judged by `planes`."""
    game, board = sample.game, sample.game.board
    assert board is not None
    planes = game.planes(sample.states)
    flat = planes.reshape(*planes.shape[:2], board.n_cells)
    images = [[row.tobytes() for row in flat[:, :, symmetry]] for symmetry in board.symmetries]
    classes = [set(images_of_one) for images_of_one in zip(*images, strict=True)]
    _demand_distinct(
        sample, "folding", [(min(images), over) for images, over in zip(classes, sample.expansion.terminal.tolist(), strict=True)]
    )
    wrong = np.array([len(images) for images in classes]) != game.multiplicity(sample.states)
    demand(game, "multiplicity", not wrong.any(), f"is not the number of images at {sample.where(wrong)}")


def _check_estimate(sample: Sample) -> None:
    estimate, n = sample.game.estimate_states(), len(sample.states)
    demand(
        sample.game,
        "estimate_states",
        n / 10 <= estimate < np.inf,
        f"says {estimate:.3g} where there are {n:,} states: too low to refuse early",
    )


def _check_concepts(sample: Sample) -> None:
    game, graph = sample.game, enumerate_graph(sample.game)
    demand(game, "enumeration", graph.n_states == len(sample.states), f"finds {graph.n_states:,} states, not {len(sample.states):,}")
    names = [concept.name for concept in concepts_of(game)]
    demand(game, "concepts", len(set(names)) == len(names), "has one name twice")
    for concept in concepts_of(game):
        holds = concept.holds(game, graph)
        sound = holds.dtype == np.bool_ and holds.shape == (graph.n_edges,)
        demand(
            game, f"concept {concept.name}", sound, f"gives {holds.dtype} {holds.shape}, not one bool for each of {graph.n_edges:,} edges"
        )
        demand(game, f"concept {concept.name}", np.array_equal(holds, concept.holds(game, graph)), "does not give the same twice")
        demand(game, f"concept {concept.name}", bool(concept.meaning.strip()), "has no meaning in words")
