"""An upper bound on what a policy loses on positions that it was not fitted to, judged by the length of its file alone.

A PAC-Bayes bound whose prior is the length of a compressed file: the idea of Zhou, Veitch, Austern, Adams & Orbanz, "Non-vacuous
generalization bounds at the ImageNet scale" (2019). Let n units be drawn at random, and let a file of L bits stand for a policy
whose mean loss on these is q, each loss between 0 and 1. With probability 1 - delta over the draw, for all files at once, the mean
loss p over all units satisfies

    kl(q, p) <= (B ln 2 + ln(2 sqrt(n) / delta)) / n,    kl(q, p) = q ln(q / p) + (1 - q) ln((1 - q) / (1 - p))

(Langford & Seeger 2001; Maurer 2004). It assumes, and promises, no more than this:

- Prior. A file has the prior probability 2**-B. These must sum to 1 at most, which holds for files none of which begins another. Ours
  say nowhere how long they are, so B is L and the bits of Elias's delta code (1975) for the length in bytes, put in front.
- What is fixed before the draw: the game's rules, the learner and its options, hence how a file is read and the language that it uses.
  How a file was found is free: budgets, seeds and teachers cost nothing, since the bound holds for all files at once. The bound is for
  one learner: who picks the best of k learners afterwards has to divide delta by k.
- Units and loss. n counts what the draw draws. If it draws positions, the loss of one is its regret divided by the largest regret that
  the rules allow a move, twice the largest payoff. If it draws boards, the positions of a board come into the fit together, so they are
  one draw and not several: counting them apart would claim a larger n than there is. The loss of a board is the weighted mean of the
  losses of its positions, which lies between 0 and 1 as they do. So the formula holds with n boards, q the mean of the loss over the
  boards drawn and p its mean over all boards. That mean counts each board once however many positions it has, and so do the regret and
  the gain of the bound; they equal the means over positions if every board has one position.
- Draw. Every set of n units is equally likely. That is drawing without replacement, for which the mean of a convex function of a
  sum is at most what it is with replacement (Hoeffding 1963, section 6), so that the bound stays valid. All positions count alike: no
  other weights. Our units are drawn by hash, as good as random only if the hash is.

For a policy that is not itself drawn at random, as here, Hoeffding's own inequality would do without the factor 2 sqrt(n), some ten
bits; it is kept as the usual form.
"""

import math
from dataclasses import dataclass

DELTA = 0.05


@dataclass(frozen=True)
class Bound:
    """With probability 1 - `delta` over the draw, the mean regret of the policy over all boards (or positions) is at most `regret`."""

    delta: float
    n_drawn: int  # boards, or positions if these were drawn
    bits: int  # of the file and its length
    regret: float  # in the game's units
    gain: float  # the same as a gain, at least; 0 or less promises nothing beyond random play

    @property
    def is_vacuous(self) -> bool:
        """Whether random play is promised as much."""
        return self.gain <= 0.0


def regret_bound(regret: float, most_regret: float, uniform_regret: float, policy_bits: int, n_drawn: int, delta: float = DELTA) -> Bound:
    """The bound on the mean regret over all units of a policy whose mean regret on `n_drawn` of them, drawn at random, is `regret`.

    Units are boards or positions. Regrets are in the game's units: `most_regret` is the largest that a move can have, `uniform_regret`
    that of random play in the mean over all units, which only changes the units of the result.
    """
    n_bits = policy_bits + length_bits(policy_bits // 8)
    at_most = (n_bits * math.log(2) + math.log(2 * math.sqrt(n_drawn) / delta)) / n_drawn
    worst = most_regret * largest_mean(min(1.0, regret / most_regret), at_most)
    return Bound(delta, n_drawn, n_bits, worst, 1.0 - worst / uniform_regret)


def length_bits(n_bytes: int) -> int:
    """Bits of Elias's delta code for the length of a file: of n + 1, since an empty file is one too."""
    digits = (n_bytes + 1).bit_length()
    return digits - 1 + 2 * digits.bit_length() - 1


def binary_kl(q: float, p: float) -> float:
    """The divergence of a coin that falls heads with probability p from one of probability q, in nats; infinite where p rules out q."""
    terms = [0.0 if a == 0.0 else math.inf if b == 0.0 else a * math.log(a / b) for a, b in ((q, p), (1.0 - q, 1.0 - p))]
    return max(0.0, sum(terms))


def largest_mean(q: float, at_most: float) -> float:
    """The largest p with kl(q, p) no larger than `at_most`, by bisection; never below the true one by more than rounding."""
    low, high = q, 1.0
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return high
        if binary_kl(q, middle) <= at_most:
            low = middle
        else:
            high = middle
