"""Operations that predicates take, against twins in plain Python that compute the same facts cell by cell and count their steps."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from games.concepts import breakthrough, domineering, go, kalah, lines, nim, nogo
from games.concepts import hex as hexes
from games.concepts.concept import concepts_of
from games.concepts.work import FLOOD, making
from games.contract import Game
from games.rules.placement import straight_lines
from games.solving.graph import GameGraph
from policies.api import Task, mean_and_worst
from policies.language import effects
from policies.language.atoms import Predicate, atoms_of
from policies.language.lookahead import CONCEPTS as LOOKAHEAD
from policies.language.patterns import WINDOWS, pattern
from policies.language.work import looks, operations_of, work_of
from policies.rules.rulelist import RuleListLearner
from policies.rules.weighted import WeightedList
from policies.task import make_task

Cells = list[int]
OFF = -1


class Grid:
    """A board that counts each cell that is read or marked."""

    def __init__(self, rows: int, columns: int, steps: Iterable[tuple[int, int]]) -> None:
        self.rows, self.columns, self.steps, self.count = rows, columns, list(steps), 0

    @property
    def n(self) -> int:
        return self.rows * self.columns

    def beside(self, cell: int) -> list[int]:
        """The cells beside one; each direction is one reading, also over the edge."""
        row, column = divmod(cell, self.columns)
        self.count += len(self.steps)
        near = [(row + down, column + right) for down, right in self.steps]
        return [r * self.columns + c for r, c in near if 0 <= r < self.rows and 0 <= c < self.columns]

    def flood(self, cells: Cells, start: int) -> tuple[set[int], set[int]]:
        """The group of a cell, and all other cells beside it."""
        group, border, waiting = {start}, set(), [start]
        while waiting:
            cell = waiting.pop()
            self.count += 1
            for near in self.beside(cell):
                if cells[near] != cells[start]:
                    border.add(near)
                elif near not in group:
                    group.add(near)
                    waiting.append(near)
        return group, border

    def groups(self, cells: Cells, at: Iterable[int]) -> list[tuple[set[int], set[int]]]:
        """The different groups of some cells."""
        found: list[tuple[set[int], set[int]]] = []
        for cell in at:
            if not any(cell in group for group, _ in found):
                found.append(self.flood(cells, cell))
        return found


SQUARE = ((-1, 0), (1, 0), (0, -1), (0, 1))


def empty_in(cells: Cells, border: set[int]) -> int:
    return sum(cells[cell] == 0 for cell in border)


def area(grid: Grid, cells: Cells) -> int:
    """The mover's stones and the regions that touch only them, less the other's."""
    margin, seen = 0, set[int]()
    for cell in range(grid.n):
        grid.count += 1
        if cells[cell]:
            margin += 1 if cells[cell] == 1 else -1
        elif cell not in seen:
            region, border = grid.flood(cells, cell)
            seen |= region
            touched = {cells[each] for each in border}
            margin += len(region) * ((touched == {1}) - (touched == {2}))
    return margin


def go_twin(game: Game, graph: GameGraph, state: int, cells: Cells) -> tuple[list[dict[int, int]], int]:
    """Facts of each move, and the steps that they took."""
    assert game.board
    grid = Grid(game.board.rows, game.board.columns, SQUARE)
    margin, found = area(grid, cells), []
    for edge in range(*graph.edge_start[state : state + 2]):
        point = int(graph.edge_action[edge])
        grid.count += go.SIZE + 1  # facts written
        if point == grid.n:
            found.append({go.MARGIN: margin, go.IS_PASS: 1})
            continue
        around = grid.beside(point)
        after = [*cells[:point], 1, *cells[point + 1 :]]
        theirs = grid.groups(cells, [near for near in around if cells[near] == 2])
        taken = {cell for group, border in theirs if not empty_in(after, border) for cell in group}
        left = [0 if cell in taken else content for cell, content in enumerate(after)]
        group, border = grid.flood(after, point)
        friends = grid.groups(cells, [near for near in around if cells[near] == 1])
        foes = grid.groups(left, [near for near in around if left[near] == 2])
        liberties = empty_in(left, border)
        found.append(
            {
                go.MARGIN: margin,
                go.TAKEN: len(taken),
                go.LIBERTIES: liberties,
                go.SIZE: len(group),
                go.JOINED: len(friends),
                go.SAVED: int(liberties > 1 and any(empty_in(cells, border) == 1 for _, border in friends)),
                go.ATARI: int(any(empty_in(left, border) == 1 for _, border in foes)),
            }
        )
    return found, grid.count


def nogo_twin(game: Game, graph: GameGraph, state: int, cells: Cells) -> tuple[list[dict[int, int]], int]:
    assert game.board
    grid = Grid(game.board.rows, game.board.columns, SQUARE)

    def playable(board: Cells, mover: int) -> set[int]:
        points = set()
        for point in range(grid.n):
            grid.count += 1
            if board[point]:
                continue
            after = [*board[:point], mover, *board[point + 1 :]]
            theirs = grid.groups(board, [near for near in grid.beside(point) if board[near] == 3 - mover])
            _, border = grid.flood(after, point)
            if empty_in(after, border) and all(empty_in(after, each) for _, each in theirs):
                points.add(point)
        return points

    mine, theirs, found = playable(cells, 1), playable(cells, 2), []
    for edge in range(*graph.edge_start[state : state + 2]):
        point = int(graph.edge_action[edge])
        after = [*cells[:point], 1, *cells[point + 1 :]]
        mine_left, theirs_left = playable(after, 1), playable(after, 2)
        numbers = (point in theirs, *map(len, (mine, mine_left, theirs, theirs_left, mine - theirs, mine_left - theirs_left)))
        found.append(dict(enumerate(map(int, numbers))))
        grid.count += len(numbers)
    return found, grid.count


def hex_twin(game: Game, graph: GameGraph, state: int, cells: Cells) -> tuple[list[dict[int, int]], int]:
    size = int(game.n_actions**0.5)
    grid = Grid(size, size, ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0)))
    top, left = set(range(size)), set(range(0, grid.n, size))
    bottom, right = {grid.n - 1 - cell for cell in top}, {grid.n - 1 - cell for cell in left}

    def way(board: Cells, player: int, first: set[int], last: set[int]) -> int:
        """A search outwards from a side: all that costs a stone more only after all that costs none."""
        now, seen = [cell for cell in first if board[cell] == player], set[int]()
        later = {cell for cell in first if not board[cell]}
        for n_stones in range(grid.n + 1):
            while now:
                cell = now.pop()
                if cell not in seen:
                    seen.add(cell)
                    grid.count += 1
                    near = grid.beside(cell)
                    now += [each for each in near if board[each] == player]
                    later |= {each for each in near if not board[each]}
            if seen & last:
                return n_stones
            now = list(later - seen)
        return grid.n + 1

    found = []
    for edge in range(*graph.edge_start[state : state + 2]):
        cell = int(graph.edge_action[edge])
        after = [*cells[:cell], 1, *cells[cell + 1 :]]
        ways = way(after, 1, top, bottom), way(after, 2, left, right)
        around, bridges, rescues = set(grid.beside(cell)), 0, 0
        for other in range(grid.n):
            grid.count += 1
            common = around & set(grid.beside(other))
            is_apart = other not in around and cells[other] == 1
            bridges += int(is_apart and len(common) == 2 and not any(cells[each] for each in common))
        for other in range(grid.n):
            grid.count += 1
            ends = [each for each in around & set(grid.beside(other)) if cells[each] == 1]
            rescues |= int(other in around and cells[other] == 2 and len(ends) == 2)
        touches = int(any(cells[each] == 1 for each in around))
        found.append({hexes.WAY: ways[0], hexes.THEIR_WAY: ways[1], hexes.BRIDGES: bridges, hexes.RESCUES: rescues, hexes.TOUCHES: touches})
        grid.count += hexes.CENTRAL + 1
    return found, grid.count


def domineering_twin(game: Game, graph: GameGraph, state: int, cells: Cells) -> tuple[list[dict[int, int]], int]:
    side = int(game.n_actions**0.5)
    count = 0

    def pairs(free: Cells, flat: bool) -> list[tuple[int, int]]:
        nonlocal count
        fits = []
        for cell in range(side * side):
            count += 2
            partner = cell + (1 if flat else side)
            on_board = cell % side < side - 1 if flat else partner < side * side
            if on_board and free[cell] and free[partner]:
                fits.append((cell, partner))
        return fits

    def reserve(free: Cells, flat: bool) -> int:
        nonlocal count
        theirs = {cell for pair in pairs(free, not flat) for cell in pair}
        safe = [int(free[cell] and cell not in theirs) for cell in range(side * side)]
        count += len(safe)
        n = 0
        while fits := pairs(safe, flat):
            for cell in fits[0]:
                safe[cell] = 0
            n += 1
        return n

    free = [int(not content) for content in cells]
    before, found = (reserve(free, False), reserve(free, True)), []
    for edge in range(*graph.edge_start[state : state + 2]):
        cell = int(graph.edge_action[edge])
        left = [int(content and each not in (cell, cell + side)) for each, content in enumerate(free)]
        numbers = (len(pairs(left, False)), len(pairs(left, True)), before[0], reserve(left, False), before[1], reserve(left, True))
        found.append(dict(enumerate(numbers)))
        count += len(numbers) + 1
    return found, count


def lines_twin(game: Game, graph: GameGraph, state: int, cells: Cells) -> tuple[list[dict[int, int]], int]:
    assert game.board
    rows, columns = game.board.rows, game.board.columns
    length = int(game.id[-1])
    all_lines = [[cell for cell in range(rows * columns) if int(line) >> cell & 1] for line in straight_lines(rows, columns, length)]
    count = 0

    def read(board: Cells, line: Cells) -> Cells:
        nonlocal count
        count += len(line)
        return [board[cell] for cell in line]

    def threats(board: Cells, player: int) -> int:
        return len(
            {cell for line in all_lines if sorted(read(board, line)) == [0] + [player] * (length - 1) for cell in line if not board[cell]}
        )

    found = []
    for edge in range(*graph.edge_start[state : state + 2]):
        cell = int(graph.edge_action[edge])
        mine, theirs = ([*cells[:cell], player, *cells[cell + 1 :]] for player in (1, 2))
        facts = {
            lines.WIN: int(sum(set(read(mine, line)) == {1} for line in all_lines) > 0),
            lines.BLOCK: int(sum(set(read(theirs, line)) == {2} for line in all_lines) > 0),
            lines.THREATS: threats(mine, 1),
            lines.THEIR_THREATS: threats(theirs, 2),
            lines.OPEN: sum(cell in line and 2 not in there for line in all_lines for there in [read(cells, line)]),
            lines.THEIR_OPEN: sum(cell in line and 1 not in there for line in all_lines for there in [read(cells, line)]),
        }
        threats(mine, 2), threats(mine, 1)  # what lies above the stone
        near = [(cell // columns + down, cell % columns + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        inside = [r * columns + c for r, c in near if 0 <= r < rows and 0 <= c < columns]
        facts[lines.TOUCHES] = int(any(cells[each] == 1 for each in inside))
        count += len(near) + lines.WASTE + 1
        found.append(facts)
    return found, count


TWINS = {
    "go-2x3": (go, go_twin),
    "go-3x3": (go, go_twin),
    "nogo-2x3": (nogo, nogo_twin),
    "nogo-3x3": (nogo, nogo_twin),
    "hex-3": (hexes, hex_twin),
    "hex-2x3": (hexes, hex_twin),
    "domineering-3x3": (domineering, domineering_twin),
    "domineering-2x4": (domineering, domineering_twin),
    "mnk-3x3x3": (lines, lines_twin),
}


@pytest.mark.parametrize("game_id", TWINS)
def test_a_twin_takes_as_many_steps_for_the_same_facts(game_id: str) -> None:
    """On all positions, exactly."""
    module, twin = TWINS[game_id]
    task = make_task(game_id)
    graph, cells = task.graph, task.game.cells(task.graph.states)
    facts, work = module.facts_of(task.game, graph), module.work(task.game, graph)
    for state in graph.positions.tolist():
        found, count = twin(task.game, graph, state, cells[state].tolist())
        assert work[state] == count
        for edge, numbers in zip(range(*graph.edge_start[state : state + 2]), found, strict=True):
            assert {fact: int(facts[edge, fact]) for fact in numbers} == numbers


class Trial:
    """Tries moves out on the rules alone, without a graph, and counts what is written, asked and looked at."""

    def __init__(self, game: Game) -> None:
        self.game, self.count = game, 0

    def children(self, state: int, is_root: bool = False) -> list[int]:
        """The moves of the position itself are known: whoever chooses has them."""
        ply = self.game.expand(np.array([state], dtype=np.uint64))
        self.count += 0 if is_root else sum(1 for _ in range(self.game.n_actions))
        found = [int(child) for child in ply.edge_child]
        for child in found:
            self.count += len(self.game.cells(np.array([child], dtype=np.uint64))[0])  # written entry by entry
        return found

    def end(self, state: int) -> int | None:
        """The payoff to the mover if the game is over: two questions."""
        self.count += 2
        ply = self.game.expand(np.array([state], dtype=np.uint64))
        return int(ply.payoff[0]) if ply.terminal[0] else None

    def wins(self, state: int, plies: int) -> bool:
        """Whether the mover has won, or can so many plies ahead."""
        end = self.end(state)
        lost = [self.loses(child, plies - 1) for child in self.children(state)] if plies else []
        return end > 0 if end is not None else any(lost)

    def loses(self, state: int, plies: int) -> bool:
        end = self.end(state)
        won = [self.wins(child, plies - 1) for child in self.children(state)] if plies else []
        return end < 0 if end is not None else bool(won) and all(won)

    def n_moves(self, state: int) -> int:
        self.end(state)
        return len(self.children(state))


def holds_at(task: Task, atom: Predicate, state: int) -> list[bool]:
    return atoms_of(task.game, task.graph).holds(atom)[slice(*task.graph.edge_start[state : state + 2])].tolist()


def some_positions(task: Task, n: int = 12) -> list[int]:
    return np.random.default_rng(0).permutation(task.graph.positions)[:n].tolist()


@pytest.mark.parametrize("game_id", ["tictactoe", "nogo-2x3", "hex-2x3", "nim-1-2-3"])
def test_lookahead_takes_what_trying_all_lines_out_takes(game_id: str) -> None:
    task = make_task(game_id)
    atoms = atoms_of(task.game, task.graph)
    for depth, concept in enumerate(LOOKAHEAD[:4], 1):
        work = operations_of(work_of(atoms, ("lookahead", depth - 1)), task.game, task.graph)
        for state in some_positions(task):
            trial = Trial(task.game)
            children = trial.children(int(task.graph.states[state]), is_root=True)
            if depth % 2:
                found = [trial.loses(child, depth - 1) for child in children]
                beyond = [depth > 1 and bool(task.graph.terminal[child]) for child in edges_of(task.graph, state)]
                found = [won and not over for won, over in zip(found, beyond, strict=True)]
            else:
                found = [not trial.wins(child, depth - 1) for child in children]
            assert work[state] == trial.count, concept.name
            assert holds_at(task, ("lookahead", depth - 1), state) == found, concept.name


def edges_of(graph: GameGraph, state: int) -> list[int]:
    return graph.edge_child[slice(*graph.edge_start[state : state + 2])].tolist()


@pytest.mark.parametrize("game_id", ["nogo-2x3", "domineering-3x3", "kalah-2-2"])
def test_an_effect_takes_its_children_and_their_moves(game_id: str) -> None:
    task = make_task(game_id)
    names = list(effects.NUMBERS)
    for state in some_positions(task):
        trial, held = Trial(task.game), []
        for child in trial.children(int(task.graph.states[state]), is_root=True):
            trial.end(child)
            left = [trial.n_moves(each) for each in trial.children(child)]
            held.append(min(left, default=0) - len(left))
        assert effects.work(names.index("margin"))(task.game, task.graph)[state] == count_without_last(trial, task, state)
        assert holds_at(task, ("effect", 2 * names.index("margin")), state) == [number == max(held) for number in held]


def count_without_last(trial: Trial, task: Task, state: int) -> int:
    """To count the moves of the replies, Trial made what they lead to: these children are not wanted."""
    n_last = sum(int(task.graph.n_moves[reply]) for child in edges_of(task.graph, state) for reply in edges_of(task.graph, child))
    return trial.count - n_last * len(task.game.cell_levels())


@pytest.mark.parametrize("kind", ["cross", "3x3"])
def test_a_window_is_read_and_turned_cell_by_cell(kind: str) -> None:
    task = make_task("nogo-3x3")
    atoms, window = atoms_of(task.game, task.graph), WINDOWS[kind]
    work, cells = operations_of(work_of(atoms, (kind, 0)), task.game, task.graph), task.game.cells(task.graph.states)
    column = atoms.column(kind)
    for state in some_positions(task):
        count = 0
        for edge in range(*task.graph.edge_start[state : state + 2]):
            row, left = divmod(int(task.graph.edge_action[edge]), 3)
            images = [[0] * window.n_cells for _ in atoms.window_symmetries]
            for i, (down, right) in enumerate(window.offsets):
                r, c = row + down, left + right
                content = int(cells[state, 3 * r + c]) if 0 <= r < 3 and 0 <= c < 3 else 3
                count += 1
                for image, places in zip(images, window.images()[list(atoms.window_symmetries)].tolist(), strict=True):
                    image[places.index(i)] = content
                    count += 1
            least = None
            for image in images:
                count += 1
                code = pattern(window, image)
                least = code if least is None else min(least, code)
            assert column.values[column.which[edge]] == least
        assert work[state] == count


def test_small_predicates_take_what_their_text_says() -> None:
    """Children of Nim and Kalah are made entry by entry; a pawn's move is eight readings and the board twice."""
    for game_id, module, a_move in (("nim-3-4-5", nim, 3 + 2 + 4 * 3), ("kalah-2-2", kalah, 7 + 2 + 4 + 4)):
        task = make_task(game_id)
        np.testing.assert_array_equal(module.work(task.game, task.graph), a_move * task.graph.n_moves)
    task = make_task("breakthrough-3x4")
    assert breakthrough.work(task.game, task.graph)[task.graph.positions].min() == 8 * task.graph.n_moves[task.graph.positions].min() + 24


