"""Rule lists in words."""

from collections.abc import Sequence

from policies.atoms import Atoms, Rule
from policies.patterns import WINDOWS


def list_in_words(atoms: Atoms, semantics: str, rules: Sequence[Rule]) -> str:
    """The list in words, so that a person can play by it."""
    first = semantics == "first-match"
    lines = [
        "Go down the list; at the first rule that some legal move satisfies, play any move that satisfies it."
        if first
        else "Go down the list; at each rule keep only the moves that satisfy it, unless none of those left does. Play any that remains."
    ]
    if any(literal.kind in WINDOWS for rule in rules for literal in rule):
        lines.append("In the pictures: * the move, X yours, O theirs, . empty, # off the board, nothing or ?: anything.")
    for i, rule in enumerate(rules, start=1):
        lead = ("Play" if i == 1 else "Else play") if first else "Keep"
        for k, literal in enumerate(rule):
            head, *picture = atoms.describe(literal).splitlines()
            lines += [f"{i:>3}. {lead} a move that {head}" if k == 0 else f"     and {head}", *("        " + line for line in picture)]
    return "\n".join([*lines, "     Else play any legal move." if first else ""]).rstrip()
