"""The measures shown beside a gain: whether the policy keeps the value, its exploitability, its error rate and its missing bits."""

from bench.harness.point import Point, in_words


def value_kept(point: Point) -> str:
    """From which seats a policy keeps the value of the game, and whether it may stall there; empty where that was not proved."""
    seats = {seat: point.is_proved(f"keeps_value_{seat}") for seat in ("first", "second")}
    if None in seats.values():
        return ""
    kept = [seat for seat, keeps in seats.items() if keeps]
    where = {0: "from neither seat", 1: f"as {''.join(kept)} player only", 2: "from both seats"}[len(kept)]
    stall = " but may stall" if any(point.is_proved(f"stalls_{seat}") for seat in kept) else ""
    return f"keeps the value {where}{stall}"


def exploitability(point: Point, form: str = ".2f") -> str:
    """The exploitability as a number, or its bounds where it is not exact; empty where it was not computed."""
    if point.bounds("exploitability"):
        return in_words(point.results or {}, "exploitability", form)
    return "" if point.exploitability is None else format(point.exploitability, f"z{form}")


def companions(point: Point) -> str:
    """All four, to follow the subject of a sentence; what a record does not hold is left out.

    >>> import gaincurve
    >>> companions(gaincurve.fit("tictactoe", "rulelist", 5).point)
    'keeps the value as first player only; exploitability 0.50, error rate 1.7%, 0.031 missing bits'
    """
    numbers = [f"exploitability {exploited}"] if (exploited := exploitability(point)) else []
    numbers += [] if point.error_rate is None else [f"error rate {point.error_rate:.1%}"]
    numbers += [] if point.missing_bits is None else [f"{point.missing_bits:.3f} missing bits"]
    return "; ".join(part for part in (value_kept(point), ", ".join(numbers)) if part)
