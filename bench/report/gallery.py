"""A short list as a picture: each rule in words, with a position in which it decides and the list without it errs.

The drawings are those of the pages of games, in colours of their own that stay apart in grey.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import numpy as np
from markupsafe import Markup, escape

from bench.report.explorable.boards import definitions, position
from bench.report.explorable.scene import DISCS, Scene, make_scene
from bench.report.explorable.seats import Seats, find_seats
from bench.report.pictures import board as picture
from bench.wording import best_percent
from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.explanation import Entry
from policies.rules.rulelist import RuleList

WIDTH, MARGIN = 800, 18  # pixels
WORDS, WORDS_SIZE, LINE = 54, 13, 18  # of a rule: letters a line, their size and the distance of lines, in pixels
SAID, SAID_SIZE, SAID_LINE = 25, 11, 15  # of what stands beside a board
BOARD_AT, BOARD_WIDTH, BOARD_HEIGHT, SAID_AT = 470, 130, 118, 616
CELL, GAP = 15, 14  # of the small picture of a rule
COLORS = {DISCS: ("#a3161c", "#ffd24a")}  # of the first and the second player: dark and light, so that they stay apart in grey
USUAL_COLORS = ("#0b4f8a", "#f5a55a")


@dataclass(frozen=True)
class Example:
    """A position, the moves that the list may play there with what each loses, and what is said of it."""

    state: int
    losses: dict[int, int]  # by action
    words: str


@dataclass(frozen=True)
class Row:
    """A rule, or what is left after the last: its words, its pictures, and a position, where there is one."""

    number: int  # of the rule; 0 where it is none
    text: str
    boards: tuple[Sequence[str], ...]
    example: Example | None


def rows_of(task: Task, policy: RuleList, entries: Sequence[Entry], scene: Scene, seats: Seats) -> list[Row]:
    """The rules in the order in which they are tried, then a position in which the list errs. Raises UsageError unless it is first-match.

    Of the positions in which a rule decides and loses nothing, the one in which the list without it loses most on average is shown; of
    equal ones the first in the order of the graph, which begins at the start of the game.
    """
    if policy.semantics != "first-match":
        raise UsageError(f"a {policy.semantics} list has no rule that decides: give a first-match list")
    graph = task.graph
    chosen = probabilities(task, policy)
    deciding, loss = deciding_rule(task, policy), mean_loss(task, chosen)
    rows = []
    for i, entry in enumerate(entries):
        without = probabilities(task, RuleList(policy.semantics, (*policy.rules[:i], *policy.rules[i + 1 :])))
        decides = deciding == i
        saved = np.where(decides & (loss == 0), mean_loss(task, without), -1.0)
        left = f"Without it {best_percent(max(0.0, 1 - task.gain(without)))} is left."
        said = entry.text.partition("\n")[0]  # what follows draws a position, the one that is shown
        text = f"{said[:1].upper()}{said[1:]}."
        if not decides.any():
            rows.append(Row(i + 1, text, tuple(entry.boards), None))
            continue
        at = int(graph.positions[np.argmax(saved) if saved.max() > 0 else np.flatnonzero(decides)[0]])
        lost = max(losses_at(task, without, at).values())
        said = f"without rule {i + 1} it could lose {lost}" if lost else "another rule would do here"
        rows.append(Row(i + 1, text, tuple(entry.boards), example(task, chosen, scene, seats, at, said, left)))
    if not loss.any():
        return [*rows, Row(0, "Optimal in all positions.", (), None)]
    at = int(graph.positions[np.argmax(task.weights[graph.positions] * loss)])
    best = [scene.names[seats.usual(at).seat][action] for action, lost in losses_at(task, np.ones(graph.n_edges), at).items() if not lost]
    said = f"right: {', '.join(best[:3])}{' ...' if len(best) > 3 else ''}"
    left = f"{best_percent(1 - task.gain(chosen))} of what random play loses is left."
    return [*rows, Row(0, f"What it still gets wrong. {left}", (), example(task, chosen, scene, seats, at, said))]


def example(task: Task, chosen: Float64s, scene: Scene, seats: Seats, state: int, said: str, more: str = "") -> Example:
    """A position with the moves that are chosen there."""
    losses, seat = losses_at(task, chosen, state), seats.usual(state).seat
    names = [scene.names[seat][action] for action in losses]
    plays = " or ".join(names) if len(names) < 4 else f"one of {len(names)} moves"
    return Example(state, losses, f"{scene.players[seat]} to move plays {plays}; {said}. {more}".strip())


def losses_at(task: Task, chosen: Float64s, state: int) -> dict[int, int]:
    """What each move of a state loses that is chosen with some probability, by action. chosen: [n_edges]"""
    edges = range(*task.graph.edge_start[state : state + 2].tolist())
    return {int(task.graph.edge_action[edge]): int(task.solution.regret[edge]) for edge in edges if chosen[edge]}


def probabilities(task: Task, policy: RuleList) -> Float64s:
    """The probability of each move under a list. [n_edges]"""
    return action_probabilities(task.graph, policy.scores(task))


def mean_loss(task: Task, chosen: Float64s) -> Float64s:
    """What moves of these probabilities [n_edges] lose on average in each position, in the game's units. [n_positions]"""
    found: Float64s = np.add.reduceat(chosen * task.solution.regret, task.graph.edge_start[task.graph.positions])
    return found