def test_a_policy_computes_once_what_its_atoms_share() -> None:
    """Two facts of Hex come from one search: the second costs a look a move. The worst position costs more than the mean."""
    task = make_task("hex-3")
    names = [concept.name for concept in concepts_of(task.game)]
    atoms = [("concept", names.index(name)) for name in ("shortens", "lengthens")]
    one, both = (mean_and_worst(WeightedList(tuple(some), (1,) * len(some)), task) for some in (atoms[:1], atoms))
    held = task.weights @ np.bincount(
        task.graph.edge_parent[atoms_of(task.game, task.graph).edges(atoms[1])], minlength=task.graph.n_states
    )
    assert both[0] - one[0] == pytest.approx(task.weights @ task.graph.n_moves + held)
    assert both[1] > 2 * both[0]


def test_a_list_pays_for_what_it_tries() -> None:
    """The work of a rule is not paid in positions that an earlier rule decides."""
    task = make_task("hex-3")
    (policy,) = RuleListLearner(language="concepts").fit_path(task, [3], 0)
    atoms = atoms_of(task.game, task.graph)
    scores, graph = policy.scores(task), task.graph
    expected = np.zeros(graph.n_states)
    for state in graph.positions.tolist():
        best = scores[slice(*graph.edge_start[state : state + 2])].max()
        tried = policy.rules[: len(policy.rules) - int(best) + 1]
        literals = [literal.atom for rule in tried for literal in rule]
        expected[state] = sum(looks(atoms, atom) for atom in literals) * graph.n_moves[state]
        works: set[Callable[..., object]] = {work_of(atoms, atom) for atom in literals}
        expected[state] += sum(operations_of(work, task.game, graph)[state] for work in works)  # type: ignore[arg-type]
    np.testing.assert_allclose(np.broadcast_to(policy.operations(task), graph.n_states)[graph.positions], expected[graph.positions])


def test_the_parts_are_what_the_definition_says() -> None:
    assert 1 + len(SQUARE) == FLOOD
    assert making(make_task("tictactoe").game) == 9 + 2
