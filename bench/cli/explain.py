"""The verb `explain`: a policy in words, and for a rule list what each rule does and how much it matters."""

import itertools
import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli.options import Json, Positions
from bench.cli.outputs import check_file
from bench.terminal import emit_json, working
from bench.wording import count, show
from games.errors import UsageError

FULL = 20  # rules that are printed unless the user says which
MAX_NAMED = 6  # moves that are named in a line


def explain(
    file: Annotated[Path, typer.Argument(help="A policy file, from `fit --out` or a run's folder `policies`.")],
    game: Annotated[str | None, typer.Option("--game", help="Refuse the file unless it is for this game.")] = None,
    rules: Annotated[
        str | None, typer.Option("--rules", help=f"Of a rule list, the rules to show: 7, or 5-12; else the first {FULL}.")
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Show every rule of a list, however long it is.")] = False,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Of a rule list, also what is lost without each rule, and its Shapley value.")
    ] = False,
    samples: Annotated[int, typer.Option(help="With --ablate: random orders at positions where too many rules apply to try all.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the random orders of --ablate, and of the sample of --positions.")] = 0,
    positions: Positions = None,
    out: Annotated[Path | None, typer.Option("--list", help="Write the rule list to this file as JSON, to be edited and scored.")] = None,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Write a table of its rules, leaves, weights or units to this file: .csv, .json or .tex."),
    ] = None,
    program: Annotated[
        Path | None, typer.Option("--program", help="Of a list or weighted list, write a program that plays it to this .py file.")
    ] = None,
    units: Annotated[
        bool, typer.Option("--units", help="Of a network, also a conjunction for each unit, and how many rules explain its play.")
    ] = False,
    json: Json = False,
) -> None:
    """Show a policy in words; for a rule list also what each rule gains, costs, covers and gets wrong."""
    from bench.cli.rule_table_files import check_table
    from bench.cli.units import units_in_words, units_of
    from bench.harness.policyfile import load_policy
    from policies.api import check_seeds
    from policies.networks.policy import NetworkPolicy
    from policies.networks.subspace import SubspacePolicy
    from policies.program.write import check_program
    from policies.rules.format.file import rule_parts
    from policies.rules.format.literals import code_of
    from policies.rules.human import HumanLearner, human_list
    from policies.rules.rulelist import RuleList

    check_seeds([seed])
    if out is not None:
        check_file("--list", out)
    if table is not None:
        check_table(table)
    if program is not None:
        check_program(program)
        check_file("--program", program)
    if samples < 2:
        raise UsageError(f"--samples {samples}: give at least 2, for a standard error")
    with working(f"reading {file}"):
        task, learner, policy, header = load_policy(file, game, positions=positions, seed=seed)
    what: dict[str, Any] = {"game": header.game, "learner": header.learner, "options": header.options, "size": header.size}
    what["bits"] = 8 * header.bytes
    code = code_of(header.options)
    given = {"--rules": rules is not None, "--all": show_all, "--ablate": ablate, "--list": out is not None}
    for flag in (flag for flag, is_given in given.items() if is_given and not isinstance(policy, RuleList)):
        raise UsageError(f"{flag} is about rule lists; {file} holds a policy of the learner {header.learner}")
    network = policy.network(task.game) if isinstance(policy, SubspacePolicy) else policy
    if units and not isinstance(network, NetworkPolicy):
        raise UsageError(f"--units is about networks; {file} holds a policy of the learner {header.learner}")
    said: list[str] = []
    if table is not None:
        _write_table(table, learner, policy, task, what, code)
        what["table"] = str(table)
        said.append(f"table written to {table}")
    if program is not None:
        _write_program(program, policy, task, what)
        what["program"] = str(program)
        said.append(f"program written to {program}; `python {shlex.quote(str(program))} BOARD` prints a move")
    if units:
        what |= units_of(network, task)
        said += units_in_words(what)
    if not isinstance(policy, RuleList):
        text = "\n".join([str(learner.explain(policy, task)), *said])
        emit_json({**what, "explanation": text}) if json else print(text)
        return
    what["bits_by_part"] = rule_parts(policy.semantics, policy.rules, task, code)
    if out is not None:
        _write(out, policy, task, about=f"{header.learner} on {header.game}")
        said.append(f"written to {out}; `gaincurve score {shlex.quote(str(out))} --game {shlex.quote(header.game)}` measures it again")
    chosen = _chosen(rules, policy.size, show_all or (json and rules is None))
    with working("measuring"):
        answer = measured(policy, task, chosen, samples if ablate else 0, seed, code)
    preface = [human_list(task, learner.list).about + "."] if isinstance(learner, HumanLearner) else []
    text = "\n".join([*preface, *_in_words(policy, task, answer, what), *said])
    emit_json({**what, **answer, "file": None if out is None else str(out), "explanation": text}) if json else print(text)


