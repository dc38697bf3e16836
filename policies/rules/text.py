"""Rule lists in words."""

from collections.abc import Iterable, Sequence

from policies.explanation import LEGEND, Entry, Explanation
from policies.language.atoms import Atoms, Literal, Rule
from policies.language.patterns import WINDOWS


def list_in_words(atoms: Atoms, semantics: str, rules: Sequence[Rule]) -> Explanation:
    """The list in words, so that a person can play by it."""
    entries = tuple(rule_in_words(atoms, semantics, number, rule) for number, rule in enumerate(rules, start=1))
    return Explanation(how_to_read(semantics), entries, otherwise(semantics), legend(literal for rule in rules for literal in rule))


def how_to_read(semantics: str) -> str:
    """The line before the first rule: how the list is played."""
    if semantics == "first-match":
        return "Go down the list; at the first rule that some legal move satisfies, play any move that satisfies it."
    return "Go down the list; at each rule keep only the moves that satisfy it, unless none of those left does. Play any that remains."


def legend(literals: Iterable[Literal]) -> str:
    """What the symbols of pictures stand for; empty where no literal has one that needs it."""
    return LEGEND if any(literal.kind in WINDOWS for literal in literals) else ""


def rule_in_words(atoms: Atoms, semantics: str, number: int, rule: Rule) -> Entry:
    """One rule, with its number."""
    lead = "Keep" if semantics != "first-match" else "Play" if number == 1 else "Else play"
    found = [atoms.describe(literal) for literal in rule]
    lines: list[str] = []
    for k, each in enumerate(found):
        head = f"     and {each.text}" if k else f"{number:>3}. {lead} a move that {each.text}"
        lines += [head, *("        " + line for line in each.picture)]
    return Entry(
        text=" and ".join(each.beside for each in found),
        boards=tuple(each.board for each in found if each.board),
        brief=" and ".join(each.brief for each in found),
        lines=tuple(lines),
    )


def otherwise(semantics: str) -> str:
    """The line after the last rule; empty where there is none."""
    return "     Else play any legal move." if semantics == "first-match" else ""
