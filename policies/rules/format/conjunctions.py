"""Rules of several literals, negated ones, and patterns with wildcards, as a sorted set in a file of rules."""

from collections.abc import Sequence

from games.errors import UsageError
from policies.codec.adaptive_coder import code_count, code_symbol
from policies.language.atoms import ALL_KINDS, Literal, Rule
from policies.language.patterns import WINDOWS, contents
from policies.rules.format.canonical_order import literal_key
from policies.rules.format.literals import Literals, check_whole, code_pattern

Key = tuple[bool, int, bool, tuple[int, ...]]


def code_phrases(literals: Literals, given: Sequence[Rule]) -> list[Rule]:
    """Rules by number of literals and then by literals, so that of what begins as the rule before does only the distance is written."""
    coder = literals.coder
    ordered = sorted(given, key=lambda rule: _order(rule, literals))
    n_rules = code_count(coder, "phrases", len(ordered))
    if n_rules and not literals.kinds:
        raise UsageError("this is no whole rule list: it has rules about nothing; fit it again")
    found: list[Rule] = []
    before: Rule = ()
    for i in range(n_rules):
        check_whole(coder, i, n_rules)
        rule = ordered[i] if ordered else ()
        n_literals = max(1, len(before) + code_count(coder, "more literals", max(0, len(rule) - len(before))))
        done: Rule = ()
        for k in range(n_literals):
            like = before[k] if n_literals == len(before) and done == before[:k] else None
            if like and coder.code(("same", k == n_literals - 1), int(bool(rule) and rule[k] == like)):
                done += (like,)
            else:
                done += (_code_literal(literals, rule[k] if rule else None, like, done[-1].kind if done else ""),)
            if k and literal_key(done[k]) <= literal_key(done[k - 1]):
                raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} is not in order; fit it again")
        if found and _order(done, literals) <= _order(before, literals):
            raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} is not in order; fit it again")
        found.append(done)
        before = done
    return found


def _order(rule: Rule, literals: Literals) -> tuple[int, list[Key]]:
    return len(rule), [_key(literal, literals) for literal in rule]


def _key(literal: Literal, literals: Literals) -> Key:
    """Atoms before negations, by kind; patterns that occur by index before others by their cells."""
    if literal.kind not in WINDOWS:
        return not literal.holds, ALL_KINDS.index(literal.kind), False, (literal.value,)
    index = literals.index(literal.kind, literal.value)
    where = (index,) if index >= 0 else tuple(contents(WINDOWS[literal.kind], literal.value))
    return not literal.holds, ALL_KINDS.index(literal.kind), index < 0, where


def _code_literal(literals: Literals, given: Literal | None, like: Literal | None, kind_before: str) -> Literal:
    """A literal; `like` is that of the rule before if all was alike until there, so that only larger ones can follow."""
    coder, kinds = literals.coder, literals.kinds
    holds = not coder.code("negated", int(given is not None and not given.holds))
    kind = kinds[code_symbol(coder, ("kind", kind_before), kinds.index(given.kind) if given else 0, len(kinds))]
    value = given.value if given and given.kind == kind else 0
    like = like if like and (like.kind, like.holds) == (kind, holds) else None
    if kind not in WINDOWS:
        return Literal(kind, literals.value(kind, value, like.value if like else 0), holds)
    if not like:
        return Literal(kind, literals.value(kind, value, 0), holds)
    values = literals.atoms.column(kind).values
    index, first = literals.index(kind, value), literals.index(kind, like.value)
    if first < 0 or coder.code((kind, "occurs not"), int(index < 0)):
        return Literal(kind, code_pattern(coder, WINDOWS[kind], value, contents(WINDOWS[kind], like.value) if first < 0 else ()), holds)
    index = first + 1 + code_count(coder, (kind, "next"), max(0, index - first - 1))
    if index >= len(values):
        raise UsageError("this is no whole rule list: it has a pattern that does not occur; fit it again")
    return Literal(kind, int(values[index]), holds)
