"""What a run of self-play learns: parameters and losses, without the library that trains."""

from typing import NamedTuple

from games.arrays import Float32s


class Weights(NamedTuple):
    """The parameters, their running mean, and what Adam remembers: each [n_parameters], in units of `spreads`."""

    free: Float32s
    mean: Float32s
    first: Float32s  # the running mean of the gradients
    second: Float32s  # and that of their squares


class Loss(NamedTuple):
    """Means over the steps of an iteration."""

    policy: float  # cross-entropy to the search's policy, in bits
    value: float  # squared error, of values over the largest payoff
