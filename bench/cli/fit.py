"""The verb `fit`: one policy, from the truth, from a sample of it, or from another policy."""

import dataclasses
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.games import Json
from bench.terminal import count_units, emit_json, show, working
from games.errors import UsageError, WorkError, nearest

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
    from bench.harness.measure import measure_policy
    from bench.harness.policyfile import load_policy, pack, save_policy
    from bench.measures.heldout import check_learner
    from policies.api import check_budgets
    from policies.registry import make_learner
    from policies.task import make_sample, make_task
    from policies.teacher import fidelity, taught

    name, options = parse_learner(learner)
    options |= {key: value for key, value in (("language", language), ("semantics", semantics)) if value is not None}
    chosen = make_learner(name, options)
    _known("grade", grade, GRADES)
    _known("seat", seat, SEATS)
    if shortest and name != "rulelist":
        raise UsageError(f"--shortest searches lists of rules: write rulelist, not {name}")
    if not shortest and budget is None:
        raise UsageError("give --budget N, or --shortest to search for the shortest list")
    if sample is not None or teacher is not None:
        check_learner("shortest" if shortest else name)
    budgets = [] if budget is None else check_budgets([budget])
    with working(f"solving {game}"):
        task = seen = make_task(game, weights)
        lessons = None
        if teacher is not None:
            _, _, model, _ = load_policy(teacher, task.game.id)
            lessons = model.scores(task)
            seen = taught(task, lessons)
        if sample is not None:
            seen = make_sample(seen, sample, seed)
    with working(f"fitting {learner}"):
        began = time.perf_counter()
        certificate: dict[str, Any] = {}
        if shortest:
            policy, certificate = _shortest(task, chosen, grade, seat, budgets)
        else:
            policy = list(chosen.fit_path(seen, budgets, seed))[-1]
        seconds = time.perf_counter() - began
    with working("measuring"):
        part = None if sample is None else seen
        point, data = measure_policy(task, chosen, policy, budget or policy.size, seconds, with_results=True, sample=part)
        agreed = None if lessons is None else fidelity(task, chosen.decode(data, task).scores(task), lessons)
    if out is not None:
        save_policy(out, pack(task.game.id, name, options, point.size, data))
    answer = {
        "game": task.game.id,
        "learner": name,
        "options": options,
        "unit": chosen.unit,
        "budget": budget,
        **measures(point),
        "sample": sample,
        "teacher": None if teacher is None else str(teacher),
        "fidelity": agreed,
        "seconds": seconds,
        "file": None if out is None else str(out),
        **certificate,
    }
    if json:
        emit_json(answer)
        return
    print_measures(answer, name, f"fitted in {seconds:.2f} s")
    if teacher is not None:
        print(f"fidelity {agreed:.4f}: the share of the positions in which it chooses among the teacher's best moves only")
    if point.held_out is not None:
        print_held_out(point.held_out)
    if shortest:
        found = certificate["shortest"]
        print(f"no list shorter than {point.size} rules reaches {grade} ({seat}): {found['n_tried']:,} lists were tried, ", end="")
        print(f"{found['n_replayed']:,} refutations replayed")
        print(chosen.explain(policy, task))


def parse_learner(text: str) -> tuple[str, dict[str, Any]]:
    """A learner's name and options from `name` or `name:option=value,option=value`; numbers, true and false are read as such."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    for part in rest.split(",") if rest else []:
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{text!r}: write options as NAME=VALUE, for example rulelist:language=words")
        options[key] = _read_value(value)
    return name, options


def _read_value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _known(what: str, word: str, known: list[str]) -> None:
    if word not in known:
        raise UsageError(f"unknown {what} {word!r}; {nearest(word, known)}")


def _shortest(task: Any, learner: Any, grade: str, seat: str, budgets: list[int]) -> tuple[Any, dict[str, Any]]:
    from policies.rules.shortest import MAX_LENGTH, shortest_policy

    result = shortest_policy(task, learner, grade, seat, *budgets or [MAX_LENGTH])
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
