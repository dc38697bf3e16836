"""Playthroughs as they were written down; `python -m tests.support.playthrough --write` writes them anew after a change that is meant."""

import pytest

from games.registry import GAMES
from tests.support.playthrough import FOLDER, PLAYED, playthrough


@pytest.mark.parametrize("game_id", PLAYED)
def test_a_random_game_reads_as_it_was_written_down(game_id: str) -> None:
    assert playthrough(game_id, PLAYED[game_id]) == (FOLDER / f"{game_id}.txt").read_text()


def test_every_family_has_a_playthrough_and_none_is_left_over() -> None:
    assert {game_id.partition("-")[0] for game_id in PLAYED} == GAMES.keys()
    assert {path.stem for path in FOLDER.glob("*.txt")} == PLAYED.keys()