def measured(policy: Any, task: Any, chosen: range, n_samples: int, seed: int, code: str) -> dict[str, Any]:
    """The measures of a list and of the chosen rules (by index), as plain JSON; with importance if there are samples."""
    from bench.measures.ablate import importance
    from bench.measures.rule_facts import rule_facts
    from policies.rules.json_lists import write_rule

    facts = rule_facts(policy, task, chosen, code)
    gains = list(itertools.accumulate(facts.gain.tolist()))
    found = importance(policy, task, n_samples, seed) if n_samples else None
    shown = []
    for i in chosen:
        row: dict[str, Any] = {
            "number": i + 1,
            "rule": write_rule(policy.rules[i], task.game, task.graph),
            "gain": float(facts.gain[i]),
            "gain_so_far": gains[i],
            "bits": float(facts.bits[i - chosen.start]),
            "coverage": float(facts.coverage[i]),
            "n_decided": int(facts.n_decided[i]),
            "n_errors": int(facts.n_errors[i]),
            "right": vars(facts.right[i]) if facts.right[i] else None,
            "wrong": vars(facts.wrong[i]) if facts.wrong[i] else None,
        }
        if found is not None:
            row |= {"without_it": float(found.without[i]), "shapley": float(found.shapley[i]), "standard_error": float(found.errors[i])}
        shown.append(row)
    answer = {
        "semantics": policy.semantics,
        "gain": gains[-1] if gains else 0.0,
        "coverage": float(facts.coverage.sum()) if policy.semantics == "first-match" else None,
        "rules": shown,
    }
    if found is not None:
        kendall = {f"{one} and {other}": tau for (one, other), tau in found.rank_correlations().items()}
        answer["ablation"] = {"n_samples": found.n_samples, "seed": seed, "kendall": kendall}
    return answer


def _chosen(text: str | None, n_rules: int, show_all: bool) -> range:
    """The indices of the rules that are asked for."""
    if text is None:
        return range(n_rules if show_all else min(n_rules, FULL))
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
    if not match:
        raise UsageError(f"--rules {text}: write one number or two, for example 7 or 5-12")
    first, last = int(match[1]), int(match[2] or match[1])
    if show_all:
        raise UsageError("give --rules or --all, not both")
    if not 1 <= first <= last <= n_rules:
        raise UsageError(f"--rules {text}: the list has rules 1 to {n_rules}" if n_rules else f"--rules {text}: the list has no rules")
    return range(first - 1, last)


def _write(path: Path, policy: Any, task: Any, about: str) -> None:
    from games.solving.store import write_atomically
    from policies.rules.json_lists import write_list

    write_atomically(path, [write_list(task.game, task.graph, policy.semantics, policy.rules, about).encode()])


def _write_table(path: Path, learner: Any, policy: Any, task: Any, what: dict[str, Any], code: str) -> None:
    from bench.cli.rule_table_files import write_rule_table
    from bench.measures.rule_table import rule_table

    with working("measuring the rules"):
        found = rule_table(learner, policy, task, what["bits"], code)
    write_rule_table(path, found, {key: what[key] for key in ("game", "learner", "options", "size", "bits")})


def _write_program(path: Path, policy: Any, task: Any, what: dict[str, Any]) -> None:
    from games.solving.store import write_atomically
    from policies.program.write import write_program

    text = write_program(policy, task, f"{what['learner']} on {what['game']}: {policy.size} rules in {what['bits']:,} bits")
    write_atomically(path, [text.encode()])


