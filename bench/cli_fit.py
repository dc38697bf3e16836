"""The verbs that fit policies: fit, compare."""

import dataclasses
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli_games import Json
from bench.terminal import count_units, emit_json, emit_table, progress, show, working
from games.errors import UsageError, WorkError
from games.registry import nearest

LearnerText = Annotated[str, typer.Argument(help="A learner, with options if need be: rulelist, network, rulelist:language=words ...")]
GameName = Annotated[str, typer.Option("--game", help="A game, for example tictactoe or go-3x3.")]
Weights = Annotated[str, typer.Option(help="How much each position counts: uniform or play.")]
GRADES = ["never_loses", "keeps_value", "optimal_everywhere"]
SEATS = ["first", "second", "both"]


def fit(
    learner: LearnerText,
    game: GameName,
    budget: Annotated[
        int | None,
        typer.Option(help="How many units (rules, entries, hidden units) the policy may use; with --shortest, the longest list to try."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="What rules may be made of, for example words+patterns.")] = None,
    semantics: Annotated[str | None, typer.Option(help="first-match or lexicographic.")] = None,
    shortest: Annotated[bool, typer.Option("--shortest", help="Search exhaustively for the shortest list that reaches a grade.")] = False,
    grade: Annotated[str, typer.Option(help="With --shortest: " + ", ".join(GRADES) + ".")] = "never_loses",
    seat: Annotated[str, typer.Option(help="With --shortest: first, second or both.")] = "both",
    seed: Annotated[int, typer.Option(help="Seed of the learner's random choices.")] = 0,
    weights: Weights = "uniform",
    out: Annotated[Path | None, typer.Option(help="Write the policy to this file.")] = None,
    json: Json = False,
) -> None:
    """Fit one policy, and say how well it plays and how many bits it takes."""
    from bench.cell import measure_policy
    from bench.policyfile import pack, save_policy
    from policies.api import check_budgets
    from policies.registry import make_learner
    from policies.task import make_task

    name, options = parse_learner(learner)
    options |= {key: value for key, value in (("language", language), ("semantics", semantics)) if value is not None}
    chosen = make_learner(name, options)
    _known("grade", grade, GRADES)
    _known("seat", seat, SEATS)
    if shortest and name != "rulelist":
        raise UsageError(f"--shortest searches lists of rules: write rulelist, not {name}")
    if not shortest and budget is None:
        raise UsageError("give --budget N, or --shortest to search for the shortest list")
    budgets = [] if budget is None else check_budgets([budget])
    with working(f"solving {game}"):
        task = make_task(game, weights)
    with working(f"fitting {learner}"):
        began = time.perf_counter()
        certificate: dict[str, Any] = {}
        if shortest:
            policy, certificate = _shortest(task, chosen, grade, seat, budgets)
        else:
            policy = list(chosen.fit_path(task, budgets, seed))[-1]
        seconds = time.perf_counter() - began
    with working("measuring"):
        point, data = measure_policy(task, chosen, policy, budget or policy.size, seconds, with_results=True)
    if out is not None:
        save_policy(out, pack(task.game.id, name, options, point.size, data))
    answer = {
        "game": task.game.id,
        "learner": name,
        "options": options,
        "unit": chosen.unit,
        "budget": budget,
        **measures(point),
        "seconds": seconds,
        "file": None if out is None else str(out),
        **certificate,
    }
    if json:
        emit_json(answer)
        return
    print_measures(answer, name, f"fitted in {seconds:.2f} s")
    if shortest:
        found = certificate["shortest"]
        print(f"no list shorter than {point.size} rules reaches {grade} ({seat}): {found['n_tried']:,} lists were tried, ", end="")
        print(f"{found['n_replayed']:,} refutations replayed")
        print(chosen.explain(policy, task))


