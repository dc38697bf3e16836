"""docs/definitions.md: those of the report, their sources, and the docstrings of the functions that compute them."""

import importlib
import inspect
import re
import textwrap

from bench.report.definitions import definitions
from bench.studies.page import Page, Part, linked

Entry = tuple[str, str, tuple[str, ...]]  # title, text, where it is computed

GROUND: list[Entry] = [
    (
        "State, position, contested position",
        """A *state* is all that the rules need: the board, whose turn it is, a ko point, passes. It is seen from the player to move
wherever the game is the same for both, and of states that a symmetry of the board exchanges one stands for all. A *position* is a
state in which somebody is to move. It is *contested* where not all legal moves are equally good.""",
        ("games.solving.graph:GameGraph", "games.solving.graph:enumerate_graph"),
    ),
    (
        "Value",
        """What perfect play from a state is worth, for the mover, in the game's own units: -1, 0, +1, or points. Endless play is worth
0. Where play can go round in circles let L be the value if endless play counted as the worst payoff for the mover, the least
fixpoint, and H if it counted as the best, the greatest; the value is 0 clamped between L and H.""",
        ("games.solving.solve:solve", "games.solving.solve:Solution"),
    ),
    (
        "Policy",
        """A score on every legal move of every position. The best-scored moves are chosen, ties at random. Nothing else is asked of a
policy, so every measure works on every policy, whatever it is made of.""",
        ("policies.api:Policy", "policies.api:action_probabilities"),
    ),
    (
        "Weights of positions",
        """How much each position counts in a mean. `strong`, also called `uniform`: each reachable position once. `semi_strong`: each
position once whose mover has made no mistake so far, whatever the other did, and no other. `play`: as often as a position is visited
when both sides play optimally but choose, with probability 0.1, uniformly among the legal moves. The *effective number of positions*,
1 / (sum of squared weights), is the number of positions of equal weight whose mean is as certain.""",
        (
            "policies.position_weights:position_weights",
            "games.solving.semi_strong:semi_strong",
            "policies.position_weights:effective_positions",
        ),
    ),
]
BEYOND: list[Entry] = [
    (
        "Expected results",
        """What a policy is expected to score against a uniformly random opponent, an optimal one (uniform over the optimal moves), a best
response, and itself, from either seat. Exploitability is NashConv / 2, as OpenSpiel computes it. Endless play is worth 0. Cycles of up
to 10,000 positions are solved by elimination without subtraction, so the numbers are right however rarely play leaves the cycle;
larger ones are swept until the numbers are known to within 1e-9, or else bounds are given (`is_exact`, `low`, `high`). A
best response is found by policy iteration, which tells two moves apart where their values differ by more than 1e-13 of what they
are made of; what a responder could win by repeating a smaller advantage is not counted.""",
        ("bench.measures.expected_scores:results", "bench.measures.expected_scores:Results"),
    ),
    (
        "Held-out gain, bound",
        """The gain on boards that were kept from the learner, and what the length of the file alone promises about all boards
(docs/heldout.md).""",
        ("policies.task:fitted_part", "bench.measures.pac_bayes:regret_bound"),
    ),
    (
        "Standard error of the gain",
        """Where the positions are a simple random sample of n, the gain is 1 - R/U, a ratio of two sample means: R of the policy's
regret r, U of the regret u of random play. By the delta method its variance is about the sum of (r - (R/U) u)^2, divided by
n (n - 1) U^2. Positions that count differently enter with their weights. Exceptions of a sample are bits a position, of those held out
where some are. Grades, expected results and games left need every position, and are not given for a sample. Sources: Cochran, Sampling
Techniques (3rd ed. 1977), section 2.11; of draws by weight Duffield, Lund and Thorup, J. ACM 54 (2007).""",
        ("bench.measures.gain_error:gain_error", "bench.measures.coding:exception_rate", "policies.sampled_task:draw_by_weight"),
    ),
    (
        "Reference codelengths",
        """What optimal moves take without a policy: the table of a solved game by general compressors, and by the coder of the
exceptions alone (docs/codelength.md).""",
        ("bench.measures.references:compress_moves", "bench.measures.references:compress_values"),
    ),
    (
        "Prequential codelength",
        """Bits of optimal moves when no policy is sent, but fitted anew by who reads to what was sent before (docs/prequential.md).""",
        ("bench.measures.prequential:encode",),
    ),
    (
        "Intrinsic dimension",
        """The smallest number of random directions in which a network can be trained to 90 % (d90), or all (d100), of the gain of the
whole network (docs/dimension.md).""",
        ("bench.measures.dimension:Ladder",),
    ),
    (
        "What a rule is worth",
        """What is lost without it, and the mean of what it adds when the rules of a list are put in one by one in random order
(docs/rules.md).""",
        ("bench.measures.ablate:importance", "bench.measures.rule_facts:rule_facts"),
    ),
]
COMPUTED: dict[str, tuple[str, ...]] = {  # where each definition of the report is computed
    "position": ("games.solving.graph:GameGraph.positions",),
    "unit": ("policies.api:Policy.size",),
    "regret": ("policies.api:Task.regret",),
    "gain": ("policies.api:Task.gain", "bench.curves.curve:Step"),
    "policy_bits": ("bench.measures.coding:describe",),
    "exception_bits": ("bench.measures.coding:describe",),
    "codelength": ("bench.measures.coding:Description.codelength",),
    "language_bits": ("bench.measures.coding:compressed_source", "bench.measures.reader:comparable_language_bits"),
    "bits_to": ("bench.curves.curve:bits_to", "bench.curves.curve:units_to", "bench.curves.curve:bits_to_value"),
    "operations": ("policies.api:Policy.operations", "policies.api:mean_and_worst", "games.concepts.concept:Concept.shared_work"),
    "grades": ("bench.measures.grades:grades", "bench.measures.grades:Grades", "bench.measures.grades:Grades.plays_perfectly"),
    "results": ("bench.measures.expected_scores:Results",),
    "error_rate": ("bench.measures.error_rate:error_rate",),
    "missing_bits": ("bench.measures.information:missing_bits",),
    "weak": ("bench.measures.own_lines:encode_own_lines",),
    "games_left": ("bench.measures.information:games_left",),
    "tail": ("bench.tails.verdict:tail_of",),
    "transfer": ("bench.measures.transfer:transfer", "bench.tails.transfer:held_out_verdict"),
    "envelope": ("bench.curves.envelope:envelope_of", "bench.tails.games:judge_games", "bench.tails.games:held_out_game"),
    "shape": ("bench.tails.verdict:Part", "bench.tails.slopes:Stretch"),
    "models": ("bench.tails.models:tables",),
    "extrapolation_error": ("bench.tails.models:extrapolation_errors",),
    "kappa": ("bench.scaling.power_law:fit_power",),
    "left_out": ("bench.scaling.power_law:Check",),
    "extrapolation": ("bench.scaling.power_law:predict", "bench.scaling.power_law:Scaling.decides"),
    "measures": ("bench.report.parts.views:views_of", "bench.report.parts.losses:loss_view"),
    "shape_of_losses": ("bench.report.parts.losses:shape_of",),
    "equal_bits": ("bench.curves.front:standing", "bench.report.parts.lists_vs_networks:rivals_section"),
    "recipe": ("bench.measures.recipe:recipe_of",),
}


