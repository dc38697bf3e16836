"""The verb `fit`: one policy, from the truth, from a sample of it, or from another policy."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.games import Json
from bench.terminal import count_units, emit_json, show, working
from games.errors import UsageError, nearest

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
    sample: Annotated[
        float | None, typer.Option(help="Fit to this share of the positions, drawn by the seed, and measure the others apart.")
    ] = None,
    teacher: Annotated[Path | None, typer.Option(help="Fit to what this policy file prefers instead of to the truth.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the policy to this file.")] = None,
    json: Json = False,
) -> None:
    """Fit one policy, and say how well it plays and how many bits it takes."""
    from bench.harness.fitted import Goal, fit_policy
    from policies.registry import parse_learner

    name, options = parse_learner(learner)
    options |= {key: value for key, value in (("language", language), ("semantics", semantics)) if value is not None}
    _known("grade", grade, GRADES)
    _known("seat", seat, SEATS)
    if not shortest and budget is None:
        raise UsageError("give --budget N, or --shortest to search for the shortest list")
    goal = Goal(grade, seat) if shortest else None
    fitted = fit_policy(game, name, options, budget, seed, weights, sample, teacher, goal, working)
    with working("measuring"):
        point, agreed = fitted.point, fitted.fidelity
    if out is not None:
        fitted.save(out)
    search = fitted.shortest
    certificate = {"shortest": {**dataclasses.asdict(search.certificate), "n_replayed": search.n_replayed}} if search else {}
    answer = {
        "game": fitted.task.game.id,
        "learner": name,
        "options": options,
        "unit": fitted.learner.unit,
        "budget": budget,
        **measures(point),
        "sample": sample,
        "teacher": None if teacher is None else str(teacher),
        "fidelity": agreed,
        "seconds": fitted.seconds,
        "file": None if out is None else str(out),
        **certificate,
    }
    if json:
        emit_json(answer)
        return
    print_measures(answer, name, f"fitted in {fitted.seconds:.2f} s")
    if teacher is not None:
        print(f"fidelity {agreed:.4f}: the share of the positions in which it chooses among the teacher's best moves only")
    if point.held_out is not None:
        print_held_out(point.held_out)
    if search:
        print(f"no list shorter than {point.size} rules reaches {grade} ({seat}): ", end="")
        print(f"{search.certificate.n_tried:,} lists were tried, {search.n_replayed:,} refutations replayed")
        print(fitted.explain())


def _known(what: str, word: str, known: list[str]) -> None:
    if word not in known:
        raise UsageError(f"unknown {what} {word!r}; {nearest(word, known)}")


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
        "held_out": point.held_out,
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


def print_held_out(found: dict[str, Any]) -> None:
    """Say what was gained on the positions fitted to, on the others, and what the length of the file promises for all."""
    fitted, unseen = (None if gain is None else round(gain, 9) + 0.0 for gain in (found["gain_fitted"], found["gain_held_out"]))
    print(f"fitted to {found['n_fitted']:,} positions, gain {show(fitted)} there; held out {found['n_held_out']:,}, gain {show(unseen)}")
    bound = found["bound"]
    if bound is None:
        print("no bound: it holds for positions that count alike, so leave --weights out")
        return
    promise = "vacuous, no gain is promised" if bound["is_vacuous"] else f"a gain of at least {bound['gain']:.4f}"
    print(
        f"bound: with probability {1 - bound['delta']:g} over the draw, a file of {bound['bits']:,} bits, those of its length included,",
        end=" ",
    )
    print(f"has a mean regret over all positions of at most {bound['regret']:.4f}: {promise}")
