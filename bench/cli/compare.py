"""The verb `compare`: several learners on one game, who has the greater gain at equal bits, and at what cost in operations."""

import dataclasses
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bench.cli.options import Budgets, GameName, Json, LearnerTexts, Seeds, Weights
from bench.cli.outputs import check_file
from bench.terminal import emit_json, emit_table, progress, working
from bench.wording import count, count_units, show
from games.errors import UsageError, WorkError

if TYPE_CHECKING:
    from bench.curves.compare import Comparison
    from bench.curves.crossing import Crossing
    from bench.curves.differing import Difference
    from bench.curves.front import Band, Leader
    from bench.measures.references import TableBits
    from policies.api import Learner, Task

MAX_ROWS = 16  # of the tables at equal bits and of the front; --json has all
Row = TypeVar("Row")
KEPT = ("size", "gain", "policy_bits", "language_bits", "exception_bits", "operations")


def compare(
    learners: LearnerTexts,
    game: GameName,
    seeds: Seeds = "0",
    budgets: Budgets = None,
    with_language: Annotated[bool, typer.Option("--with-language", help="Count the language that a policy is written in, too.")] = False,
    weights: Weights = "uniform",
    out: Annotated[Path | None, typer.Option(help="Draw gain against bits, size and operations into this .png, .svg or .pdf file.")] = None,
    residual: Annotated[bool, typer.Option("--residual", help="With --out: draw what is left, 1 - gain, on a logarithmic axis.")] = False,
    json: Json = False,
) -> None:
    """Fit learners, and show which one leads at which bits and operations, and which has the shortest file of optimal moves."""
    from bench.curves.compare import measure_all
    from bench.curves.crossing import verdict
    from bench.curves.front import in_words, last_compared, spans, standings
    from bench.measures.references import compress_moves
    from policies.api import check_seeds
    from policies.position_weights import effective_positions, read_kind
    from policies.registry import make_learner, parse_learner
    from policies.task import make_task

    if out is not None and out.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"--out {out}: figures are written as .png, .svg or .pdf")
    if out is not None:
        check_file("--out", out)
    made = {text: make_learner(*parse_learner(text)) for text in learners}
    chosen_seeds = check_seeds(_numbers("--seeds", seeds))
    chosen = _budgets(budgets or [], list(made))
    with working(f"solving {game}"):
        task = make_task(game, weights)
    with progress() as bars:
        bar = bars.add_task("")
        found = measure_all(task, made, chosen, chosen_seeds, lambda text: bars.update(bar, description=text))
    units = {text: learner.unit for text, learner in made.items()}
    if out is not None and found.runs:
        from bench.report.plots.comparison import draw_comparison
        from bench.report.plots.files import save_figure

        figure = draw_comparison(task.game.id, found, units, with_language, residual)
        save_figure(figure, out.with_suffix(""), (out.suffix[1:],))
    stood = standings(found.runs, with_language)
    merged, last = spans(stood), last_compared(found.runs, with_language)
    said = in_words(merged, last)
    if len(chosen_seeds) == 1 and len(made) > 1:
        said.append("One seed only: how much of a lead is luck was not measured; --seeds 0,1,2 does.")
    elif settled := [text for text in found.runs if len(found.runs[text]) == 1 and text not in found.failed]:
        said.append(f"The seed makes no difference to {', '.join(settled)}.")
    tables = compress_moves(task)
    if json:
        answer = _as_json(found, stood, with_language) | {
            "game": task.game.id,
            "weights": read_kind(weights),
            "effective_positions": effective_positions(task.weights),
            "seeds": chosen_seeds,
            "leads": [dataclasses.asdict(span) for span in merged],
            "compared_up_to": None if math.isinf(last) else int(last),
            "in_words": said,
            "verdict": [line for pair in found.crossings() for line in verdict(pair)],
            "crossings": [_plain_crossing(each) for pair in found.crossings() for each in pair],
            "differ": [each._asdict() | {"choices": _choices(names, each)} for names, each in _differences(found, task)],
        }
        answer["perfect_play"] = {"tables": dataclasses.asdict(tables), "files": _shortest_files(found, tables)}
        emit_json(answer)
    else:
        _print_verdicts(found, task)
        _print_tables(found, stood, made, tables, task.game.id, with_language)
        for line in said:
            print(line)
        for text, error in found.failed.items():
            print(f"{text} failed, {error}")
    if found.failed:
        text, error = next(iter(found.failed.items()))
        raise WorkError(f"{count(len(found.failed), 'learner')} failed, first {text}, {error}")


