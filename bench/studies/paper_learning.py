"""The claims of the paper on what is learned, by networks and by brains; as in bench/studies/paper_claims.py."""

from bench.studies import paper_products as products
from bench.studies.paper_claims import AXIS, NO_RULE, REPORT, Claim
from bench.studies.paper_evidence import not_here
from bench.studies.paper_neuroscience import methods_of_neuroscience

NETWORKS, PRINCIPLES, BRAINS = "Trained networks", "Principles and data (Figure 2)", "Brains and people"

ABOUT_LEARNING = (
    Claim(
        NETWORKS,
        "Networks that play well are as complex as their game.",
        "supported if the bits of the shortest network of a gain of 0.9 grow with the Go board, by the band of kappa and with any board "
        "left out; not supported if they do not",
        "[axis](axis.md), [networks](networks.md)",
        AXIS,
        products.networks_grow,
    ),
    Claim(
        NETWORKS,
        "Networks can be compressed a lot, and still are not compact.",
        "supported if on Go 3x3 and 3x4 some pipeline makes the file ten times smaller at 0.01 less gain, with over 1,000 bits; not "
        "supported if on neither. One network each",
        "[compression](compression.md)",
        "gaincurve compress --game go-3x3",
        products.compression,
    ),
    Claim(
        NETWORKS,
        "ImageNet networks cannot go below about 100,000 numbers.",
        NO_RULE,
        "[dimension](dimension.md)",
        "",
        not_here("No pictures here. Its bits stand on Figure 1 C as a mark, not measured."),
    ),
    Claim(
        NETWORKS,
        "Even small trained networks do not become readable.",
        "supported if a plain network takes more than 30 rules for 90% of its choices on every game and level of gain measured, not "
        "supported if on none; rules found greedily, so upper bounds",
        "[heuristics](heuristics.md)",
        "gaincurve explain FILE --units",
        products.unreadable,
    ),
    Claim(
        NETWORKS,
        "No compact mid-level description works in a complex domain.",
        "supported if on every Go board of 10,000 positions no measured policy of at most 30 rules, weights or leaves keeps the value or "
        "leaves less than 10%, not supported if on none",
        "[axis](axis.md), [bounds](bounds.md)",
        AXIS,
        products.no_mid_level,
    ),
    Claim(
        NETWORKS,
        "Strong modularity, near linearity or noise may make a network easier to understand.",
        "supported if one of these takes fewer rules than a plain network of equal gain in most comparisons, not if each takes more "
        "in most",
        "[heuristics](heuristics.md)",
        "gaincurve fit network:depth=2,groups=4 --game tictactoe --budget 16",
        products.easier,
    ),
    Claim(
        NETWORKS,
        "Tuning, lesions and sensitivity do not tell how a network works.",
        "supported if none of them recovers more of planted rules than its controls in either reading, beyond the band over ten lists; "
        "not supported if each does in both. Networks of one layer of 16 units",
        "[neuroscience](neuroscience.md)",
        "python -m bench.studies neuroscience planted",
        methods_of_neuroscience,
    ),
    Claim(
        NETWORKS,
        "It may be possible to prove that something cannot be understood compactly.",
        "supported if some game has a checked certificate that lists of many rules leave something, not supported if none has",
        "[bounds](bounds.md)",
        "gaincurve verify reports/bounds/go-3x4.bounds",
        products.provable,
    ),
    Claim(
        PRINCIPLES,
        "Recipes are far shorter than what is learned by them.",
        "supported if the product is longer than its recipe on more than 80% of the curves of all games, not supported if on none",
        "[results](results.md)",
        REPORT,
        products.recipes_shorter,
    ),
    Claim(
        PRINCIPLES,
        "What is learned grows with the task; the recipe does not.",
        "supported if from the smallest to the largest Go board each recipe grows by less than a tenth and its product by more, not "
        "supported if a recipe grows",
        "[results](results.md)",
        REPORT,
        products.products_grow,
    ),
    Claim(
        PRINCIPLES,
        "Learned information cannot be compressed.",
        "supported if on every Go board of 1,000 positions perfect play with a policy takes at least 95% of the bits without one, "
        "not supported if at most 90% on every one. The language is not counted",
        "[codelength](codelength.md), [prequential](prequential.md)",
        AXIS,
        products.incompressible,
    ),
    Claim(
        PRINCIPLES,
        "A recipe gives leverage: the same one serves many tasks.",
        "supported if at least three learners, their options unchanged, gain 0.9 on 80% of the games, not supported if none does",
        "[results](results.md)",
        "gaincurve run standard --dry-run",
        products.leverage,
    ),
    Claim(
        PRINCIPLES,
        "Weights are of little use except on the exact task.",
        "supported if networks of every architecture, in the median over other boards and over changed rules, reach less than half of the "
        "gain of the same recipe fitted there, not supported if all reach half; a file that does not read reaches none",
        "[leverage](leverage.md)",
        "python -m bench.studies leverage",
        products.elsewhere,
    ),
    Claim(
        BRAINS,
        "People know megabytes, of language and of thousands of kinds of objects.",
        NO_RULE,
        "Figure 1 C",
        "",
        not_here("No people are measured. 1.5 MB stand on Figure 1 C as a mark."),
    ),
    Claim(
        BRAINS,
        "What genes say of the brain is bounded by six thousand million bits, and compressible.",
        NO_RULE,
        "Figure 1 C",
        "",
        not_here("No genome is measured. The bound stands on Figure 1 C as a mark."),
    ),
    Claim(
        BRAINS,
        "The analogy to gases misleads: their atoms are alike, and forget.",
        NO_RULE,
        "",
        "",
        not_here("No gas and no brain are measured; what games say of compact mid-level descriptions stands above."),
    ),
    Claim(
        BRAINS,
        "Neuroscience should ask how the brain learns to work.",
        NO_RULE,
        "",
        "",
        not_here("A recommendation; what games say of its premises stands above."),
    ),
)
