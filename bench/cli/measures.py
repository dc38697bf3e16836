"""The measures of one policy as JSON and in words, for the verbs that fit or score one."""

from typing import TYPE_CHECKING, Any

from bench.wording import count_units, show

if TYPE_CHECKING:
    from policies.proved_task import ProvedTask


def measures(point: Any) -> dict[str, Any]:
    """All measures of one policy, as plain JSON."""
    return {
        "size": point.size,
        "gain": point.gain,
        "gain_error": point.gain_error,
        "residual": 1.0 - point.gain,
        "regret": point.regret,
        "bits": {
            "policy": point.policy_bits,
            "language": point.language_bits,
            "exceptions": point.exception_bits,
            "exceptions_a_position": point.exception_rate,
            "codelength": point.codelength,
        },
        "operations": point.operations,
        "error_rate": point.error_rate,
        "missing_bits": point.missing_bits,
        "exploitability": point.exploitability,
        "plays_perfectly": point.plays_perfectly,
        "grades": point.grades,
        "results": point.results,
        "weak": point.weak,
        "held_out": point.held_out,
    }


def set_facts(proved: "ProvedTask", left: tuple[float, float] | None) -> dict[str, Any]:
    """The truth set of a policy's task, and the bounds of what it leaves at positions that it was not fitted to, as plain JSON."""
    drawn = proved.drawn
    return {
        "draw": drawn.draw,
        "seed": drawn.seed,
        "sha256": drawn.sha256,
        "n_positions": len(drawn.positions),
        "open_share": proved.open_share,
        "residual": left,
    }


def print_measures(answer: dict[str, Any], name: str, how: str) -> None:
    """Print the measures of the policy called `name` in words; `how` says how it was made."""
    from bench.harness.point import in_words
    from bench.harness.untrusted_ids import explain_command
    from policies.position_weights import UNIFORM

    bits = answer["bits"]
    print(f"{name} on {answer['game']}: {count_units(answer['size'], answer['unit'])}, gain {answer['gain']:.4f}", end="")
    is_part = answer["held_out"] is not None and not answer.get("asked", {}).get("splits")
    print(f" (residual {answer['residual']:.2g}){' on positions fitted and held out together' if is_part else ''}, {how}")
    if (rate := bits["exceptions_a_position"]) is None:
        print(f"bits: {show(bits['policy'])} policy, {show(bits['language'])} language, {show(bits['exceptions'])} exceptions;", end=" ")
        print(f"policy and exceptions decode to optimal moves: {show(bits['codelength'])}")
    else:
        known = answer["gain_error"]
        error = "one position gives the gain no standard error; " if known is None else f"standard error of the gain {known:.4f}; "
        print(f"bits: {show(bits['policy'])} policy, {show(bits['language'])} language, {rate:.3f} exceptions a position")
        print(f"on a sample of the positions: {error}grades, expected scores and games left need every position")
    if found := answer.get("truth_set"):
        _print_set(found)
    if answer.get("weights", UNIFORM) != UNIFORM:
        print(f"means by weights {answer['weights']}: worth {answer['effective_positions']:,.1f} positions of equal weight")
    if (weak := answer["weak"]) is not None:
        print(f"its own lines: {show(weak['positions'])} positions, {show(weak['exception_bits'])} bits of corrections;", end=" ")
        print(f"policy and corrections decode to optimal moves there: {show(weak['codelength'])}")
    if answer["grades"] is not None:
        _print_grades(answer["grades"], answer["plays_perfectly"])
    if results := answer["results"]:
        losses = [in_words(results, name, ".2%") for name in ("loss_rate", "best_loss_rate")]
        print(f"loses to a uniform opponent {losses[0]}, to the best {losses[1]}")
    print("; ".join([*_beside_gain(answer), f"{answer['operations']:.1f} operations a decision"]))
    if answer["file"]:
        print(f"written to {answer['file']}; `{explain_command(answer['file'], answer['game'])}` puts it into words")


def _print_set(found: dict[str, Any]) -> None:
    print(f"truth set: {found['n_positions']:,} positions, {found['draw']}, seed {found['seed']};", end=" ")
    print(f"{found['open_share']:.2%} with a move of open value, which are not fitted")
    if found["open_share"] and found["residual"]:
        low, high = found["residual"]
        print(f"left at positions that were not fitted, these among them, whatever the open values are: {low:.2%} to {high:.2%}")


def _beside_gain(answer: dict[str, Any]) -> list[str]:
    """Exploitability, error rate and missing bits, as far as they were measured; bounds where an exploitability is not exact."""
    from bench.harness.point import in_words

    exploited = {"exploitability": answer["exploitability"], **(answer["results"] or {})}
    said = [] if exploited["exploitability"] is None else [f"exploitability {in_words(exploited, 'exploitability', '.4f')}"]
    said += [] if answer["error_rate"] is None else [f"error rate {answer['error_rate']:.2%}"]
    return said + ([] if answer["missing_bits"] is None else [f"{answer['missing_bits']:.4f} missing bits"])


def _print_grades(grades: dict[str, bool], plays_perfectly: bool) -> None:
    seats = {name: [seat for seat in ("first", "second") if grades[f"{name}_{seat}"]] for name in ("never_loses", "keeps_value", "stalls")}
    proved = [f"{name.replace('_', ' ')} ({' and '.join(holding)})" for name, holding in seats.items() if holding]
    proved += ["plays perfectly"] * plays_perfectly + ["optimal everywhere"] * grades["optimal_everywhere"]
    print("proved over every line of play: " + (", ".join(proved) or "nothing; it can lose from both seats"))


def print_held_out(found: dict[str, Any], split: str, is_sample: bool = False) -> None:
    """Print the gains on both sides of a split, and what the length of the file promises for all of them."""
    fitted, unseen = (None if gain is None else round(gain, 9) + 0.0 for gain in (found["gain_fitted"], found["gain"]))
    error_fitted, error = (
        "" if error is None else f" (standard error {error:.4f})"
        for error in (found["error_fitted"] if is_sample else None, found["error"])
    )
    print(f"fitted to {found['n_fitted']:,} positions, gain {show(fitted)}{error_fitted} there; held out {found['n_held_out']:,},", end=" ")
    print(f"gain {show(unseen)}{error}")
    bound = found["pac_bayes"]
    if bound is None:
        if found["splits"] == 1:
            print("no bound: it holds for positions that count alike, so leave --weights out")
        return
    promise = "vacuous, no gain is promised" if bound["is_vacuous"] else f"a gain of at least {bound['gain']:.4f}"
    population = f"{split} of the sample" if is_sample else split
    print(
        f"bound: with probability {1 - bound['delta']:g} over the draw of {bound['n_drawn']:,} {split}, a file of {bound['bits']:,} bits,",
        end=" ",
    )
    print(f"those of its length included, has a mean regret over all {population} of at most {bound['regret']:.4f}: {promise}")