def _print_verdicts(found: "Comparison", task: "Task") -> None:
    """Two lines for each pair, then positions on which the first two differ."""
    from bench.curves.crossing import verdict

    for pair in found.crossings():
        for line in verdict(pair):
            print(line)
    for names, each in _differences(found, task):
        print()
        print(each.drawing)
        for name, choice in zip(names, each.choices, strict=True):
            print(f"{name} plays {' or '.join(choice.moves)} and loses {f'{choice.loss:.4g}' if choice.loss else 'nothing'}")
    print()


def _differences(found: "Comparison", task: "Task") -> "list[tuple[tuple[str, str], Difference]]":
    """Of the first two learners the best policies, and where what they lose differs most."""
    from bench.curves.differing import differences

    if len(found.best) < 2:
        return []
    one, other = list(found.best)[:2]
    return [((one, other), each) for each in differences(task, [found.best[one][1], found.best[other][1]])]


def _choices(names: tuple[str, str], found: "Difference") -> dict[str, Any]:
    return {name: choice._asdict() for name, choice in zip(names, found.choices, strict=True)}


def _plain_crossing(found: "Crossing") -> dict[str, Any]:
    """A crossing as plain JSON; an end that is infinite is null."""
    return {
        "cost": found.cost,
        "names": found.names,
        "at": found.at,
        "stretches": [stretch._asdict() for stretch in found.stretches],
        "up_to": None if math.isinf(found.end) else found.end,
        "in_words": found.in_words,
    }


def _numbers(option: str, text: str) -> list[int]:
    """Whole numbers with commas between them, without repeats."""
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"-?[0-9]{1,99}", part) for part in parts):
        raise UsageError(f"{option} {text}: give whole numbers with commas between them, for example 0,1,2")
    return list(dict.fromkeys(map(int, parts)))


def _budgets(texts: list[str], learners: list[str]) -> dict[str, list[int]]:
    """The budgets of each learner that they are given for: `1,2,4` of all, `LEARNER=8,16` of one, whatever the order."""
    from policies.api import check_budgets

    found: dict[str, list[int]] = {}
    for text in sorted(texts, key=lambda text: "=" in text):
        name, _, numbers = text.rpartition("=")
        if name and name not in learners:
            raise UsageError(f"--budgets {text}: {name!r} is not among the learners compared; write it as there: {', '.join(learners)}")
        found |= dict.fromkeys([name] if name else learners, check_budgets(_numbers("--budgets", numbers)))
    return found


def _as_json(found: "Comparison", stood: "list[Leader]", with_language: bool) -> dict[str, Any]:
    from bench.curves.curve import LEVELS, bits, bits_to

    front = found.front(with_language)
    return {
        "with_language": with_language,
        "curves": {
            name: [{"seed": run.seed} | {kept: getattr(point, kept) for kept in KEPT} for run in runs for point in run.points]
            for name, runs in found.runs.items()
        },
        "bits_to_gain": {
            name: {f"{level:g}": [bits_to(run.points, level, with_language) for run in runs] for level in LEVELS}
            for name, runs in found.runs.items()
        },
        "at_equal_bits": [
            {
                "bits": row.bits,
                "gain": {name: gain._asdict() for name, gain in row.gain.items()},
                "reach": row.reach,
                "verdict": row.verdict,
                "names": row.names,
                "leader": row.names[0] if row.verdict == "leads" else None,
            }
            for row in stood
        ],
        "front": [
            {"learner": name, "seed": seed, "bits": bits(point, with_language)} | {kept: getattr(point, kept) for kept in KEPT}
            for name, seed, point in front
        ],
        "failed": found.failed,
    }