def entries() -> dict[str, str]:
    """The entries as the definitions and docstrings of this checkout make them."""
    report = [(each.title, each.text, COMPUTED.get(key, ())) for key, each in definitions().items()]
    blocks = {"entries.ground": GROUND, "entries.report": report, "entries.beyond": BEYOND}
    return {name: "\n\n".join(entry(*each) for each in told) for name, told in blocks.items()}


def entry(title: str, text: str, places: tuple[str, ...]) -> str:
    """One definition, with what the code says that computes it."""
    told = linked(" ".join(text.split()))
    lines = [f"- `{place.replace(':', '.')}`: {said_by(place)}" for place in places]
    return "\n\n".join(
        [f"### {title}", "\n".join(textwrap.wrap(told, 132, break_on_hyphens=False)), *(["\n".join(lines)] if lines else [])]
    )


def said_by(place: str) -> str:
    """The first paragraph of the docstring of a function, a class or a member of one, less the shape of what it gives."""
    module, _, path = place.partition(":")
    found = importlib.import_module(module)
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    first = " ".join((inspect.getdoc(found) or "").partition("\n\n")[0].split())
    return re.sub(r":? \[[a-z_, ]+\]\.?$", "", first)


PAGES = (Page("definitions.md", {"entries": Part(entries)}),)
