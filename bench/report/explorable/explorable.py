"""The part of a game's page that a reader plays with: drag the number of rules, read the list, see what it gets right and wrong, play it.

All that the page plays on is written here: the graph of the game, and what each policy plays in every position. The script of the page
(explorable.js) knows no rules. Without script the page shows one list, its curve and its positions as they are written here.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup

from bench.curves.proved import UNIFORM, is_single_atom_list, summary_of
from bench.harness.records import Record
from bench.measures.grades import Grades
from bench.report.explorable.boards import definitions, ground, position, view_box
from bench.report.explorable.pack import graph_arrays, pack, path_arrays
from bench.report.explorable.played_path import PathStep, PlayedPath
from bench.report.explorable.scene import Scene, make_scene
from bench.report.explorable.seats import Seats, find_seats
from bench.report.pictures import board as picture
from bench.wording import at_least, best_percent, count_units
from games.contract import Game
from policies.api import Task
from policies.explanation import Entry

FIRST_SIZE = 3  # the list that is shown first has this many rules, or is the longest
MIN_GAP = 0.03  # of the width of a curve, between two sizes that are written below it
N_TOLD = 8  # rules that are told one by one where the page has no script


@dataclass(frozen=True)
class ShownPath:
    """A path of policies and the record that it was measured in."""

    record: Record
    path: PlayedPath


def rules_of(game: Game) -> str:
    """The rules in short: the first paragraph of the docstring of the game's module."""
    text = sys.modules[type(game).__module__].__doc__ or ""
    return " ".join(text.strip().partition("\n\n")[0].split())


def write_explorable(task: Task, shown: Sequence[ShownPath], back: str, run: str, left_out: Sequence[str] = ()) -> str:
    """The interactive part of a game's page, as HTML; its style is explorable.css, its script explorable.js.

    `back`: the address of the report; `run`: its name; `left_out`: why other paths are not shown.
    """
    seats = find_seats(task.game, task.graph)
    scene = make_scene(seats)
    arrays = graph_arrays(task, seats, scene)
    for number, each in enumerate(shown):
        arrays |= path_arrays(each.path, number)
    first = shown[0]
    start = _first_step(first.path)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(rule=rule)
    return environment.get_template("explorable/fragment.html").render(
        is_list=bool(first.path.rules),
        paths=[_head(each) for each in shown],
        shown=shown,
        scene=scene,
        definitions=definitions(scene),
        ground=ground(scene),
        view_box=view_box(scene),
        start=start,
        facts=_facts(first)[start],
        facts_of=[_facts(each) for each in shown],
        counts=task.game.max_payoff > 1,
        curve=_curve(first),
        ticks=_ticks(first.path),
        right=_example(task, seats, scene, first.path, start, is_right=True),
        wrong=_example(task, seats, scene, first.path, start, is_right=False),
        told=[_told(task, seats, scene, first.path, step) for step in range(1, min(N_TOLD + 1, len(first.path.steps)))],
        data=pack(_header(task, scene, shown), arrays),
        n_positions=len(task.graph.positions),
        weights=first.record.cell.weights,
        is_uniform=first.record.cell.weights in UNIFORM,
        left_out=left_out,
        rules_in_short=rules_of(task.game),
        back=back,
        run=run,
    )


def rule(entry: Entry) -> Markup:
    """A rule in words, with its pictures."""
    return Markup("<span>{}</span>").format(entry.text) + Markup("").join(picture(rows) for rows in entry.boards)


def _header(task: Task, scene: Scene, shown: Sequence[ShownPath]) -> dict[str, Any]:
    """What the script needs beside the arrays."""
    return {
        "kind": scene.kind,
        "places": list(zip(scene.places, scene.xs, scene.ys, strict=True)),
        "labels": scene.labels,
        "players": scene.players,
        "names": scene.names,
        "targets": scene.targets,
        "ko": scene.ko,
        "counts": task.game.max_payoff > 1,
        "endless": task.game.endless,
        "nActions": task.game.n_actions,
        "texts": [] if scene.places else [task.game.render(int(state)) for state in task.graph.states],
        "paths": [
            {
                **_head(each),
                "steps": _facts(each),
                "start": _first_step(each.path),
                "ticks": _ticks(each.path),
                "rules": [rule(entry) for entry in each.path.rules],
            }
            for each in shown
        ],
    }


def _head(each: ShownPath) -> dict[str, Any]:
    """What a path is called, and what it is made of."""
    path, options = each.path, each.record.cell.options
    if path.rules:
        parts = str(options.get("language", "concepts+patterns+positions")).replace("+", ", ")
        what = f"a rule is one of: {parts}" if options.get("atoms") == "single" else f"a rule joins any of: {parts}"
    else:
        what = "hidden units in place of rules"
    last = max(point.size for point in each.record.points)
    if path.steps[-1].size < last:
        what += f"; the first {path.steps[-1].size:,} of {last:,}"
    return {"label": path.label, "isList": bool(path.rules), "unit": path.unit, "what": what}