def deciding_rule(task: Task, policy: RuleList) -> Int64s:
    """The number, from 0, of the rule that decides in each position; the number of rules where none does. [n_positions]"""
    best = np.maximum.reduceat(policy.scores(task), task.graph.edge_start[task.graph.positions])
    found: Int64s = policy.size - best.astype(np.int64)
    return found


def draw_list(task: Task, policy: RuleList, entries: Sequence[Entry], title: str, lead: str) -> tuple[str, str]:
    """A list as an SVG file of its own, and the same in words."""
    seats = find_seats(task.game, task.graph)
    scene = make_scene(seats)
    rows = rows_of(task, policy, entries, scene, seats)
    drawn, y = [], 62.0
    for row in rows:
        part, height = draw_row(row, scene, seats, y)
        drawn.append(part)
        y += height
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench", "report"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    one, two = COLORS.get(scene.kind, USUAL_COLORS)
    text = environment.get_template("templates/gallery.svg").render(
        width=WIDTH,
        height=round(y + 6),
        definitions=definitions(scene),
        rows=drawn,
        title=title,
        lead=lead,
        one=one,
        two=two,
        margin=MARGIN,
    )
    return text, in_words(rows, title)


def in_words(rows: Sequence[Row], title: str) -> str:
    """The rows as text, without what a Markdown picture's text may not hold."""
    told = []
    for row in rows:
        drawn = "".join(f" Rows: {'; '.join(' '.join(line.split()) for line in lines)}." for lines in row.boards)
        told.append(f"{f'{row.number}. ' if row.number else ''}{row.text}{drawn}{f' {row.example.words}' if row.example else ''}")
    return re.sub(r"\s+", " ", f"{title}. {' '.join(told)}".replace("[", "(").replace("]", ")").replace("*", "the move"))


def draw_row(row: Row, scene: Scene, seats: Seats, y: float) -> tuple[Markup, float]:
    """A row from a height on, and its own height."""
    lines = textwrap.wrap(row.text, WORDS)
    parts = [Markup('<path class="rule" d="M{} {:g}H{}"/>').format(MARGIN, y, WIDTH - MARGIN)]
    if row.number:
        parts.append(Markup('<text class="number" x="{}" y="{:g}">{}</text>').format(MARGIN, y + 24, row.number))
    parts.append(written(lines, "words", MARGIN + 26, y + 24, LINE))
    height = 24.0 + LINE * len(lines)
    x, tallest = float(MARGIN + 26), 0
    for rows in row.boards:
        drawn = textwrap.dedent("\n".join(rows)).splitlines()
        width, tall = CELL * max((len(each) + 1) // 2 for each in drawn), CELL * len(drawn)
        parts.append(placed(picture(rows), x, y + height - 6, width, tall))
        x, tallest = x + width + GAP, max(tallest, tall)
    height += tallest + (6 if tallest else 0)
    if row.example is None:
        return Markup("").join(parts), height
    losses = dict(sorted(row.example.losses.items()))
    tall = min(BOARD_HEIGHT, round(BOARD_WIDTH * scene.height / scene.width)) if scene.width else BOARD_HEIGHT
    parts.append(placed(position(scene, seats, row.example.state, losses), BOARD_AT, y + 9, BOARD_WIDTH, tall))
    said = textwrap.wrap(row.example.words, SAID)
    parts.append(written(said, "said", SAID_AT, y + 22, SAID_LINE))
    return Markup("").join(parts), max(height, tall + 18.0, 22.0 + SAID_LINE * len(said))


def written(lines: Sequence[str], kind: str, x: float, y: float, distance: float) -> Markup:
    """Lines of text one below the other."""
    spans = "".join(f'<tspan x="{x:g}" y="{y + i * distance:g}">{escape(line)}</tspan>' for i, line in enumerate(lines))
    return Markup(f'<text class="{kind}">{spans}</text>')


def placed(drawing: Markup, x: float, y: float, width: float, height: float) -> Markup:
    """A drawing at a place of the picture, as large as the place allows."""
    return Markup(str(drawing).replace("<svg ", f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" ', 1))
