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
from games.keys.identity import game_identity, identify
from games.keys.sources import module_sources
from policies.api import Learner

SEED_BITS = 32
TEACHER = ("games.solving.graph", "games.solving.solve")
# They say what in the cache is up to date, and refuse broken games: nobody needs them to learn a policy.
NOT_NEEDED = ("games.keys.content", "games.solving.expansion", "games.keys.modules")


class Recipe(NamedTuple):
    """Bits of the parts of a recipe."""

    engine: int  # the rules of the game, its concepts, enumeration and exact solution
    learner: int  # everything else that the learner imports
    seed: int = SEED_BITS

    @property
    def bits(self) -> int:
        return sum(self)


def recipe_of(game: Any, learner: Learner[Any]) -> Recipe:
    """What is needed to learn a policy again, beside the libraries; the learner is counted for who has the engine."""
    engine = (*game_identity(game).modules, *concept_modules(game), *TEACHER)
    engine_bits = _source_bits(engine)
    return Recipe(engine_bits, _source_bits((*engine, *identify(learner, learner.name, []).modules)) - engine_bits)


def _source_bits(modules: tuple[str, ...]) -> int:
    """Bits of the compressed source of modules and of all that they import."""
    return _compressed_bits(tuple(text for name, text in module_sources(*modules).items() if name not in NOT_NEEDED))


@functools.lru_cache(maxsize=64)
def _compressed_bits(sources: tuple[str, ...]) -> int:
    text = "\n".join(map(bare_source, sources))
    return 8 * len(lzma.compress(text.encode(), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]))
