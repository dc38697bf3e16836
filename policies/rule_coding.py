"""The file format of rule lists."""

from games.errors import UsageError
from games.words import words_of
from policies import lookahead
from policies.api import Task
from policies.atoms import KINDS, LEVELS, WORD_KINDS, Literal, Rule
from policies.entropy import ONE, Coder, Decoder, code_count, code_symbol
from policies.patterns import ANYTHING, OFF_BOARD, WINDOWS, Window, contents, pattern
from policies.shortest import SEMANTICS

MOST_MISSING = 64  # bytes: a whole file lacks fewer, since only a run of zeros is left out at its end


def code_rules(coder: Coder, semantics: str, rules: tuple[Rule, ...] | None, task: Task) -> tuple[str, tuple[Rule, ...]]:
    """Semantics and rules as a file, in both directions: the encoder is given the rules, the decoder None.

    Semantics, which kinds of atoms occur, number of rules; then for each rule its literals: negated or not, their kind and: the
    word; the pattern cell by cell; the content of a cell; the move; or the distance from the previous single position. A file
    that names a rule twice was not written here: no learner repeats a rule, and foreign bytes soon do, so that even one that
    claims millions of rules is refused at once.
    """
    game, given = task.game, rules or ()
    used = {literal.kind for rule in given for literal in rule}
    semantics = SEMANTICS[coder.code_fixed(ONE // 2, SEMANTICS.index(semantics))]
    kinds = [kind for kind in KINDS if coder.code_fixed(ONE // 2, int(kind in used))]
    n_rules = code_count(coder, "rules", len(given))
    lacks_words = {"word", "only-word"} & {*kinds} and not words_of(game)
    if (n_rules and not kinds) or lacks_words or not (game.board or WINDOWS.keys().isdisjoint(kinds)):
        raise UsageError(f"this is no rule list for {game.id}: it is written in words that the game lacks")
    found: dict[Rule, None] = {}
    edge = 0
    for i in range(n_rules):
        if isinstance(coder, Decoder) and coder.n_missing > MOST_MISSING:
            raise UsageError(f"this is no whole rule list: it ends after {i} of {n_rules} rules; fit it again")
        literals: tuple[Literal, ...] = ()
        n_literals = 1 + code_count(coder, "literals", len(given[i]) - 1 if rules else 0)
        for k in range(n_literals):
            literal = given[i][k] if rules else Literal(kinds[0], 0)
            literal, edge = _code_literal(coder, literal, kinds, edge, task)
            if literal in literals:
                raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} says the same twice; fit it again")
            literals += (literal,)
        if isinstance(coder, Decoder) and literals in found:
            raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} stands in it twice; fit it again")
        found[literals] = None
    return semantics, tuple(found)


def _code_literal(coder: Coder, given: Literal, kinds: list[str], edge: int, task: Task) -> tuple[Literal, int]:
    holds = not coder.code("negated", int(not given.holds))
    kind = kinds[code_symbol(coder, "kind", kinds.index(given.kind), len(kinds))]
    if kind in WORD_KINDS:
        n_words = len(words_of(task.game) if kind.endswith("word") else lookahead.WORDS)
        value = code_symbol(coder, kind, given.value, n_words)
    elif kind == "position":
        edge = value = (edge + code_count(coder, "edge", (given.value - edge) % task.graph.n_edges)) % task.graph.n_edges
    elif kind == "move":
        value = code_symbol(coder, kind, given.value, task.game.n_actions)
    elif kind == "cell":
        levels = task.game.cell_levels()
        entry = code_symbol(coder, kind, given.value // LEVELS, len(levels))
        value = entry * LEVELS + code_symbol(coder, (kind, entry), given.value % LEVELS, levels[entry])
    else:
        value = code_pattern(coder, WINDOWS[kind], given.value)
    return Literal(kind, value, holds), edge


def code_pattern(coder: Coder, window: Window, code: int) -> int:
    """A pattern cell by cell, from the move outwards, each given its neighbours on the inside.

    A cell off the board has all cells behind it off the board too; and a cell off the axes is off the board only then. None of
    this is known behind a wildcard.
    """
    given, found = contents(window, code), [0]
    has_wildcards = coder.code("wildcards", int(ANYTHING in given))
    for i, (distance, inside) in enumerate(window.inside):
        around = tuple([found[cell] for cell in inside])
        if has_wildcards:
            content = code_symbol(coder, ("wild", distance, around), given[i], 5)
        elif OFF_BOARD in around:
            content = OFF_BOARD
        else:
            content = code_symbol(coder, (distance, around), given[i], 4 if len(inside) == 1 else 3)
        found.append(content)
    return pattern(window, found[1:])
