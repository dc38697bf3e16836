"""The verbs about proofs: `bound` makes certificates of how much every list leaves, `verify` checks them, and policy files."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.fit import GRADES
from bench.cli.measures import measures, print_measures
from bench.cli.options import GAME_HELP, Json, complete_game
from bench.cli.outputs import check_file
from bench.cli.truth import check_set
from bench.terminal import emit_json, emit_table, stages, working
from bench.wording import at_least, duration
from bench.wording import proved as rounded_down
from games.errors import UsageError, WorkError, nearest

BUDGETS = "1,2,4,8,16,32,64"
LANGUAGE = "concepts+patterns+positions"
CLAIMED = [*GRADES, "plays_perfectly"]


def bound(
    game: Annotated[str | None, typer.Argument(metavar="GAME", help=GAME_HELP, autocompletion=complete_game)] = None,
    budget: Annotated[str, typer.Option(help="The numbers of rules to search certificates for.")] = BUDGETS,
    language: Annotated[str, typer.Option(help="What rules, single atoms, may be made of; positions are always added.")] = LANGUAGE,
    seconds: Annotated[float, typer.Option(help="Processor time to search for each number of rules, at most.")] = 120.0,
    out: Annotated[Path | None, typer.Option("--out", help="The file of certificates; one that is there is improved.")] = None,
    check: Annotated[Path | None, typer.Option("--check", help="In place of GAME: check this file, and note its proofs beside it.")] = None,
    json: Json = False,
) -> None:
    """Prove how much of the regret every first-match list of k single-atom rules leaves (docs/bounds.md)."""
    if check is not None:
        if game is not None or out is not None:
            raise UsageError("--check reads a file that names its game: leave GAME and --out out")
        _check(check, json, is_noted=True)
        return
    if game is None or out is None:
        raise UsageError(f"{'GAME' if game is None else '--out'} is missing: write `gaincurve bound GAME --out FILE`, or --check FILE")
    from policies.api import check_budgets

    try:
        lengths = check_budgets(int(text) for text in budget.split(","))
    except ValueError:
        raise UsageError(f"--budget {budget}: give whole numbers, as in {BUDGETS}") from None
    if not seconds > 0:
        raise UsageError(f"--seconds {seconds:g}: give a number above 0")
    check_file("--out", out)
    _search(game, language, lengths, seconds, out)
    _check(out, json, is_noted=True)


def _search(game: str, language: str, lengths: list[int], seconds: float, out: Path) -> None:
    """Search for every length, and write what is found after every round."""
    from policies.bounds.certificate import read_certificates, write_certificates
    from policies.bounds.prove import prove
    from policies.task import make_task

    before = read_certificates(out) if out.exists() else None
    if before is not None and (before.game, before.language) != (game, language):
        raise UsageError(f"{out} is about {before.game} in {before.language}: name another file")
    with working(f"solving {game}"):
        task = make_task(game)
    with stages("proving") as report:
        for found in prove(task, language, lengths, seconds, before):
            write_certificates(out, found.held)
            residual = rounded_down(max(0.0, found.residual))
            report(f"{found.k} rules, at least {residual} left", min(1.0, found.seconds / seconds))
            if found.is_last:
                why = "converged" if found.is_finished else "stopped"
                print(f"{found.k} rules: {residual} after {duration(found.seconds)}, {why}", file=sys.stderr)


def verify(
    file: Annotated[Path, typer.Argument(help="A file from `bound`, from `truth`, or a policy file from `fit --out`.")],
    game: Annotated[str | None, typer.Option("--game", help="Refuse the file unless it is for this game.")] = None,
    grade: Annotated[str | None, typer.Option(help=f"Of a policy: fail unless it has this grade: {', '.join(CLAIMED)}.")] = None,
    json: Json = False,
) -> None:
    """Check a file: compute the bounds of certificates anew, in whole numbers; prove a share of a truth set; grade a policy."""
    from games.proof.truth_set import is_set
    from policies.bounds.certificate import is_certificates

    if grade is not None and grade not in CLAIMED:
        raise UsageError(f"unknown grade {grade!r}; {nearest(grade, CLAIMED)}")
    if is_set(file):
        if game is not None or grade is not None:
            raise UsageError("--game and --grade are about policies and certificates: leave them out for a truth set")
        check_set(file, json=json)
    elif not is_certificates(file):
        _verify_policy(file, game, grade, json)
    elif grade is not None:
        raise UsageError("--grade is about the play of a policy: leave it out for a file of certificates")
    else:
        _check(file, json, game)


def _check(path: Path, json: bool, game: str | None = None, is_noted: bool = False) -> None:
    """Print what certificates prove; `is_noted` also writes the summary that reports read."""
    from bench.harness.untrusted_ids import check_named
    from policies.bounds.certificate import read_certificates
    from policies.bounds.check import check_certificates
    from policies.bounds.floor import floor_of_concepts
    from policies.bounds.summary import lengths, write_summary
    from policies.task import make_task

    held = read_certificates(path)
    if game is not None and game != held.game:
        raise UsageError(f"{path} is about {held.game}, not about {game}")
    try:
        with working(f"solving {held.game}"):
            task = make_task(check_named(held.game, "it", game))
        with working("checking"):
            proved = check_certificates(held, lengths(held) if is_noted else (), task)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    floor = floor_of_concepts(task)
    if is_noted:
        write_summary(path, proved, floor)
    ks = [entry.k for entry in held.entries]
    residuals = {k: proved.residual(k) for k in ks}
    if json:
        rows = [{"k": k, "residual": float(rounded_down(left, 9)), "exact": str(left)} for k, left in residuals.items()]
        ground = {"positions": proved.n_positions, "pairs": proved.n_pairs, "total": proved.total}
        emit_json({"game": held.game, "language": held.language, "weights": "uniform", **ground, "bounds": rows, "floor": str(floor)})
        return
    print(f"{held.game}, single atoms of {held.language}: {proved.n_positions:,} contested positions, {proved.n_pairs:,} pairs")
    emit_table("", ["rules", "leaves at least", "exactly"], [[str(k), rounded_down(left, 6), str(left)] for k, left in residuals.items()])
    print("; ".join(at_least(k, left) for k, left in _telling(residuals.items())))
    print(f"any policy over concepts alone leaves at least {rounded_down(floor)}")


def _telling(residuals: Iterable[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """The longest lists of which something is proved."""
    return [(k, left) for k, left in residuals if left > 0][-1:]


def _verify_policy(file: Path, game: str | None, grade: str | None, json: bool) -> None:
    """Print what a policy is measured to do. Raises WorkError after that if it lacks the grade."""
    from bench.harness.measure import measure_policy
    from bench.harness.policyfile import load_policy
    from policies.bounds.program import MAX_RULES
    from policies.rules.optimal_list import gain_of_best_order
    from policies.rules.rulelist import RuleList

    with working(f"reading {file}"):
        task, learner, policy, header = load_policy(file, game)
    with working("measuring"):
        point, _ = measure_policy(task, learner, policy, policy.size, 0.0, with_results=True, with_games_left=False)
    answer: dict[str, Any] = {"game": header.game, "learner": header.learner, "options": header.options, "unit": learner.unit}
    answer |= measures(point)
    if isinstance(policy, RuleList) and policy.semantics == "first-match" and policy.size <= MAX_RULES:
        with working("trying all orders"):
            _, best = gain_of_best_order(policy, task)
        better = max(0.0, best - point.gain)
        answer["best_order"] = {"gain": max(best, point.gain), "is_optimal": better < 1e-9, "gained": better if better >= 1e-9 else 0.0}
    if json:
        emit_json(answer)
    else:
        print_measures({**answer, "file": None}, header.learner, "read and measured anew")
        _print_order(answer.get("best_order"))
    if grade is not None:
        is_proved = point.plays_perfectly if grade == "plays_perfectly" else point.is_proved(grade)
        if not is_proved:
            raise WorkError(f"{file} does not have the grade {grade}; those that it has are printed above: fit more, or claim one of these")


def _print_order(order: dict[str, Any] | None) -> None:
    if order is None:
        return
    if order["is_optimal"]:
        print("no reordering of this list is better: proved over all orders")
    else:
        print(f"another order of these rules gains {order['gained']:.4f} more: {order['gain']:.4f}, the most of all orders")
