"""The recipe of a policy: what it counts, and that it grows with the source and with nothing else."""

import lzma

from bench.measures.recipe import recipe_of
from games.registry import make_game
from games.sources import module_sources
from policies.registry import make_learner


def test_a_recipe_is_shorter_than_its_text_and_longer_than_its_rules() -> None:
    recipe = recipe_of(make_game("tictactoe"), make_learner("network"))
    everything = "\n".join(module_sources("policies.networks.network", "games.rules.tictactoe", "games.concepts.tictactoe").values())
    assert 8 * len(lzma.compress(module_sources("games.rules.tictactoe")["games.rules.tictactoe"].encode())) < recipe.engine
    assert recipe.bits < 8 * len(everything.encode())
    assert recipe.bits == recipe.engine + recipe.learner + 32


def test_the_same_learner_has_nearly_the_same_recipe_on_every_board() -> None:
    """The product grows with the board; the recipe does not."""
    learner = make_learner("network")
    small, large, other = (recipe_of(make_game(game), learner) for game in ("go-2x2", "go-3x4", "nim-3-4-5"))
    assert small == large
    assert other.engine != large.engine
    assert abs(other.learner - large.learner) < 0.1 * large.learner


def test_a_learner_that_imports_more_has_the_longer_recipe() -> None:
    game = make_game("go-3x3")
    weighted, rulelist = (recipe_of(game, make_learner(name)).learner for name in ("uniform", "rulelist"))
    assert weighted < rulelist
