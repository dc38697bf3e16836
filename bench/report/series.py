"""The numbers behind the figures of a report, as series, which a page shows under the pointer."""

import math
from collections.abc import Callable, Mapping, Sequence

from bench.curves.envelope import Envelope, drawn_in_panel_b
from bench.curves.figure1 import added_rules, growing, waterfall_list
from bench.curves.held_out_lists import held_out_lists
from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.blocks import Series
from bench.scaling.axis import Place
from bench.scaling.bounded import LIMITS, BoundedCode, largest_of_families
from bench.scaling.exponents import Exponent
from bench.scaling.levels import LEVELS, level_in_words
from bench.scaling.power_law import Scaling
from bench.tails.curves import Curve
from bench.wording import count, count_units


def gains_by_bits(curves: Mapping[str, tuple[Sequence[Point], str]]) -> tuple[Series, ...]:
    """Of each curve, its points and the unit of its sizes: gain against policy bits, of files that are not empty."""
    found = []
    for name, (points, unit) in curves.items():
        shown = [point for point in points if point.policy_bits > 0]
        labels = tuple(count_units(point.size, unit) for point in shown)
        found.append(Series(name, tuple(point.policy_bits for point in shown), tuple(point.gain for point in shown), labels))
    return tuple(found)


def left_by_units(envelopes: Sequence[Envelope]) -> tuple[Series, ...]:
    """Of each game what its best policies leave against their size, with the learner that holds each."""
    return tuple(
        Series(
            envelope.game,
            tuple(float(policy.size) for policy in envelope.best),
            tuple(1.0 - policy.gain for policy in envelope.best),
            tuple(f"{count_units(policy.size, policy.record.unit)}, {policy.record.cell.label}" for policy in envelope.best),
        )
        for envelope in envelopes
    )


def places_by_bits(places: Sequence[Place]) -> tuple[Series, ...]:
    """Games by bits; y is the place on the axis, from 0 up."""
    bits, names = tuple(place.bits for place in places), tuple(place.name for place in places)
    return (Series("measured", bits, tuple(range(len(places))), names),)


def codes_by_bits(codes: Sequence[BoundedCode]) -> tuple[Series, ...]:
    """Of each limit of operations the games by bits of policy and language; y is the game's place in the order given."""
    games = list(dict.fromkeys(code.game for code in codes))
    found = []
    for limit in LIMITS:
        drawn = [
            (code.bits, games.index(code.game), f"{code.game}, {code.learner}")
            for code in codes
            if code.operations_limit == limit and code.bits
        ]
        if drawn:
            found.append(Series(f"at most {limit:,} operations a decision", *map(tuple, zip(*drawn, strict=True))))
    return tuple(found)


def bits_by_positions(found: Sequence[Scaling]) -> tuple[Series, ...]:
    """Of each quantity of a family the games that were measured."""
    return tuple(
        Series(
            f"{scaling.family}, {scaling.curve}: {scaling.quantity}",
            tuple(sample.n_positions for sample in scaling.samples),
            tuple(sample.bits for sample in scaling.samples),
            tuple(sample.game for sample in scaling.samples),
        )
        for scaling in found
    )


def kappa_by_level(families: Mapping[str, Sequence[Exponent]]) -> tuple[Series, ...]:
    """Of each family kappa against the place of its level among LEVELS, with the level and the verdict."""
    found = []
    for family, of_family in families.items():
        drawn = [
            (LEVELS.index(each.level), each.law.kappa, f"{level_in_words(each.level)}: {each.verdict}") for each in of_family if each.law
        ]
        found.append(Series(family, *map(tuple, zip(*drawn, strict=True))))
    return tuple(found)


def extrapolated(found: Sequence[Scaling]) -> tuple[Series, ...]:
    """The same as logarithms to the base 10, and the boards that a law is drawn on to."""
    series = []
    for scaling, measured in zip(found, bits_by_positions(found), strict=True):
        log_x, log_y = (tuple(math.log10(number) for number in numbers) for numbers in (measured.x, measured.y))
        series.append(Series(measured.name, log_x, log_y, measured.labels))
        ahead = scaling.extrapolated
        xs, ys = tuple(each.log10_positions for each in ahead), tuple(each.log10_bits for each in ahead)
        series.append(Series(f"{measured.name}, extrapolated", xs, ys, tuple(each.game for each in ahead)))
    return tuple(series)


def residuals(curves: Sequence[tuple[str, Curve]]) -> tuple[Series, ...]:
    """Of each named curve what is left, as a share, against the number of units."""
    return tuple(Series(name, tuple(curve.sizes.tolist()), tuple(curve.residuals.tolist())) for name, curve in curves)


def rules_in_order(records: Sequence[Record]) -> tuple[Series, ...]:
    """Panel A of Figure 1: the gain with each further rule, and the rule."""
    record = waterfall_list(records)
    points = growing(record) if record else []
    if not points:
        return ()
    numbers = tuple(float(point.size) for point in points)
    return (Series("gain", tuple(point.gain for point in points), numbers, tuple(added_rules(points))),)


def what_is_left(records: Sequence[Record]) -> tuple[Series, ...]:
    """Panel B: of each game what the best policies leave, and what its plain list leaves where fitted and held out, by number of units."""
    found = []
    envelopes = [envelope for envelope, _ in drawn_in_panel_b(records)]
    for envelope in envelopes:
        best = envelope.best
        held_by = tuple(f"{count(policy.size, envelope.unit)}, {policy.record.cell.label}" for policy in best)
        sizes = tuple(float(policy.size) for policy in best)
        found.append(Series(f"{envelope.game}: residual", sizes, tuple(1.0 - policy.gain for policy in best), held_by))
    for one in held_out_lists(records, [envelope.game for envelope in envelopes]):
        for name, left in (("left on boards held out", one.held), ("left where fitted", one.fitted)):
            found.append(Series(f"{one.game}: {name}", tuple(one.budgets.tolist()), tuple(left.tolist())))
    return tuple(found)


def policy_and_language(records: Sequence[Record]) -> tuple[Series, ...]:
    """Panel C: K_T of the largest game of each family."""
    return codes_by_bits(largest_of_families(records))


PANELS: dict[str, Callable[[Sequence[Record]], tuple[Series, ...]]] = {"A": rules_in_order, "B": what_is_left, "C": policy_and_language}
