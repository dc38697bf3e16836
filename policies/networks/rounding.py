"""Rounding to few levels with training through the rounding: uniform, ternary and binary weights."""

import dataclasses

import numpy as np

from games.arrays import Float64s
from policies.networks.coding import Written, round_step
from policies.networks.policy import NetworkPolicy
from policies.networks.retraining import ROUNDING, Lessons, retrain


def uniform(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Round to `number` bits, whole multiples of a step up and down to 2**(number - 1) - 1; train through the rounding."""
    most = 2 ** (int(number) - 1) - 1
    return _round(policy, [best_step(part, most) for part in policy.parameters], most, False, lessons)


def ternary(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Round to one step up, one down, or zero; train through the rounding."""
    return _round(policy, [best_step(part, 1) for part in policy.parameters], 1, False, lessons)


def binary(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Round what is left to one step up or down, at first the mean size (Rastegari et al. 2016); train through the rounding."""
    steps = [round_step(float(np.abs(part[part != 0]).mean())) if part.any() else 1.0 for part in policy.parameters]
    return _round(policy, steps, 1, True, lessons)


def best_step(values: Float64s, most: int) -> float:
    """The step whose multiples up to `most` come closest to the values other than zero, in squares; of 200 tried."""
    kept = values[values != 0]
    if len(kept) == 0:
        return 1.0
    steps = np.abs(kept).max() / most * np.linspace(0.05, 1.2, 200)
    errors = [float(np.square(np.clip(np.round(kept / step), -most, most) * step - kept).sum()) for step in steps]
    return round_step(float(steps[int(np.argmin(errors))]))


def _round(policy: NetworkPolicy, steps: list[float], most: int, is_binary: bool, lessons: Lessons) -> NetworkPolicy:
    from policies.networks.training import Rounding

    rounding = Rounding(1.0, most, tuple(steps), is_binary)
    values = retrain(policy.design, policy.parameters, lessons, ROUNDING, rounding)
    found = [Written("uniform", np.round(part / step).astype(np.int64), np.array([step])) for part, step in zip(values, steps, strict=True)]
    return dataclasses.replace(policy, layers=tuple(found))