def _shortest_files(found: "Comparison", tables: "TableBits") -> dict[str, dict[str, Any]]:
    """For each learner its shortest file of optimal moves: policy and exceptions together."""
    from bench.harness.point import shortest_file

    files = {}
    for name, runs in found.runs.items():
        best = shortest_file(point for run in runs for point in run.points)
        if best is None or best.codelength is None:
            continue
        lengths = {"policy": best.policy_bits, "exceptions": best.exception_bits, "codelength": best.codelength}
        files[name] = {"size": best.size, **lengths, "ratio": tables.ratio(best.codelength)}
    return files


def _print_tables(
    found: "Comparison", stood: "list[Leader]", made: "dict[str, Learner[Any]]", tables: "TableBits", game: str, with_language: bool
) -> None:
    from bench.curves.curve import LEVELS, bits, bits_to

    for name, runs in found.runs.items():
        for run in runs:
            title = f"{name} on {game}" + (f", seed {run.seed}" if len(runs) > 1 else "")
            columns = [made[name].unit, "gain", "residual", "policy bits", "language bits", "exception bits", "operations"]
            rows = [[p.size, p.gain, 1 - p.gain, p.policy_bits, p.language_bits, p.exception_bits, p.operations] for p in run.points]
            emit_table(title, columns, rows)
    reached = [
        [name, *(_range([bits_to(run.points, level, with_language) for run in runs]) for level in LEVELS)]
        for name, runs in found.runs.items()
    ]
    emit_table("bits to a gain of", ["", *(f"{level:.0%}" for level in LEVELS)], reached)
    shown = _thinned(stood)
    verdicts = [row.names[0] if row.verdict == "leads" else f"{row.verdict}: {', '.join(row.names)}" for row in shown]
    lines = [[row.bits, *map(_within, row.gain.values()), verdict] for row, verdict in zip(shown, verdicts, strict=True)]
    if lines:
        emit_table("gain at equal bits", ["bits", *found.runs, "leader"], lines)
    front = found.front(with_language)
    lines = [
        [f"{name}, {count_units(point.size, made[name].unit)}", seed, bits(point, with_language), point.operations, point.gain]
        for name, seed, point in _thinned(front)
    ]
    of_all = "" if len(lines) == len(front) else f" ({len(lines)} of {len(front)})"
    emit_table(f"front of bits, operations and gain{of_all}", ["", "seed", "bits", "operations", "gain"], lines)
    files = _shortest_files(found, tables)
    ways = [[f"{name}, {count_units(file['size'], made[name].unit)}", *list(file.values())[1:]] for name, file in files.items()]
    without = {"exceptions alone": tables.coder, "table of moves, xz": tables.xz, "table of moves, zstd": tables.zstd}
    ways += [[name, 0, n_bits, n_bits, tables.ratio(n_bits)] for name, n_bits in without.items()]
    emit_table("the shortest files of optimal moves", ["", "policy bits", "other bits", "codelength", "ratio to no policy"], ways)


def _thinned(rows: Sequence[Row]) -> Sequence[Row]:
    """At most `MAX_ROWS` rows, evenly spaced, including the first and the last."""
    if len(rows) <= MAX_ROWS:
        return rows
    return [rows[round(i * (len(rows) - 1) / (MAX_ROWS - 1))] for i in range(MAX_ROWS)]


def _range(values: list[int | None]) -> int | str | None:
    """One number, or the least and the greatest over seeds; a dash for a seed that does not get there."""
    reached = sorted(value for value in values if value is not None)
    if not reached or (reached[0] == reached[-1] and None not in values):
        return reached[0] if reached else None
    return f"{show(reached[0])} to {show(None if None in values else reached[-1])}"


def _within(gain: "Band") -> float | str:
    return gain.middle if gain.low == gain.high else f"{gain.middle:.4f} ({gain.low:.4f} to {gain.high:.4f})"