def compare(
    learners: Annotated[list[str], typer.Argument(help="Two or more learners, for example rulelist network.")],
    game: GameName,
    seed: Annotated[int, typer.Option(help="Seed of the learners' random choices.")] = 0,
    with_language: Annotated[bool, typer.Option("--with-language", help="Count the language that a policy is written in, too.")] = False,
    weights: Weights = "uniform",
    out: Annotated[Path | None, typer.Option(help="Draw gain against bits into this .png, .svg or .pdf file.")] = None,
    json: Json = False,
) -> None:
    """Fit several learners at their own budgets: who has the greater gain at equal bits, and who the shortest file of perfect play."""
    from bench.cell import measure_policy
    from bench.curve import LEVELS, bits_to
    from bench.references import compress_moves
    from policies.registry import make_learner
    from policies.task import make_task

    if len(set(learners)) < 2:
        raise UsageError("compare takes two or more different learners, for example: compare rulelist network --game go-3x3")
    if out is not None and out.suffix not in (".png", ".svg", ".pdf"):
        raise UsageError(f"--out {out}: figures are written as .png, .svg or .pdf")
    made = {text: make_learner(*parse_learner(text)) for text in learners}
    with working(f"solving {game}"):
        task = make_task(game, weights)
    budgets = {text: list(learner.default_budgets(task)) for text, learner in made.items()}
    curves: dict[str, list[Any]] = {text: [] for text in made}
    with progress(total=sum(map(len, budgets.values()))) as bars:
        bar = bars.add_task("", total=sum(map(len, budgets.values())))
        for text, learner in made.items():
            bars.update(bar, description=text)
            for budget, policy in zip(budgets[text], learner.fit_path(task, budgets[text], seed), strict=False):
                curves[text].append(measure_policy(task, learner, policy, budget, 0.0, with_results=False)[0])
                bars.advance(bar)
    if out is not None:
        from bench.plots import draw_gain_against_bits, save_figure

        figure = draw_gain_against_bits(task.game.id, curves, with_language)
        save_figure(figure, out.with_suffix(""), (out.suffix[1:],))
    lead = _leaders(curves, with_language)
    reached = {text: {f"{level:g}": bits_to(points, level, with_language) for level in LEVELS} for text, points in curves.items()}
    tables = compress_moves(task)
    shortest = {text: min(points, key=lambda point: point.codelength) for text, points in curves.items()}
    files: dict[str, dict[str, Any]] = {
        text: {"size": p.size, "policy": p.policy_bits, "exceptions": p.exception_bits, "codelength": p.codelength}
        | {"ratio": tables.ratio(p.codelength)}
        for text, p in shortest.items()
    }
    if json:
        kept = ("size", "gain", "policy_bits", "language_bits", "exception_bits")
        plain = {text: [{name: getattr(point, name) for name in kept} for point in points] for text, points in curves.items()}
        answer = {"game": task.game.id, "with_language": with_language, "curves": plain, "bits_to_gain": reached, "at_equal_bits": lead}
        emit_json({**answer, "perfect_play": {"tables": dataclasses.asdict(tables), "files": files}})
        return
    for text, points in curves.items():
        emit_table(
            f"{text} on {task.game.id}",
            [made[text].unit, "gain", "residual", "policy bits", "language bits", "exception bits"],
            [[p.size, p.gain, 1 - p.gain, p.policy_bits, p.language_bits, p.exception_bits] for p in points],
        )
    emit_table("bits to a gain of", ["", *(f"{level:.0%}" for level in LEVELS)], [[text, *row.values()] for text, row in reached.items()])
    emit_table("gain at equal bits", ["bits", *curves, "leader"], [[row["bits"], *row["gain"].values(), row["leader"]] for row in lead])
    rows = [[f"{text}, {count_units(file['size'], made[text].unit)}", *list(file.values())[1:]] for text, file in files.items()]
    without = {"exceptions alone": tables.coder, "table of moves, xz": tables.xz, "table of moves, zstd": tables.zstd}
    rows += [[name, 0, bits, bits, tables.ratio(bits)] for name, bits in without.items()]
    emit_table("the shortest files of perfect play", ["", "policy bits", "other bits", "codelength", "ratio to no policy"], rows)


