"""The file of a tidy rule list: sets of rules, from the coarse to the fine, each given how the coarser ones play.

A set costs less than a sequence, and where a rule is likely is learned: a pattern is told from those that occur in the game by
how often it does, what it consists of, the coarser patterns inside it, and by which rule plays there so far and whether it
agrees. What the list says of single positions comes last, given what the rest of it plays there. All of this can be seen in a
position; nothing is looked up in those that follow, else a file could be shortened by solving the game.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Int32s, Int64s, UInt8s
from games.errors import UsageError
from games.jit import njit
from policies.api import Task
from policies.codec.adaptive_coder import Decoder, Encoder, code_count
from policies.codec.context_mixing import code_members, new_mixer
from policies.codec.kernel_stream import close_tape, open_tape
from policies.language import effects
from policies.language.atoms import CONCEPT_KINDS, LEVELS, Literal, Rule, concepts_of_kind
from policies.language.patterns import OFF_BOARD, WINDOWS
from policies.rules.format.canonical_order import is_position, layered
from policies.rules.format.conjunctions import code_phrases
from policies.rules.format.literals import CLOSED, Literals, check_whole, code_kinds, frequency_groups
from policies.rules.format.order_coding import Play

Note = Callable[[str], None]

PATTERN_MODELS = [(0,), (0, 1), (4, 8), (3, 4), (0, 4), (4, 5), (3, 6), (0, 7), (0, 8), (0, 9)]
STATE_MODELS = [(0,), (0, 1, 2), (0, 2, 3), (1, 2, 3), (0, 2, 4), (0, 2, 5), (2, 6), (2, 7), (2, 8), (0, 7)]
MOVE_MODELS = [(0,), (1, 2), (1, 2, 3), (0, 2), (2, 3, 4), (0, 5)]
INSIDE = ("cross", "3x3", "diamond")  # windows inside others


def code_sets(coder: Encoder | Decoder, given: tuple[Rule, ...] | None, task: Task, note: Note, code: str = CLOSED) -> tuple[Rule, ...]:
    """A tidy first-match list, in both directions: the encoder is given the rules, the decoder None; `note` names the part that begins.

    Which kinds of atoms occur; rules of several literals and the like; then, kind by kind, rules of a single atom, and after
    each kind of window the order of what is new in it; single positions.
    """
    note("kinds")
    kinds = code_kinds(coder, {literal.kind for rule in given or () for literal in rule}, task, code)
    literals = Literals(coder, kinds, task, code)
    rest = [rule for rule in given or () if not is_position(rule)]
    ranks = None if given is None else {rule: place for place, rule in enumerate(rest)}
    play = Play(literals.atoms)
    note("concepts")
    new = code_phrases(literals, [rule for rule in rest if not is_plain(rule, literals)])
    for kind in (kind for kind in kinds if kind not in WINDOWS and kind != "position"):
        new += _code_listed(coder, kind, [rule for rule in rest if is_plain(rule, literals) and rule[0].kind == kind], task)
    for kind in ("concepts", *(kind for kind in kinds if kind in WINDOWS)):
        if kind in WINDOWS:
            note("patterns")
            new = _code_patterns(coder, kind, [rule for rule in rest if is_plain(rule, literals) and rule[0].kind == kind], play, task)
        if len({*new, *play.rules}) < len(new) + len(play.rules):
            raise UsageError("this is no whole rule list: a rule stands in it twice; fit it again")
        check_whole(coder, len(play.rules), len(play.rules) + len(new))
        note("order")
        play.add(coder, new, ranks)
    edges = np.array([rule[0].value for rule in given or () if is_position(rule)], dtype=np.int64)
    if "position" in kinds:
        note("positions")
        edges = _code_positions(coder, edges, play, task)
    check_whole(coder, len(play.rules), len(play.rules) + len(edges))
    is_played = np.ones(task.graph.n_states, dtype=np.bool_)
    is_played[task.graph.edge_parent[edges]] = False
    if len(np.setdiff1d(np.arange(len(play.rules)), play.decider[is_played])):
        raise UsageError("this is no whole rule list: rules in it never decide; fit it again")
    order = layered(play.rules, play.atoms, play.decider)
    return (*((Literal("position", edge),) for edge in edges.tolist()), *(play.rules[i] for i in order))


def is_plain(rule: Rule, literals: Literals) -> bool:
    """Whether a rule is a single atom that the file lists: a concept, a content, a move, or a pattern that occurs in the game."""
    return len(rule) == 1 and rule[0].holds and (rule[0].kind not in WINDOWS or literals.index(rule[0].kind, rule[0].value) >= 0)


def _code_subset(
    coder: Encoder | Decoder,
    models: list[tuple[int, ...]],
    features: Sequence[npt.ArrayLike],
    start: Int64s,
    n_members: Int64s,
    is_member: UInt8s,
) -> None:
    table = np.stack([np.asarray(feature).astype(np.int32) for feature in features], axis=1)
    tape = open_tape(coder, len(is_member))
    code_members(tape, new_mixer(models, len(is_member)), table, start, n_members, is_member)
    close_tape(coder, tape)


def _code_listed(coder: Encoder | Decoder, kind: str, rules: Sequence[Rule], task: Task) -> list[Rule]:
    """The rules of a kind of which there are few atoms: how many, and which."""
    if kind in CONCEPT_KINDS:
        values = list(range(len(concepts_of_kind(kind, task.game))))
    elif kind in ("cell", "after"):
        levels = task.game.cell_levels() if kind == "cell" else effects.levels(task.game)
        values = [entry * LEVELS + content for entry, n in enumerate(levels) for content in range(n)]
    else:
        values = list(range(task.game.n_actions))
    chosen = {rule[0].value for rule in rules}
    is_member = np.array([value in chosen for value in values], dtype=np.uint8)
    n_members = min(len(values), code_count(coder, "members", len(rules)))
    _code_subset(coder, [], [np.zeros(len(values))], np.array([0, len(values)]), np.array([n_members]), is_member)
    return [(Literal(kind, value),) for value, member in zip(values, is_member.tolist(), strict=True) if member]


def _code_patterns(coder: Encoder | Decoder, kind: str, rules: Sequence[Rule], play: Play, task: Task) -> list[Rule]:
    """The rules of one window: how many of those that occur about equally often, and which."""
    column = play.atoms.column(kind)
    groups = frequency_groups(column)
    given = np.zeros(len(column.values), dtype=np.uint8)
    given[np.searchsorted(column.values, np.array([rule[0].value for rule in rules], dtype=np.uint64))] = 1
    sizes = np.diff(groups.start)
    counts = np.array([code_count(coder, "members", int(given[groups.order[a:b]].sum())) for a, b in _pairs(groups.start)], dtype=np.int64)
    counts = np.minimum(counts, sizes)
    items = np.concatenate(
        [np.empty(0, dtype=np.int64), *(groups.order[a:b] for (a, b), n in zip(_pairs(groups.start), counts, strict=True) if n)]
    )
    start = np.append(0, np.cumsum(sizes[counts > 0]))
    support, n_chosen, first = (values[items] for values in _where(column.which, len(column.values), play.is_chosen))
    state = task.graph.edge_parent[first]
    shift = 2 * np.arange(WINDOWS[kind].n_cells, dtype=np.uint64)
    contents = (column.values[items, None] >> shift) & np.uint64(3)
    off_board = ((contents == OFF_BOARD) << shift // np.uint64(2)).sum(axis=1)
    features = [
        np.repeat(groups.level[counts > 0], sizes[counts > 0]),
        off_board,
        ((contents > 0) & (contents < OFF_BOARD)).sum(axis=1),
        play.decider[state],
        np.where(n_chosen == 0, 0, np.where(n_chosen == support, 3, 1 + (2 * n_chosen > support))),
        play.atoms.column("diamond").which[play.first_chosen()[state]],
        play.edge_rule[first],
    ]
    inner = [name for name in INSIDE if WINDOWS[name].n_cells < WINDOWS[kind].n_cells]
    features += [play.atoms.column(name).which[first] for name in inner]
    models = [model for model in PATTERN_MODELS if max(model) < len(features)]
    is_member = given[items]
    _code_subset(coder, models, features, start, counts[counts > 0], is_member)
    return [(Literal(kind, value),) for value in np.sort(column.values[items[is_member == 1]]).tolist()]


def _code_positions(coder: Encoder | Decoder, edges: Int64s, play: Play, task: Task) -> Int64s:
    """The edges that stand before all other rules, at most one a state: how many, in which states, and which of the moves."""
    graph, game, atoms = task.graph, task.game, play.atoms
    n_cells = game.board.n_cells if game.board else 0
    windows = [atoms.column(name).which if game.board else np.zeros(graph.n_edges, dtype=np.int32) for name in ("3x3", "diamond", "5x5")]
    positions = graph.positions
    chosen = play.first_chosen()[positions]
    n_chosen = np.bincount(graph.edge_parent[play.is_chosen], minlength=graph.n_states)
    cells = game.cells(graph.states[positions])
    beside = np.zeros(len(positions), dtype=np.int64)
    for column in cells[:, n_cells:].T:
        beside = (beside * LEVELS + column) % 2147483629  # a prime below 2**31
    features = [
        play.decider[positions],
        graph.n_moves[positions],
        beside,
        (cells[:, :n_cells] == 1).sum(axis=1) * LEVELS + (cells[:, :n_cells] == 2).sum(axis=1),
        n_chosen[positions],
        play.edge_rule[chosen],
        *(which[chosen] for which in windows),
    ]
    is_special = np.zeros(graph.n_states, dtype=np.uint8)
    is_special[graph.edge_parent[edges]] = 1
    flags = is_special[positions]
    n_special = min(len(positions), code_count(coder, "positions", len(edges)))
    _code_subset(coder, STATE_MODELS, features, np.array([0, len(positions)]), np.array([n_special]), flags)
    special = positions[flags == 1]
    n_moves = graph.n_moves[special]
    start = np.append(0, np.cumsum(n_moves))
    moves = np.arange(start[-1]) + np.repeat(graph.edge_start[special] - start[:-1], n_moves)
    state = graph.edge_parent[moves]
    support = np.bincount(windows[2][windows[2] >= 0], minlength=1)
    features = [
        play.edge_rule[moves],
        np.where(windows[2][moves] >= 0, np.frexp(support[windows[2][moves]])[1], 0),
        play.is_chosen[moves] * np.minimum(3, n_chosen[state]),
        np.repeat(start[1:], n_moves) - np.arange(start[-1]),
        play.decider[state],
        windows[1][moves],
    ]
    is_member = np.isin(moves, edges).astype(np.uint8)
    _code_subset(coder, MOVE_MODELS, features, start, np.ones(len(special), dtype=np.int64), is_member)
    found: Int64s = moves[is_member == 1]
    return found


def _pairs(start: Int64s) -> list[tuple[int, int]]:
    return list(zip(start[:-1].tolist(), start[1:].tolist(), strict=True))


@njit
def _where(which: Int32s, n_values: int, is_chosen: Bools) -> tuple[Int64s, Int64s, Int64s]:
    """For each value of a column on how many edges it stands, how many of these may be played, and the first of them."""
    support, n_chosen = np.zeros(n_values, dtype=np.int64), np.zeros(n_values, dtype=np.int64)
    first = np.zeros(n_values, dtype=np.int64)
    for edge in range(which.shape[0]):
        value = which[edge]
        if value >= 0:
            first[value] = edge if support[value] == 0 else first[value]
            support[value] += 1
            n_chosen[value] += is_chosen[edge]
    return support, n_chosen, first
