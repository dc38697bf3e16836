"""Rule lists: ordered rules "play a move that ..." over a language of predicates, their file format and their learner.

`first-match`: the first rule that some legal move satisfies decides, and any move that satisfies it may be played.
`lexicographic`: each rule in turn narrows the moves, wherever some of those left satisfy it. Where no rule applies, any legal
move may be played.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from games.errors import UsageError
from games.words import words_of
from policies import lookahead
from policies.api import Scores, Task, budget_ladder, check_budgets
from policies.entropy import ONE, Coder, Decoder, Encoder, code_count, code_symbol
from policies.greedy import Fit, fit_greedy
from policies.language import KINDS, Language, Predicate, language_of, make_language
from policies.patterns import OFF_BOARD, WINDOWS, Window
from policies.shortest import SEMANTICS

MOST_MISSING = 64  # bytes: a whole file lacks fewer, since only a run of zeros is left out at its end


@dataclass(frozen=True)
class RuleList:
    """A rule list: one predicate a rule, the first rule first."""

    semantics: str
    rules: tuple[Predicate, ...]

    @property
    def size(self) -> int:
        return len(self.rules)

    def scores(self, task: Task) -> Scores:
        """How far down the list a move stays in play.

        Under `first-match`, the number of rules from the first one that the move satisfies to the end; under
        `lexicographic`, the number of rules that the move survives.
        """
        language = language_of(self.rules, task.game, task.graph)
        scores = np.zeros(task.graph.n_edges)
        if self.semantics == "first-match":
            for score, rule in enumerate(reversed(self.rules), start=1):
                scores[language.edges(language.number(rule))] = score
            return scores
        left = np.ones(task.graph.n_edges, dtype=bool)
        for score, rule in enumerate(self.rules, start=1):
            holds = np.zeros(task.graph.n_edges, dtype=bool)
            holds[language.edges(language.number(rule))] = True
            narrowed = np.zeros(task.graph.n_states, dtype=bool)
            narrowed[task.graph.edge_parent[holds & left]] = True
            left &= holds | ~narrowed[task.graph.edge_parent]
            scores[left] = score
        return scores

    def operations(self, task: Task) -> float:
        """Mean number of predicates evaluated: rules tried times legal moves."""
        graph, n_moves = task.graph, task.graph.n_moves
        tried = np.full(graph.n_states, float(len(self.rules)))
        if self.semantics == "first-match":
            best = np.zeros(graph.n_states)
            np.maximum.at(best, graph.edge_parent, self.scores(task))
            tried = np.minimum(tried, len(self.rules) - best + 1)
        return float(np.dot(task.weights, tried * n_moves))


@dataclass(frozen=True)
class RuleListLearner:
    """Fits rule lists greedily (policies/greedy.py); the prefixes of one fit are the policies of all budgets."""

    language: str = "words+patterns+positions"
    semantics: str = "first-match"

    name = "rulelist"
    unit = "rules"

    def __post_init__(self) -> None:
        if self.semantics not in SEMANTICS:
            raise UsageError(f"unknown semantics {self.semantics!r}: one of {', '.join(SEMANTICS)}")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no rule gains any more."""
        return sorted({*range(1, 17), *budget_ladder(max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        fit = fit_greedy(task, language, self.semantics, chosen[-1])
        n_rules = len(fit.predicates)
        for budget in [*(budget for budget in chosen if budget < n_rules), min(n_rules, chosen[-1])]:
            yield tidy(RuleList(self.semantics, in_order(fit, budget, language)), task)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        encoder = Encoder()
        code_list(encoder, policy, task)
        return encoder.finish()

    def decode(self, data: bytes, task: Task) -> RuleList:
        return code_list(Decoder(data), None, task)

    def source(self, policy: RuleList, task: Task) -> str:
        return language_of(policy.rules, task.game, task.graph).source(policy.rules)

    def explain(self, policy: RuleList, task: Task) -> str:
        return explain(policy, task)


def in_order(fit: Fit, n_rules: int, language: Language) -> tuple[Predicate, ...]:
    """The list that stands after the first `n_rules` rules of a fit were added."""
    added = list(zip(fit.predicates[:n_rules], fit.in_front[:n_rules], strict=True))
    numbers = [number for number, in_front in reversed(added) if in_front] + [number for number, in_front in added if not in_front]
    return tuple(language.predicate(number) for number in numbers)


def tidy(policy: RuleList, task: Task) -> RuleList:
    """The same play without the rules that never decide; single positions first and in order, which makes them cheap to write."""
    if policy.semantics != "first-match":
        return policy
    scores = policy.scores(task)
    deciding = np.zeros(task.graph.n_states)
    np.maximum.at(deciding, task.graph.edge_parent, scores)
    n_rules = len(policy.rules)
    alive = [policy.rules[n_rules - int(score)] for score in np.unique(deciding)[::-1] if score > 0]
    positions = sorted(rule for rule in alive if rule[0] == "position")
    return RuleList(policy.semantics, (*positions, *(rule for rule in alive if rule[0] != "position")))


def code_list(coder: Coder, policy: RuleList | None, task: Task) -> RuleList:
    """The file format of a rule list, in both directions: the encoder is given the policy, the decoder None.

    Semantics, which kinds of predicates occur, number of rules; then for each rule its kind and: the word; the pattern cell by
    cell; or the distance from the previous single position. A file that names a rule twice was not written here: no learner
    repeats a rule, and foreign bytes soon do, so that even one that claims millions of rules is refused at once.
    """
    given = policy or RuleList(SEMANTICS[0], ())
    used = {kind for kind, _ in given.rules}
    n_values = {"word": len(words_of(task.game)), "lookahead": len(lookahead.WORDS)}
    semantics = SEMANTICS[coder.code_fixed(ONE // 2, SEMANTICS.index(given.semantics))]
    kinds = [kind for kind in KINDS if coder.code_fixed(ONE // 2, int(kind in used))]
    n_rules = code_count(coder, "rules", len(given.rules))
    lacks_words = "word" in kinds and not words_of(task.game)
    if (n_rules and not kinds) or lacks_words or not (task.game.board or WINDOWS.keys().isdisjoint(kinds)):
        raise UsageError(f"this is no rule list for {task.game.id}: it is written in words that the game lacks")
    rules: dict[Predicate, None] = {}
    kind, edge = "", 0
    for i in range(n_rules):
        if isinstance(coder, Decoder) and coder.n_missing > MOST_MISSING:
            raise UsageError(f"this is no whole rule list: it ends after {i} of {n_rules} rules; fit it again")
        given_kind, given_value = given.rules[i] if policy else (kinds[0], 0)
        kind = kinds[code_symbol(coder, ("kind", kind), kinds.index(given_kind), len(kinds))]
        if kind in n_values:
            value = code_symbol(coder, kind, given_value, n_values[kind])
        elif kind == "position":
            edge = value = (edge + code_count(coder, "edge", (given_value - edge) % task.graph.n_edges)) % task.graph.n_edges
        else:
            value = code_pattern(coder, WINDOWS[kind], given_value)
        if isinstance(coder, Decoder) and (kind, value) in rules:
            raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} stands in it twice; fit it again")
        rules[kind, value] = None
    return RuleList(semantics, tuple(rules))


def code_pattern(coder: Coder, window: Window, code: int) -> int:
    """A pattern cell by cell, from the move outwards, each given its neighbours on the inside.

    A cell off the board has all cells behind it off the board too; and a cell off the axes is off the board only then.
    """
    contents = [0]
    result = 0
    for i, (distance, inside) in enumerate(window.inside):
        around = tuple([contents[cell] for cell in inside])
        if OFF_BOARD in around:
            content = OFF_BOARD
        else:
            content = code_symbol(coder, (distance, around), code >> 2 * i & 3, 4 if len(inside) == 1 else 3)
        contents.append(content)
        result |= content << 2 * i
    return result


def explain(policy: RuleList, task: Task) -> str:
    """The list in words, so that a person can play by it."""
    language = language_of(policy.rules, task.game, task.graph)
    first = policy.semantics == "first-match"
    lines = [
        "Go down the list; at the first rule that some legal move satisfies, play any move that satisfies it."
        if first
        else "Go down the list; at each rule keep only the moves that satisfy it, unless none of those left does. Play any that remains."
    ]
    if any(kind in WINDOWS for kind, _ in policy.rules):
        lines.append("In the pictures: * the move, X yours, O theirs, . empty, # off the board, nothing: anything.")
    for i, rule in enumerate(policy.rules, start=1):
        lead = ("Play" if i == 1 else "Else play") if first else "Keep"
        head, *picture = language.describe(rule, task.game).splitlines()
        lines += [f"{i:>3}. {lead} a move that {head}", *("        " + line for line in picture)]
    return "\n".join([*lines, "     Else play any legal move." if first else ""]).rstrip()