def _facts(each: ShownPath) -> list[dict[str, Any]]:
    """What is said of each step: its size, what is left, what is proved of all lists of that size, and its grades."""
    cell, points = each.record.cell, {point.size: point for point in each.record.points}
    summary = summary_of(cell.game) if cell.weights in UNIFORM and is_single_atom_list(cell.learner, cell.options) else None
    found = []
    for step in each.path.steps:
        low = None if summary is None or step.size == 0 else summary.residual(step.size)
        point = points.get(step.size)
        found.append(
            {
                "size": step.size,
                "name": count_units(step.size, each.path.unit) if step.size else f"no {each.path.unit}",
                "left": round(step.left, 6),
                "leftText": best_percent(max(0.0, step.left)),
                "bound": None if low is None else round(float(low), 6),
                "boundText": "" if low is None else f"Proved: with one atom a rule, {at_least(step.size, low)}.",
                "grades": about_grades(step.grades),
                "bits": None if point is None else point.policy_bits,
            }
        )
    return found


def about_grades(grades: Grades) -> str:
    """Whether a policy keeps the value of the game, and whether it never loses."""
    seats = ("from either seat", "as first player", "as second player")

    def where(first: bool, second: bool) -> str:
        return seats[0] if first and second else seats[1] if first else seats[2] if second else ""

    if grades.optimal_everywhere:
        return "Every move that it plays is optimal, in every position."
    keeps = where(grades.keeps_value_first, grades.keeps_value_second)
    never = where(grades.never_loses_first, grades.never_loses_second)
    if keeps == seats[0]:
        return "Keeps the value of the game from either seat, whatever the other side plays."
    found = f"Keeps the value of the game {keeps}; can be led into an error from the other seat." if keeps else ""
    return (found or "Can be led into an error from either seat.") + (f" Never loses {never}." if never else "")


def _first_step(path: PlayedPath) -> int:
    """The step that is shown first."""
    return max(i for i, step in enumerate(path.steps) if step.size <= max(FIRST_SIZE, path.steps[1].size))


def _curve(each: ShownPath) -> dict[str, str]:
    """What is left by step, and what is proved, as lines in a box of width 1000 and height 100."""
    facts = _facts(each)
    width = 1000 / max(1, len(facts) - 1)

    def line(key: str) -> str:
        points = [f"{width * i:.1f} {100 - 100 * fact[key]:.2f}" for i, fact in enumerate(facts) if fact[key] is not None]
        return f"M{'L'.join(points)}" if points else ""

    left = line("left")
    return {"left": left, "area": f"{left}V100H0Z", "bound": line("bound")}


def _ticks(path: PlayedPath) -> list[tuple[float, int]]:
    """The sizes that are written below a curve: the first from each power of two on, and the last. As (share of the width, size)."""
    last = len(path.steps) - 1
    found, level = [], 0
    for i, step in enumerate(path.steps):
        if i == last or (step.size >= level and (last - i) / last > MIN_GAP):
            found.append((i / last, step.size))
            while level <= step.size:
                level = max(1, 2 * level)
    return found


def edges_of(moves: int) -> list[int]:
    """The edges that a mask stands for, counted from the first edge of their state."""
    return [bit for bit in range(moves.bit_length()) if moves >> bit & 1]


def _example(task: Task, seats: Seats, scene: Scene, path: PlayedPath, step: int, is_right: bool) -> dict[str, Markup | str] | None:
    """A position that a step decides right, or in which it errs: drawn, and in words."""
    made: PathStep = path.steps[step]
    states = made.right if is_right else made.wrong
    if not states:
        return None
    state = states[0]
    run = path.run(state, step)
    first = int(task.graph.edge_start[state])
    edges = [first + bit for bit in edges_of(int(path.run_moves[run]))]
    losses = {int(task.graph.edge_action[edge]): int(task.solution.regret[edge]) for edge in edges}
    seat = seats.usual(state).seat
    rule = int(path.run_rule[run])
    who = f"Rule {made.order.index(rule) + 1}" if rule >= 0 else "No rule applies; it" if path.rules else "The network"
    names = [scene.names[seat][action] for action in losses]
    plays = f"{who} plays {_either(names)}" if len(names) < 4 else f"{who} plays one of {len(names)} moves"
    worst = max(losses.values())
    best = [
        scene.names[seat][int(task.graph.edge_action[edge])]
        for edge in range(first, int(task.graph.edge_start[state + 1]))
        if task.solution.regret[edge] == 0
    ]
    verdict = f"which {'may lose' if len(names) > 1 else 'loses'} {worst}. Best: {', '.join(best[:4])}." if worst else "and loses nothing."
    return {"board": position(scene, seats, state, losses), "words": f"{scene.players[seat]} to move. {plays}, {verdict}"}


def _either(names: Sequence[str]) -> str:
    """Names of moves as alternatives: `a1, b2 or c3`."""
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _told(task: Task, seats: Seats, scene: Scene, path: PlayedPath, step: int) -> dict[str, Any]:
    """A step for a page without script: what is new, what is left, and the two positions."""
    made = path.steps[step]
    known = path.steps[step - 1].order if step else ()
    return {
        "size": count_units(made.size, path.unit),
        "left": best_percent(max(0.0, made.left)),
        "new": [path.rules[rule] for rule in made.order if rule not in known],
        "right": _example(task, seats, scene, path, step, is_right=True),
        "wrong": _example(task, seats, scene, path, step, is_right=False),
    }
