"""How much of planted rules a method recovers: one definition for all methods.

A method hands over *signals*, numbers at every position. A rule is supported by them in one of two readings:
  one part    the largest absolute correlation of a single signal with where the rule applies
  all parts   how well a linear combination of all signals tells where it applies: 1 - squared error / variance, on positions held out
The *recovery* is the area under the ROC curve of that support: the chance that a planted rule has more of it than a rule that was not
planted, ties counting half. It is 1 if every planted rule comes before all others, and 0.5 for a method that knows nothing.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int64s

N_FOLDS = 5  # of positions, each held out once
RIDGE = 0.01  # penalty on the weights of the combination, in units of the variance of a signal
DIGITS = 9  # of supports: smaller differences are rounding


class Recovery(NamedTuple):
    """How the planted rules rank among the others, in the mean over them."""

    auc: float
    bits: float  # of the logarithm of the number of rules, those that the ranking saves who names a planted rule
    named: float  # share of the planted rules that come before all others


def standardised(signals: Float64s, weights: Float64s) -> Float64s:
    """Signals with mean 0 and variance 1; zero where one is constant. signals: [n_signals, n_positions], weights: [n_positions]."""
    centred = signals - (signals @ weights)[:, None]
    spread = np.sqrt((centred**2) @ weights)
    flat = spread < 1e-12
    found: Float64s = np.where(flat[:, None], 0.0, centred / np.where(flat, 1.0, spread)[:, None])
    return found


def support_of_one(signals: Float64s, applies: Bools, weights: Float64s) -> Float64s:
    """The largest absolute correlation of any signal with each rule. [n_rules]"""
    products = (standardised(signals, weights) * weights) @ standardised(applies.astype(np.float64), weights).T
    found: Float64s = np.abs(products).max(axis=0, initial=0.0)
    return found


def support_of_all(signals: Float64s, applies: Bools, weights: Float64s, seed: int = 0) -> Float64s:
    """The share of the variance of each rule that a linear combination of the signals explains where it was not fitted. [n_rules]"""
    given, wanted = standardised(signals, weights), applies.astype(np.float64)
    fold = np.random.default_rng(seed).permutation(given.shape[1]) % N_FOLDS
    error, variance = np.zeros(len(wanted)), np.zeros(len(wanted))
    for number in range(N_FOLDS):
        held = fold == number
        fitted = weights * ~held / weights[~held].sum()
        means, centre = wanted @ fitted, (given @ fitted)[:, None]
        seen = (given - centre) * fitted
        square = seen @ (given - centre).T + RIDGE * np.eye(len(given))
        combination = np.linalg.solve(square, seen @ (wanted - means[:, None]).T)
        misses = wanted[:, held] - means[:, None]
        variance += (misses**2) @ weights[held]
        error += ((misses - combination.T @ (given - centre)[:, held]) ** 2) @ weights[held]
    found: Float64s = 1.0 - error / variance
    return found


READINGS = {"one part": support_of_one, "all parts": support_of_all}


def recovery(support: Float64s, planted: Int64s) -> Recovery:
    """How far a method's support tells the planted rules, by their indices, from all others. support: [n_rules]."""
    rounded = np.round(support, DIGITS)
    others = np.delete(rounded, planted)
    above = np.array([(others > rounded[rule]).sum() + 0.5 * (others == rounded[rule]).sum() for rule in planted])
    n_others = len(others)
    return Recovery(
        float(1.0 - above.mean() / n_others),
        float(np.log2((n_others + 1) / (above + 1)).mean()),
        float((above == 0).mean()),
    )
