"""Symbolic policies: gplearn's genetic programming over the atoms of a language; the score of a move is a formula.

Free-form formulas are searched as in Schmidt and Lipson, "Distilling free-form natural laws from experimental data" (2009). The
fitness is the regret itself: the move with the largest value is played, ties at random. Atoms count 1 where they hold and 0 where
not; constants are few and small, so that no rounding stands between what was searched and what is written.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError, WorkError
from games.jit import njit
from policies.api import FitPath, Range, Scores, Task, check_budgets
from policies.baselines.common import NFeatures, NPositions, check_options, needs_extra, sample_positions
from policies.codec.adaptive_coder import Coder, Decoder, Encoder, code_symbol
from policies.explanation import Entry, Explanation
from policies.language.atoms import Literal, Predicate, atoms_of
from policies.language.features import make_features
from policies.language.language import LanguageName, is_mechanical, make_language
from policies.language.work import Count
from policies.rules.format.literals import code_rules

Symbol = str | Predicate | float  # an operator, an atom or a constant

OPERATORS: dict[str, tuple[Callable[..., Any], int]] = {  # gplearn's names; the same on every machine, since none sums an array
    "add": (np.add, 2),
    "sub": (np.subtract, 2),
    "mul": (np.multiply, 2),
    "min": (np.minimum, 2),
    "max": (np.maximum, 2),
    "neg": (np.negative, 1),
}
SIGNS = {"add": "+", "sub": "−", "mul": "×"}
CONSTANTS = (0.25, 0.5, 1.0, 2.0, 4.0)
MAX_SYMBOLS = 255  # so that no product leaves the range of float64
PARSIMONY = 0.0005  # of random play's regret, for each symbol


@dataclass(frozen=True)
class Formula:
    """A formula in prefix notation."""

    symbols: tuple[Symbol, ...]

    @property
    def size(self) -> int:
        return len(self.symbols)

    @cached_property
    def used(self) -> tuple[Predicate, ...]:
        """The atoms in the order of their first use."""
        return tuple(dict.fromkeys(symbol for symbol in self.symbols if isinstance(symbol, tuple)))

    def scores(self, task: Task) -> Scores:
        atoms, n_edges = atoms_of(task.game, task.graph), task.graph.n_edges
        columns = {atom: np.zeros(n_edges) for atom in self.used}
        for atom, column in columns.items():
            column[atoms.edges(atom)] = 1.0
        return evaluate(self.symbols, columns, n_edges)

    def operations(self, task: Task) -> Float64s:
        """Each atom is asked for on all moves, and each other symbol is an operation a move. [n_states]"""
        count = Count(atoms_of(task.game, task.graph))
        count.ask_all(symbol for symbol in self.symbols if isinstance(symbol, tuple))
        return count.total + sum(not isinstance(symbol, tuple) for symbol in self.symbols) * task.graph.n_moves


@dataclass(frozen=True)
class SymbolicLearner:
    """Evolves one population on a sample of the positions; budgets count symbols.

    For each budget, the best formula found with at most that number of symbols and more than the formula of the previous budget
    has. Budgets without such a formula are skipped at the start of the path; the first one later on ends it.
    """

    language: LanguageName = "concepts+patterns"
    positions: NPositions = 1000
    features: NFeatures = 30
    population: Annotated[int, Range(2, 1_000_000), "formulas of a generation"] = 500
    generations: Annotated[int, Range(1, 1_000_000), "how often formulas are bred from the best of the generation before"] = 20

    name = "symbolic"
    unit = "symbols"
    is_nested = False

    def __post_init__(self) -> None:
        check_options(self, positions=1, features=1, population=2, generations=1)
        if is_mechanical(self.language):
            raise UsageError(f"{self.name} option language={self.language!r}: its files name no effects; leave mechanical out")

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [1, 3, 7, 15, 31, 63]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[Formula]:
        best = self._best_by_size(task, seed)
        previous = 0
        for budget in check_budgets(budgets):
            sizes = [size for size in sorted(best) if previous < size <= budget]
            if sizes:
                previous = min(sizes, key=lambda size: best[size][0])
                yield best[previous][1]
            elif previous:
                break  # longer formulas may have been met all the same
        if not previous:
            raise WorkError(
                f"{self.name} met no formula of up to {budget} symbols: give a larger budget, population or number of generations"
            )
        return previous >= max(best)

    def _best_by_size(self, task: Task, seed: int) -> dict[int, tuple[float, Formula]]:
        """For each number of symbols that was met the least regret on the sample, and the first formula that had it."""
        with needs_extra(self.name):
            from gplearn.fitness import make_fitness
            from gplearn.genetic import SymbolicRegressor
        language = make_language(self.language, task.game, task.graph)
        sample = sample_positions(task, self.positions, seed)
        features = make_features(task, language, self.features, sample.edges)
        names: list[Symbol] = [*(language.predicate(number) for number in features.numbers.tolist()), *CONSTANTS]
        regret = task.solution.regret[features.edges].astype(np.float64)
        start = np.concatenate([[0], np.cumsum(task.graph.n_moves[sample.positions])]).astype(np.int64)
        if not len(features.numbers):
            return {1: (0.0, Formula((1.0,)))}
        table = np.concatenate([features.dense(), np.tile(CONSTANTS, (len(regret), 1))], axis=1)
        counts = sample.counts / np.sum(sample.counts * (np.add.reduceat(regret, start[:-1]) / np.diff(start)))

        def share_of_random(_target: Float64s, values: Float64s, _weights: Float64s) -> float:
            return mean_regret(start, values, regret, counts) if len(values) == len(regret) else 0.0  # gplearn tries it on two rows

        model = SymbolicRegressor(
            population_size=self.population,
            tournament_size=min(20, self.population),
            const_range=None,
            function_set=tuple(OPERATORS),
            metric=make_fitness(function=share_of_random, greater_is_better=False, wrap=False),
            parsimony_coefficient=PARSIMONY,
            warm_start=True,
            low_memory=True,
            random_state=seed % 2**32,
        )
        best: dict[int, tuple[float, Formula]] = {}
        for generation in range(1, self.generations + 1):
            model.set_params(generations=generation).fit(table, regret)
            for program in model._programs[-1]:
                size, fitness = program.length_, float(program.raw_fitness_)
                if size <= MAX_SYMBOLS and (size not in best or fitness < best[size][0]):
                    best[size] = fitness, Formula(tuple(_symbol(part, names) for part in program.program))
        return best

    def encode(self, policy: Formula, task: Task) -> bytes:
        coder = Encoder()
        task.graph.require(None, "a file of a formula")  # only the closed code is written
        code_formula(coder, policy, task)
        return coder.finish()

    def decode(self, data: bytes, task: Task) -> Formula:
        task.graph.require(None, "a file of a formula")
        policy = code_formula(Decoder(data), None, task)
        if self.encode(policy, task) != data:
            raise UsageError(f"these {len(data)} bytes are no formula for {task.game.id}: the file is damaged, or another learner wrote it")
        return policy

    def source(self, policy: Formula, task: Task) -> str:
        """The atoms, how a formula is evaluated, and the format."""
        parts = "\n".join(inspect.getsource(part) for part in (evaluate, code_formula))
        return "\n".join([parts, atoms_of(task.game, task.graph).source(policy.used)])

    def explain(self, policy: Formula, task: Task) -> Explanation:
        """The formula, with a letter for each atom, and what the letters stand for."""
        atoms = atoms_of(task.game, task.graph)
        letters = {atom: f"a{i}" for i, atom in enumerate(policy.used, start=1)}
        entries = []
        for atom, letter in letters.items():
            text, beside, brief, picture, board = atoms.describe(Literal(*atom))
            said, page, short = (f"{letter} is 1 if the move {condition}, else 0" for condition in (text, beside, brief))
            lines = (said, *("    " + line for line in picture))
            entries.append(Entry(page, (board,) if board else (), None, short, lines))
        return Explanation(f"Play the move for which this is largest: {_infix(policy.symbols, letters)}", tuple(entries))


def evaluate(symbols: Sequence[Symbol], columns: dict[Predicate, Float64s], n_rows: int) -> Float64s:
    """The value of a formula in prefix notation on every row. [n_rows]"""
    stack: list[Float64s] = []
    for symbol in reversed(symbols):
        if isinstance(symbol, str):
            function, arity = OPERATORS[symbol]
            stack.append(function(*(stack.pop() for _ in range(arity))))
        else:
            stack.append(columns[symbol] if isinstance(symbol, tuple) else np.full(n_rows, symbol))
    return stack.pop()


@njit
def mean_regret(start: Int64s, values: Float64s, regret: Float64s, counts: Float64s) -> float:
    """The regret of playing the row with the largest value of each position, ties at random, weighted by `counts`."""
    total = 0.0
    for i in range(counts.shape[0]):
        best, lost, n_best = values[start[i]], 0.0, 0
        for row in range(start[i], start[i + 1]):
            if values[row] > best:
                best, lost, n_best = values[row], 0.0, 0
            if values[row] == best:
                lost += regret[row]
                n_best += 1
        total += counts[i] * lost / max(n_best, 1)
    return total


def code_formula(coder: Coder, policy: Formula | None, task: Task) -> Formula:
    """The file format in both directions (the decoder is given None): the atoms as a list of rules of one literal, the symbols."""
    given = None if policy is None else tuple((Literal(*atom),) for atom in policy.used)
    _, rules = code_rules(coder, "first-match", given, task)
    if any(len(rule) != 1 for rule in rules):
        raise UsageError(f"this is no formula for {task.game.id}: atoms stand alone in it")
    names: list[Symbol] = [*(policy.used if policy else (rule[0].atom for rule in rules)), *CONSTANTS]
    operators = list(OPERATORS)
    symbols: list[Symbol] = []
    n_open = 1
    while n_open:
        if len(symbols) == MAX_SYMBOLS:
            raise UsageError(f"this is no whole formula: it has more than {MAX_SYMBOLS} symbols; fit it again")
        symbol: Symbol = policy.symbols[len(symbols)] if policy else names[0]
        if coder.code("operator", int(isinstance(symbol, str))):
            symbol = operators[code_symbol(coder, "which", operators.index(symbol) if isinstance(symbol, str) else 0, len(operators))]
            n_open += OPERATORS[symbol][1] - 1
        else:
            symbol = names[code_symbol(coder, "name", 0 if isinstance(symbol, str) else names.index(symbol), len(names))]
            n_open -= 1
        symbols.append(symbol)
    return Formula(tuple(symbols))


def _symbol(part: Any, names: Sequence[Symbol]) -> Symbol:
    """A function or the number of a column, as gplearn writes them."""
    return names[int(part)] if isinstance(part, int | np.integer) else str(part.name)


def _infix(symbols: Sequence[Symbol], letters: dict[Predicate, str]) -> str:
    stack: list[str] = []
    for symbol in reversed(symbols):
        if not isinstance(symbol, str):
            stack.append(letters[symbol] if isinstance(symbol, tuple) else f"{symbol:g}")
            continue
        parts = [stack.pop() for _ in range(OPERATORS[symbol][1])]
        sign = SIGNS.get(symbol)
        stack.append(f"({f' {sign} '.join(parts)})" if sign else f"−{parts[0]}" if symbol == "neg" else f"{symbol}({', '.join(parts)})")
    return stack.pop()