def _in_words(policy: Any, task: Any, answer: dict[str, Any], what: dict[str, Any]) -> list[str]:
    from policies.language.atoms import atoms_of
    from policies.rules.text import how_to_read, legend, otherwise, rule_in_words

    atoms, first = atoms_of(task.game, task.graph), policy.semantics == "first-match"
    shown = answer["rules"]
    rules = [policy.rules[row["number"] - 1] for row in shown]
    lines = [
        f"{what['learner']} on {what['game']}, {policy.semantics}: {count(policy.size, 'rule')}, ",
        how_to_read(policy.semantics),
    ]
    lines[0] += f"{show(what['bits'])} bits, gain {answer['gain']:.4f}"
    lines += [symbols] if (symbols := legend(literal for rule in rules for literal in rule)) else []
    lines += ["On the boards X is to move."] * (task.game.board is not None and bool(shown))
    for row, rule in zip(shown, rules, strict=True):
        lines += rule_in_words(atoms, policy.semantics, row["number"], rule).lines
        lines.append(" " * 8 + _numbers(row, first))
        right = None if any(literal.kind == "position" and literal.holds for literal in rule) else row["right"]  # it is drawn already
        lines += [" " * 8 + line for line in _side_by_side(_case("right", right, first), _case("wrong", row["wrong"], first))]
    left_out = policy.size - len(shown)
    if left_out:
        lines.append(f"     {count(left_out, 'rule')} more; see them with --rules A-B or --all")
    if first:
        lines.append(otherwise(policy.semantics))
        lines.append(" " * 8 + f"left to chance: {max(0.0, 1 - answer['coverage']):.1%} of all positions")
    if "ablation" in answer:
        lines += _importance(answer)
    return lines


def _numbers(row: dict[str, Any], first: bool) -> str:
    if not row["n_decided"]:
        return f"{row['bits']:.3g} bits; never {'decides' if first else 'narrows'} anything"
    verb, fails = ("decides", "errs") if first else ("narrows", "throws away the last best move")
    where = f"{verb} {row['coverage']:.1%} ({count(row['n_decided'], 'position')}), {fails} in {row['n_errors']:,}"
    return f"gain {row['gain']:+.4f} to {row['gain_so_far']:.4f}; {row['bits']:.3g} bits; {where}"


def _case(title: str, case: dict[str, Any] | None, first: bool) -> list[str]:
    """A position as lines: what the rule does there, and the board."""
    if case is None:
        return []
    moves = [f"{name} (loses {loss})" if loss else name for name, loss in sorted(case["moves"].items(), key=lambda each: -each[1])]
    said = f"{title}: {'plays' if first else 'keeps'} {_named(moves)}"
    if not set(case["best"]) & set(case["moves"]):
        said += f"; best {_named(case['best'])}"
    return [said, *case["position"]]


def _named(moves: list[str]) -> str:
    more = len(moves) - MAX_NAMED
    return ", ".join(moves[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _side_by_side(left: list[str], right: list[str]) -> list[str]:
    width = max([len(line) for line in left], default=0) + 4 * bool(left)
    return [f"{a:<{width}}{b}".rstrip() for a, b in itertools.zip_longest(left, right, fillvalue="")]


def _importance(answer: dict[str, Any]) -> list[str]:
    ablation, taus = answer["ablation"], answer["ablation"]["kendall"]
    n = ablation["n_samples"]
    how = f"estimated from {n:,} random orders a position, seed {ablation['seed']}" if n else "exact"
    lines = ["", f"How much each rule matters, in units of gain; Shapley values are {how}.", " rule  in order  without it   Shapley"]
    for row in answer["rules"]:
        error = f" ± {row['standard_error']:.4f}" if n else ""
        lines.append(f"{row['number']:>5}  {row['gain']:>8.4f}  {row['without_it']:>10.4f}  {row['shapley']:>8.4f}{error}")
    lines.append("Kendall's tau over all rules (1: the same order, 0: unrelated):")
    return [*lines, *(f"  {pair}: {'-' if tau is None else f'{tau:.2f}'}" for pair, tau in taus.items())]
