"""The curve of a split: the gains on both sides of the policies that a learner fitted to one of them."""

import msgspec


class SplitCurve(msgspec.Struct, frozen=True):
    """The gains of the policies that were fitted to one side of a split, at each budget. None where nothing can be lost.

    The share of knowledge in the tail is computed from these when a record is read (bench/measures/transfer.py).
    """

    seed: int  # of the draw
    n_fitted: int  # positions
    n_held_out: int  # positions
    effective_fitted: float  # positions fitted to, in equal weights: 1 / sum of squared weights
    budgets: list[int]
    gains_fitted: list[float | None]
    gains: list[float | None]  # on the boards, or positions, held out
    errors: list[float | None]  # standard error of the held-out gain
    step_errors: list[float | None]  # of its difference from that at the budget before; of itself at the first