def parse_learner(text: str) -> tuple[str, dict[str, Any]]:
    """A learner's name and options from `name` or `name:option=value,option=value`; whole numbers, true and false are read as such."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    for part in rest.split(",") if rest else []:
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{text!r}: write options as NAME=VALUE, for example rulelist:language=words")
        options[key] = int(value) if value.lstrip("-").isdecimal() else {"true": True, "false": False}.get(value, value)
    return name, options


def _known(what: str, word: str, known: list[str]) -> None:
    if word not in known:
        raise UsageError(f"unknown {what} {word!r}; {nearest(word, known)}")


def _leaders(curves: dict[str, list[Any]], with_language: bool) -> list[dict[str, Any]]:
    """At a ladder of lengths in bits that all curves cover: each one's best gain, and who has the greatest."""
    from bench.curve import compare_all

    found = []
    for bits, gains in compare_all(curves, with_language):
        best = max(gains.values())
        leaders = [text for text, gain in gains.items() if best - gain < 1e-9]
        found.append({"bits": bits, "gain": gains, "leader": leaders[0] if len(leaders) == 1 else "none"})
    return found


def _shortest(task: Any, learner: Any, grade: str, seat: str, budgets: list[int]) -> tuple[Any, dict[str, Any]]:
    from policies.rules.shortest import LONGEST, shortest_policy

    result = shortest_policy(task, learner, grade, seat, *budgets or [LONGEST])
    if result.policy is None:
        hint = "give another --language" + ("" if result.certificate.length is None else ", or a larger --budget for longer lists")
        raise WorkError(result.refusal(f"{grade} ({seat}) on {task.game.id} in this language") + f"; {hint}")
    return result.policy, {"shortest": {**dataclasses.asdict(result.certificate), "n_replayed": result.n_replayed}}


def measures(point: Any) -> dict[str, Any]:
    """All that was measured of one policy, as plain JSON."""
    return {
        "size": point.size,
        "gain": point.gain,
        "residual": 1.0 - point.gain,
        "regret": point.regret,
        "bits": {
            "policy": point.policy_bits,
            "language": point.language_bits,
            "exceptions": point.exception_bits,
            "codelength": point.codelength,
        },
        "operations": point.operations,
        "grades": point.grades,
        "results": point.results,
    }


def print_measures(answer: dict[str, Any], name: str, how: str) -> None:
    """Say in words what was measured of the policy called `name`, which came about as `how` says."""
    bits, grades, results = answer["bits"], answer["grades"], answer["results"]
    print(f"{name} on {answer['game']}: {count_units(answer['size'], answer['unit'])}, gain {answer['gain']:.4f}", end="")
    print(f" (residual {answer['residual']:.2g}), {how}")
    print(f"bits: {show(bits['policy'])} policy, {show(bits['language'])} language, {show(bits['exceptions'])} exceptions;", end=" ")
    print(f"policy and exceptions decode to perfect play: {show(bits['codelength'])}")
    seats = {name: [seat for seat in ("first", "second") if grades[f"{name}_{seat}"]] for name in ("never_loses", "keeps_value", "stalls")}
    proved = [f"{name.replace('_', ' ')} ({' and '.join(holding)})" for name, holding in seats.items() if holding]
    proved += ["optimal everywhere"] * grades["optimal_everywhere"]
    print("proved over every line of play: " + (", ".join(proved) or "nothing; it can lose from both seats"))
    print(f"loses to a uniform opponent {results['loss_rate']:.2%}, to the best {results['best_loss_rate']:.2%};", end=" ")
    print(f"exploitability {round(results['exploitability'], 4) + 0.0:.4f}; {answer['operations']:.1f} operations a decision")
    if answer["file"]:
        print(f"written to {answer['file']}; `gaincurve explain {answer['file']}` puts it into words")
