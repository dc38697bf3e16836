"""The recipe of a policy split as the paper splits it (Lillicrap & Kording 2019, Figure 2), in bits of source.

Each module of a learner counts as one of PARTS, as what it is for most of its lines. The bits of a part are what its modules add to the
compressed source of the parts before it, in the order of PARTS, so the bits of all parts and the seed add up to the recipe of
bench/measures/recipe.py. They are of the sources that are installed, which may be newer than a record.
"""

import functools
import lzma
from typing import Any

from bench.harness.untrusted_ids import check_named
from bench.measures.coding import bare_source
from bench.measures.recipe import NOT_NEEDED, SEED_BITS, TEACHER
from bench.suites.grid import Cell
from games.concepts.concept import concept_modules
from games.errors import GaincurveError
from games.keys.identity import game_identity, identify
from games.keys.sources import module_sources
from games.registry import make_game
from policies.registry import make_learner

DATA, ARCHITECTURE, LOSS, RULE, SEARCH = PARTS = ("task and data", "architecture", "loss", "learning rule", "optimiser and search")
PART_OF = {  # a module, or a package with all that is in it; the longest name counts
    "games": DATA,
    "policies": ARCHITECTURE,
    "policies.baselines": RULE,
    "policies.baselines.common": DATA,
    "policies.bounds": SEARCH,
    "policies.bounds.whole_numbers": LOSS,
    "policies.exact": SEARCH,
    "policies.exact.problem": LOSS,
    "policies.fitting": RULE,
    "policies.fitting.anneal": SEARCH,
    "policies.fitting.beam": SEARCH,
    "policies.fitting.decision_costs": LOSS,
    "policies.fitting.exchange": SEARCH,
    "policies.fitting.first_match": SEARCH,
    "policies.fitting.part": DATA,
    "policies.fitting.tournament": SEARCH,
    "policies.networks.factoring": SEARCH,
    "policies.networks.hessian": SEARCH,
    "policies.networks.pruning": SEARCH,
    "policies.networks.retraining": SEARCH,
    "policies.networks.rounding": SEARCH,
    "policies.networks.samples": LOSS,
    "policies.networks.sharing": SEARCH,
    "policies.networks.stages": SEARCH,
    "policies.networks.subspace_training": RULE,
    "policies.networks.training": RULE,
    "policies.networks.training_log": RULE,
    "policies.rules.local_search": SEARCH,
    "policies.rules.optimal_list": SEARCH,
    "policies.rules.random_order": SEARCH,
    "policies.rules.shortest": SEARCH,
    "policies.search": SEARCH,
    "policies.trees.cart": RULE,
    "policies.trees.growth": RULE,
    "policies.trees.split_gain": LOSS,
}


def part_of(module: str) -> str | None:
    """The part that a module of a learner counts as; None for a module of another package, which has no place."""
    names = module.split(".")
    return next((PART_OF[name] for n in range(len(names), 0, -1) if (name := ".".join(names[:n])) in PART_OF), None)


def recipe_parts(cell: Cell) -> dict[str, int] | None:
    """Bits of each of PARTS for the game and the learner of a cell; the seed counts as search.

    None where the recipe cannot be split: the game or the learner is not installed, only a record names its module, or a module has no
    place in PART_OF.

    >>> parts = recipe_parts(Cell("tictactoe", "tree", "tree"))
    >>> list(parts)
    ['task and data', 'architecture', 'loss', 'learning rule', 'optimiser and search']
    """
    try:
        return split_recipe(make_game(check_named(cell.game, "a record")), make_learner(cell.learner, cell.options))
    except GaincurveError:
        return None


def split_recipe(game: Any, learner: Any) -> dict[str, int] | None:
    """The same for a game and a learner that are at hand."""
    engine = (*game_identity(game).modules, *concept_modules(game), *TEACHER)
    of_engine = module_sources(*engine)
    sources = module_sources(*engine, *identify(learner, learner.name, []).modules)
    placed = {name: DATA if name in of_engine else part_of(name) for name in sources if name not in NOT_NEEDED}
    if None in placed.values():
        return None
    found, before = {}, 0
    for number, part in enumerate(PARTS, start=1):
        bits = _compressed_bits(tuple(sources[name] for name in placed if placed[name] in PARTS[:number]))
        found[part], before = bits - before, bits
    found[SEARCH] += SEED_BITS
    return found


@functools.lru_cache(maxsize=256)
def _compressed_bits(sources: tuple[str, ...]) -> int:
    """As bench/measures/recipe.py compresses sources."""
    text = "\n".join(map(bare_source, sources))
    return 8 * len(lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]))
