"""Rule lists of every kind of rule that a fitter can make, drawn at random."""

from functools import cache
from itertools import pairwise

from hypothesis import strategies as st

from policies.language.atoms import SEMANTICS, Literal, Rule
from policies.language.language import Language, make_language
from policies.language.patterns import ANYTHING, WINDOWS, canonical, contents, pattern
from policies.rules.rulelist import RuleList
from policies.task import make_task


@cache
def everything(game_id: str) -> Language:
    """The largest language of a game."""
    task = make_task(game_id)
    return make_language("concepts+lookahead-8+priority+patterns+cells+positions", task.game, task.graph)


@cache
def numbers_by_kind(game_id: str) -> list[range]:
    language = everything(game_id)
    return [range(a, b) for a, b in pairwise([0, *language.column_start.tolist(), language.n_predicates]) if b > a]


@st.composite
def literals(draw: st.DrawFn, game_id: str) -> Literal:
    """An atom of any kind, about as many of each; patterns also with wildcards; negated or not."""
    language = everything(game_id)
    numbers = draw(st.sampled_from(numbers_by_kind(game_id)))
    kind, value = language.predicate(draw(st.integers(numbers.start, numbers.stop - 1)))
    board = language.atoms.game.board
    if kind in WINDOWS and board is not None:
        hidden = draw(st.sets(st.integers(0, WINDOWS[kind].n_cells - 1), max_size=12))
        cells = [ANYTHING if i in hidden else content for i, content in enumerate(contents(WINDOWS[kind], value))]
        value = canonical(WINDOWS[kind], board.window_symmetries, pattern(WINDOWS[kind], cells))
    return Literal(kind, value, draw(st.booleans()))


def rules(game_id: str) -> st.SearchStrategy[Rule]:
    """Conjunctions of one to three literals."""
    return st.lists(literals(game_id), min_size=1, max_size=3, unique=True).map(tuple)


def rule_lists(game_id: str, largest: int = 12) -> st.SearchStrategy[RuleList]:
    """Lists without rules that say the same."""
    return st.builds(RuleList, st.sampled_from(SEMANTICS), st.lists(rules(game_id), max_size=largest, unique_by=frozenset).map(tuple))
