"""The claims of the paper on games, each with the rule of its verdict and what shows it.

Sentences are ours: none is quoted. `rule` says what makes a claim supported and what not supported; anything else is undecided.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.studies import paper_evidence as evidence
from bench.studies import paper_products as products
from bench.studies.paper_evidence import Evidence, Finding


@dataclass(frozen=True)
class Claim:
    """One claim of the paper."""

    part: str  # the heading under which the page shows it
    says: str
    rule: str
    where: str  # figures and pages
    command: str  # empty where nothing was measured
    judge: Callable[[Evidence], Finding]


TICTACTOE, GO, COUNTS = "Tic-tac-toe (Figure 1 A)", "Go (Figure 1 B)", "How many games, how many bits (Figure 1 C)"
NO_RULE = "no measurement on games can decide it"
REPORT = "gaincurve report reports/reference"
TAILS = "gaincurve tails reports/reference"
AXIS = "gaincurve axis reports/reference"

ABOUT_GAMES = (
    Claim(
        TICTACTOE,
        "Tic-tac-toe has 255,168 possible games.",
        "supported if the engine counts that number, else not",
        "[games](games/tictactoe.md)",
        "pytest tests/test_facts.py",
        evidence.n_games,
    ),
    Claim(
        TICTACTOE,
        "Three rules in the game's own concepts make a player unbeatable. (The paper's three are in a picture and are not known here.)",
        "supported if exhaustive search finds at most 3 of the twelve concepts for both seats, not supported if it proves that none do",
        "[minima](minima.md)",
        "gaincurve fit shortest --game tictactoe",
        evidence.three_concepts,
    ),
    Claim(
        TICTACTOE,
        "Three rules in some language make a player unbeatable.",
        "supported if the shortest list of some measured language has at most 3 rules for both seats, not supported if none has; "
        "a word of lookahead hides a search of up to four plies",
        "[minima](minima.md), Figure 1 A",
        "gaincurve fit shortest:language=lookahead+centre+corner+side,semantics=lexicographic --game tictactoe",
        evidence.three_with_lookahead,
    ),
    Claim(
        TICTACTOE,
        "The rules can be ordered by importance.",
        "supported if the gain of each further rule falls in the best list of each length and in the nested list, else not",
        "Figure 1 A, [rules](rules.md)",
        "gaincurve explain FILE --ablate",
        evidence.ordered_rules,
    ),
    Claim(
        TICTACTOE,
        "After a few rules nothing is left to say.",
        "supported if the fitted curve of the best policies ends, in units and in bits, not supported if in neither",
        "[tails](tails.md)",
        f"{TAILS} --game tictactoe",
        evidence.tictactoe_ends,
    ),
    Claim(
        GO,
        "Unbeatable Go takes many rules.",
        "supported if on every board of 1,000 positions with a certificate more single atoms are proved necessary than perfect tic-tac-toe "
        "takes, not supported if on none",
        "[bounds](bounds.md), Figure 1 B",
        "gaincurve verify reports/bounds/go-3x4.bounds",
        evidence.many_rules,
    ),
    Claim(
        GO,
        "The number of rules cannot be known.",
        NO_RULE,
        "[bounds](bounds.md)",
        "gaincurve verify reports/bounds/go-3x4.bounds",
        products.number_of_rules,
    ),
    Claim(
        GO,
        "The rules are heavy-tailed: what the best policies leave falls more slowly than an exponential.",
        "supported if the fitted curve is heavier than exponential in units and in bits on every board of 100,000 positions, not supported "
        "if it is anything lighter on one",
        "[tails](tails.md), Figure 1 B",
        f"{TAILS} --game go-3x4",
        evidence.fitted_tail,
    ),
    Claim(
        GO,
        "The best lists, whoever fits them, do not fall like an exponential.",
        "supported if proved numbers exclude every exponential on 3x3 and 3x4; they cannot show the opposite",
        "[tails](tails.md)",
        "python -m bench.studies tails exponential",
        evidence.no_exponential,
    ),
    Claim(
        GO,
        "After any small number of rules the others still carry much.",
        "supported if the best 16 units leave more than 10% of random play's regret on every board of 10,000 positions, not if on none",
        "[results](results.md), [bounds](bounds.md)",
        REPORT,
        evidence.small_number,
    ),
    Claim(
        GO,
        "That tail is knowledge of the game, and not of the positions that were fitted.",
        "supported if T(64) is above 0 with its band for every learner on every board of 100,000 positions, and 0 lies in its band for "
        "shuffled moves; not supported if it is above 0 for none",
        "[held-out boards](heldout.md)",
        f"{TAILS} --game go-2x6",
        evidence.knowledge_behind,
    ),
    Claim(
        GO,
        "People have tried to put Go into books, without much success.",
        "supported if on every board of 1,000 positions the book's list leaves more than twice what the best fitted policy of its length "
        "leaves, not supported if on none",
        "[rules](rules.md)",
        "gaincurve score go_beginner --game go-3x3",
        evidence.books,
    ),
    Claim(
        GO,
        "No compact expression is known of what a position is worth.",
        "supported if the bits of perfect play grow with the board, by the band of kappa and with any board left out, and every board is "
        "reached; not supported if they stay the same. Programs that search are left out: they are short and pay in time",
        "[axis](axis.md), [search](search.md)",
        AXIS,
        evidence.no_formula,
    ),
    Claim(
        GO,
        "In complex domains much shorter approximations play poorly.",
        "supported if on every board of 10,000 positions the best policy of a tenth of the bits of perfect play leaves more than 5% and "
        "does not keep the value, not supported if on none",
        "[axis](axis.md)",
        AXIS,
        evidence.shorter_is_worse,
    ),
    Claim(
        COUNTS,
        "Go has more than 10^10^48 possible games.",
        NO_RULE,
        "[definitions](definitions.md)",
        REPORT,
        products.games_of_go,
    ),
    Claim(
        COUNTS,
        "Far fewer games are reasonably probable than are possible.",
        "supported if two to the entropy of perfect play has at most half of the digits of all games, on every game measured; "
        "not supported if on none. Both sides choose evenly among optimal moves",
        "`bench/measures/play_entropy.py`",
        "python -m bench.studies paper",
        products.probable_games,
    ),
    Claim(
        COUNTS,
        "Knowledge that halves the number of games is useless, since a halving removes 0.30 digits of very many.",
        "supported if that is less than a tenth of the digits on the largest board and a smaller share than on the smallest, not supported "
        "if the share does not fall",
        "[results](results.md)",
        REPORT,
        products.halving,
    ),
    Claim(
        COUNTS,
        "So one piece of knowledge says next to nothing in such a domain. (Our reading.)",
        "supported if the best rule, weight or leaf removes less than a tenth of the digits on every Go board of 1,000 positions, not "
        "supported if on none: a rule applies at every move, so it takes a share of the digits",
        "[results](results.md)",
        REPORT,
        products.one_rule,
    ),
    Claim(
        COUNTS,
        "There are simple worlds with compact models and complicated ones without.",
        "supported if some family's largest board takes at most 64 bits to a gain of 0.9 and some other's at least 1,000, else not",
        "Figure 1 C, [axis](axis.md)",
        AXIS,
        products.two_worlds,
    ),
    Claim(
        COUNTS,
        "Systems for many tasks are less compressible than special ones.",
        "supported if in every comparison the file for several games is longer than the longest single one and takes at least 80% of "
        "their sum, not supported if it takes less than 80% in all",
        "[leverage](leverage.md)",
        "python -m bench.studies leverage",
        products.broad,
    ),
    Claim(COUNTS, "Where on this axis is the brain?", NO_RULE, "Figure 1 C, [axis](axis.md)", AXIS, products.brain),
)
