"""Principles and data (Lillicrap & Kording 2019, Figure 2): the recipe that a policy is learned by, and what comes of it.

The recipe is what would have to be told for someone to learn the policy again: the source of the game's engine and of its exact
solution, which are the teacher, the source of the learner (architecture, loss, learning rule, optimiser, file format), and the
seed. The product is what the learner writes down. Sources are counted without comments and layout, compressed together by xz: every
module of this project that is reached by imports, used or not; libraries are presupposed. So a recipe is an upper bound.
"""

import functools
import lzma
from typing import Any, NamedTuple

from bench.measures.coding import bare_source
from games.concepts.concept import concept_modules
from games.sources import module_sources, rule_modules
from policies.api import Learner

SEED_BITS = 32
TEACHER = ("games.solving.graph", "games.solving.solve")


class Recipe(NamedTuple):
    """Bits of the parts of a recipe."""

    engine: int  # the rules of the game, its words, enumeration and exact solution
    learner: int  # everything else that the learner imports
    seed: int = SEED_BITS

    @property
    def bits(self) -> int:
        return sum(self)


def recipe_of(game: Any, learner: Learner[Any]) -> Recipe:
    """What is needed to learn a policy again, beside the libraries; the learner is counted for who has the engine."""
    engine = (*rule_modules(game), *concept_modules(game), *TEACHER)
    engine_bits = _source_bits(engine)
    return Recipe(engine_bits, _source_bits((*engine, type(learner).__module__)) - engine_bits)


@functools.lru_cache(maxsize=64)
def _source_bits(modules: tuple[str, ...]) -> int:
    """Bits of the compressed source of modules and of all that they import."""
    text = "\n".join(bare_source(text) for text in module_sources(*modules).values())
    return 8 * len(lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]))
