"""The file of a rule list, and the bits of its parts."""

from games.errors import UsageError
from policies.api import Task
from policies.codec.adaptive_coder import ONE, Decoder, Encoder, ideal_bits
from policies.language.atoms import SEMANTICS, Rule, atoms_of
from policies.rules.format.canonical_order import tidy_rules
from policies.rules.format.literals import CLOSED, MAX_MISSING, code_rules, is_open
from policies.rules.format.set_coding import Note, code_sets

SHORT = 40  # rules: up to here a list in tidy order is also tried as a sequence


def write_rules(semantics: str, rules: tuple[Rule, ...], task: Task, code: str = CLOSED) -> bytes:
    """A tidy first-match list as sets (policies/rules/format/set_coding.py), any other as a sequence; a short one as what is shorter.

    With the open code a list is always a sequence, so that its bytes are the same on every graph of the game.
    """
    return _encode(semantics, rules, task, code)[0].finish()


def read_rules(data: bytes, task: Task, code: str = CLOSED) -> tuple[str, tuple[Rule, ...]]:
    """Semantics and rules that `write_rules` wrote; raises UsageError for other bytes, except that some of them make a list too."""
    decoder = Decoder(data)
    if is_open(code) or decoder.code_fixed(ONE // 2):
        found = code_rules(decoder, SEMANTICS[0], None, task, code)
    else:
        found = SEMANTICS[0], code_sets(decoder, None, task, lambda part: None, code)
    if decoder.n_missing > MAX_MISSING or len(data) > int(decoder.state[2]):
        raise UsageError(f"this is no whole rule list: {len(data)} bytes are too {'few' if decoder.n_missing else 'many'}; fit it again")
    return found


def rule_parts(semantics: str, rules: tuple[Rule, ...], task: Task, code: str = CLOSED) -> dict[str, float]:
    """The ideal length in bits of each part of a list's file: minus the logarithm of the probabilities that it is written with.

    `kinds` (which kinds of atoms there are), `concepts` (which concepts, and rules of several literals), `patterns` (which of those
    that occur), `order`, `positions`; or `sequence` for a list that is written rule by rule.
    """
    encoder, marks = _encode(semantics, rules, task, code)
    bits = ideal_bits(*encoder.decisions())
    parts: dict[str, float] = {}
    for (part, begin), (_, end) in zip(marks, [*marks[1:], ("", len(bits))], strict=True):
        parts[part] = parts.get(part, 0.0) + float(bits[begin:end].sum())
    return parts


def _encode(semantics: str, rules: tuple[Rule, ...], task: Task, code: str) -> tuple[Encoder, list[tuple[str, int]]]:
    """The coder of the shorter form, and where each of its parts begins."""
    if is_open(code):
        opened = Encoder()
        code_rules(opened, semantics, rules, task, code)
        return opened, [("sequence", 0)]
    is_tidy = semantics == SEMANTICS[0] and tidy_rules(rules, atoms_of(task.game, task.graph)) == rules
    found: list[tuple[Encoder, list[tuple[str, int]]]] = []
    for is_sequence in (False, True):
        if is_tidy if not is_sequence else not is_tidy or len(rules) <= SHORT:
            encoder = Encoder()
            marks = [("kinds", 0)]
            encoder.code_fixed(ONE // 2, int(is_sequence))
            if is_sequence:
                marks.append(("sequence", 1))
                code_rules(encoder, semantics, rules, task, code)
            else:
                code_sets(encoder, rules, task, _noting(encoder, marks), code)
            found.append((encoder, marks))
    return min(found, key=lambda each: len(each[0].finish()))


def _noting(encoder: Encoder, marks: list[tuple[str, int]]) -> Note:
    return lambda part: marks.append((part, encoder.n_decisions))
