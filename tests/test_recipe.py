"""The recipe of a policy: what it counts, and that it grows with the source and with nothing else."""

import lzma

from bench.curves.recipe_parts import PART_OF, PARTS, part_of, recipe_parts, split_recipe
from bench.measures.recipe import recipe_of
from bench.suites.grid import Cell
from games.keys.identity import identify
from games.keys.sources import module_sources
from games.registry import make_game
from policies.registry import LEARNERS, make_learner


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


def test_the_parts_of_a_recipe_add_up_to_it() -> None:
    """The chain rule: each part is counted given those before it, so that nothing is counted twice or left out."""
    game, learner = make_game("go-2x2"), make_learner("tree")
    parts = split_recipe(game, learner)
    assert parts is not None
    assert list(parts) == [*PARTS]
    assert sum(parts.values()) == recipe_of(game, learner).bits
    assert all(bits > 0 for bits in parts.values())


def test_every_module_of_every_learner_has_a_part_and_every_entry_a_module() -> None:
    names = {name for learner in LEARNERS for name in module_sources(*identify(make_learner(learner), learner, []).modules)}
    assert {name for name in names if part_of(name) is None} == set()
    above = {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)}
    assert set(PART_OF) - above == set()


def test_a_recipe_of_what_is_not_installed_or_only_a_record_names_is_not_split() -> None:
    assert recipe_parts(Cell("go-2x2", "not_there", "not_there")) is None
    assert recipe_parts(Cell("some.module:GAME", "tree", "tree")) is None
