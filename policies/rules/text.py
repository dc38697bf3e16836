"""Rule lists in words."""

from collections.abc import Sequence

from policies.language.atoms import Atoms, Rule
from policies.language.patterns import WINDOWS


def list_in_words(atoms: Atoms, semantics: str, rules: Sequence[Rule]) -> str:
    """The list in words, so that a person can play by it."""
    lines = [*how_to_read(semantics, rules)]
    for number, rule in enumerate(rules, start=1):
        lines += rule_in_words(atoms, semantics, number, rule)
    return "\n".join([*lines, *otherwise(semantics)])


def how_to_read(semantics: str, rules: Sequence[Rule]) -> list[str]:
    """The lines before the first rule: how the list is played, and what the symbols of its pictures stand for."""
    lines = [
        "Go down the list; at the first rule that some legal move satisfies, play any move that satisfies it."
        if semantics == "first-match"
        else "Go down the list; at each rule keep only the moves that satisfy it, unless none of those left does. Play any that remains."
    ]
    if any(literal.kind in WINDOWS for rule in rules for literal in rule):
        lines.append("In the pictures: * the move, X yours, O theirs, . empty, # off the board, nothing or ?: anything.")
    return lines


def rule_in_words(atoms: Atoms, semantics: str, number: int, rule: Rule) -> list[str]:
    """The lines of one rule, with its number."""
    lead = "Keep" if semantics != "first-match" else "Play" if number == 1 else "Else play"
    lines = []
    for k, literal in enumerate(rule):
        head, *picture = atoms.describe(literal).splitlines()
        lines += [f"{number:>3}. {lead} a move that {head}" if k == 0 else f"     and {head}", *("        " + line for line in picture)]
    return lines


def otherwise(semantics: str) -> list[str]:
    """The line after the last rule, if there is one."""
    return ["     Else play any legal move."] if semantics == "first-match" else []
