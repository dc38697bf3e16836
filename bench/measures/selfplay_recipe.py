"""The recipe of self-play by part: the source that someone needs to learn the network again, and the seed.

The rules of the game are all that it is told. Every part is counted for those who have the parts before it, as in
bench/measures/recipe.py: modules without comments and layout, compressed together, libraries presupposed.
"""

from bench.measures.coding import compressed_source
from bench.measures.recipe import SEED_BITS
from games.contract import Game
from games.keys.identity import game_identity
from games.keys.sources import module_sources

PARTS = {  # each with the modules that it adds, and all that these import
    "search": ("policies.search.tree",),
    "network": ("policies.networks.policy", "policies.networks.training"),
    "self-play": ("policies.selfplay.loop",),
}
# Keys of the cache, and the tables of names: nobody needs them to learn a network.
NOT_NEEDED = ("games.keys.", "games.jit", "games.registry", "policies.registry", "policies.former_names", "policies.options")


def recipe_by_part(game: Game) -> dict[str, int]:
    """The bits of each part: the rules, the search, the network with its training and its file, self-play, and the seed."""
    modules: tuple[str, ...] = game_identity(game).modules
    found = {"rules": _bits(modules)}
    for part, added in PARTS.items():
        modules = (*modules, *added)
        found[part] = _bits(modules) - sum(found.values())
    return found | {"seed": SEED_BITS}


def _bits(modules: tuple[str, ...]) -> int:
    sources = [source for module, source in module_sources(*modules).items() if not module.startswith(NOT_NEEDED)]
    return 8 * len(compressed_source("\n".join(sources)))
