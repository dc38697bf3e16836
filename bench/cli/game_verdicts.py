"""The lines of `tails` about games: the verdicts on their envelopes, the learners of these, and how far their rules are knowledge."""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.tails.games import GameVerdict

GAME_COLUMNS = ("game", "size in", "verdict", "left", "held by", "held-out verdict", "of")


def game_in_json(verdict: "GameVerdict") -> dict[str, Any]:
    """The verdicts on a game in one measure as plain JSON; None where there is no curve, or where nothing was held out."""
    tail, held_out = verdict.tail, verdict.held_out
    return {
        "game": verdict.game,
        "weights": verdict.weights,
        "measure": verdict.measure,
        "verdict": tail.words if tail else None,
        "left": float(verdict.envelope.residuals[-1]),
        "held_out_verdict": held_out.verdict.words if held_out else None,
        "held_out_learner": held_out.learner if held_out else None,
        "holders": [dataclasses.asdict(stretch) for stretch in verdict.envelope.stretches],
    }


def game_row(verdict: "GameVerdict") -> list[object]:
    """A row of GAME_COLUMNS."""
    from policies.position_weights import UNIFORM

    game = verdict.game if verdict.weights == UNIFORM else f"{verdict.game}, {verdict.weights}"
    left = f"{verdict.envelope.residuals[-1]:.1%}"
    words = verdict.tail.words if verdict.tail else None
    held_out = verdict.held_out
    said = (held_out.verdict.words, held_out.learner) if held_out else (None, None)
    return [game, verdict.measure, words, left, ", ".join(verdict.envelope.holders), *said]
