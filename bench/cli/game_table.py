"""The shared code of `play`, `watch` and `quiz`: a policy from a file or a list, and a game on a board that both players see alike."""

import functools
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.cli.score import read_list_file
from bench.harness.policyfile import load_policy
from bench.harness.untrusted_ids import check_named
from bench.report.explorable.scene import Scene, make_scene
from bench.report.explorable.seats import START, Position, Seats, find_seats
from bench.report.explorable.text_board import PIECES, text_board
from bench.terminal import working
from bench.wording import count
from policies.api import Learner, Policy, Scores, Task
from policies.explanation import Explanation
from policies.rules.human import list_names
from policies.rules.json_lists import read_rules
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.task import make_task

RESULTS = {1: "a win", 0: "a draw", -1: "a loss"}


@dataclass(frozen=True, eq=False)
class Player:
    """A policy as a player, with its score of every move."""

    name: str
    task: Task
    learner: Learner[Any]
    policy: Policy
    scores: Scores

    def moves(self, state: int) -> list[int]:
        """The edges that it may play in a state: those with the highest score."""
        first, last = self.task.graph.edge_start[state : state + 2].tolist()
        own = self.scores[first:last]
        found: list[int] = (first + np.flatnonzero(own == own.max())).tolist()
        return found

    def rule(self, state: int) -> int | None:
        """The index of the rule of a first-match list that decides in a state, -1 for none; None for any other policy."""
        if not isinstance(self.policy, RuleList) or self.policy.semantics != "first-match":
            return None
        best = int(self.scores[self.moves(state)[0]])
        return self.policy.size - best if best else -1

    @functools.cached_property
    def explanation(self) -> Explanation:
        """The policy in words."""
        return self.learner.explain(self.policy, self.task)


def open_player(file: str, game: str | None) -> Player:
    """A policy file, a list as JSON, or one of ours by name. Raises UsageError as `load_policy` and `score` do."""
    if file in list_names() or file.endswith(".json"):
        path, written = read_list_file(file, game)
        with working(f"solving {game or written.game}"):
            task = make_task(game or check_named(written.game, "it"))
        policy: Policy = RuleList(written.semantics, read_rules(written, task.game, task.graph))
        learner: Learner[Any] = RuleListLearner()
        name = path.name
    else:
        with working(f"reading {file}"):
            task, learner, policy, _ = load_policy(Path(file), game)
        name = Path(file).name
    return Player(name, task, learner, policy, policy.scores(task))


class Move(NamedTuple):
    """A move that was made."""

    before: Position
    edge: int
    is_policy: bool


class GameTable:
    """A game in progress."""

    def __init__(self, task: Task) -> None:
        with working(f"laying out {task.game.id}"):
            self.seats: Seats = find_seats(task.game, task.graph)
            self.scene: Scene = make_scene(self.seats)
        self.task = task
        self.moves: list[Move] = []

    @property
    def position(self) -> Position:
        return self.seats.after(self.moves[-1].before, self.moves[-1].edge) if self.moves else START

    @property
    def is_over(self) -> bool:
        return bool(self.task.graph.terminal[self.position.state])

    def legal(self) -> dict[str, int]:
        """The edge of each legal move, by its name."""
        return self.named(self.position)

    def named(self, position: Position) -> dict[str, int]:
        """The edge of each legal move of a position, by its name."""
        names = self.scene.names[position.seat]
        return {names[action]: edge for action, edge in sorted(self.seats.moves(position).items())}

    def name(self, position: Position, edge: int) -> str:
        """The name of a move."""
        return next(name for name, each in self.named(position).items() if each == edge)

    def play(self, edge: int, is_policy: bool) -> None:
        """Make a move."""
        self.moves.append(Move(self.position, edge, is_policy))

    def board(self, position: Position | None = None) -> str:
        """The board as text."""
        return text_board(self.scene, self.seats, position or self.position)

    def who(self, seat: int) -> str:
        """A player as the board shows him: `X (Black)`."""
        name = self.scene.players[seat]
        return name if not self.scene.labels or name in PIECES else f"{PIECES[seat]} ({name})"

    def lost(self, edge: int) -> int:
        """What a move loses against perfect play, in the game's units."""
        return int(self.task.solution.regret[edge])

    def loss(self, edge: int) -> str:
        """The same in words."""
        lost, value = self.lost(edge), int(self.task.solution.value[self.task.graph.edge_parent[edge]])
        if not lost:
            return "loses nothing"
        if self.task.game.max_payoff > 1:
            return f"loses {count(lost, 'point')}"
        return f"loses {lost}: {RESULTS[value - lost]} in place of {RESULTS[value]}"

    def told(self, edge: int, why: str) -> str:
        """A move of a policy in words, with its reason and what it loses; before it is made."""
        return f"{self.who(self.position.seat)} plays {self.name(self.position, edge)}{f' ({why})' * bool(why)} and {self.loss(edge)}."

    def payoff(self) -> int:
        """What the first player got; 0 while the game is not over."""
        payoff, seat = int(self.task.graph.payoff[self.position.state]), self.position.seat
        return payoff if seat == 0 else -payoff

    def result(self) -> str:
        """How the game ended, and what each side lost on the way."""
        payoff = self.payoff()
        by = f" by {count(abs(payoff), 'point')}" if self.task.game.max_payoff > 1 else ""
        ended = f"{self.who(0 if payoff > 0 else 1)} wins{by}." if payoff else "A draw." if self.is_over else "The game was broken off."
        totals = [sum(self.lost(move.edge) for move in self.moves if move.before.seat == seat) for seat in (0, 1)]
        return f"{ended} Lost against perfect play: {self.who(0)} {totals[0]}, {self.who(1)} {totals[1]}."


def choose(player: Player, state: int, draw: random.Random) -> tuple[int, str]:
    """A move of a policy, drawn among those that it may play, and why it may."""
    edge, rule = draw.choice(player.moves(state)), player.rule(state)
    if rule is None:
        return edge, ""
    return edge, "no rule applies: any move" if rule < 0 else f"rule {rule + 1}: {player.explanation.entries[rule].text}"
