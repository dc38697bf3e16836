"""The text of docs/tails.md, with the names of what tests/compare_tails.py puts in."""

TEXT = """# Tails

Does a list of rules end, do its gains fall off like an exponential, faster, slower, or like a power law? `gaincurve tails` says of
every curve which, or that it is undecided:

```sh
gaincurve tails reports/reference
gaincurve tails reports/reference --game go-3x3 --json
gaincurve tails reports/reference --measure exceptions
gaincurve tails reports/reference --game go-2x3 --refit
```

With `--refit` the policies are fitted anew, so that bands are over positions, and the nulls below stand beside them. The rule of
the verdict was fixed on planted curves, before any curve of a real game was judged by it, but for two things. That a heavy verdict
takes {HEAVY_DECADES} decades was added after a first look at the reference results, where curves of 8 bins had been called heavy,
because planted curves of two stages, cut as short, were called heavy too; it can only turn heavy verdicts into undecided ones. And
a fit counts as finished only where its learner knows that a larger budget would bring nothing, no longer where a list is shorter than its
budget.

`python -m bench.studies.tails --write` measures the tables on this page again and writes it, `--results` only those of the
reference results; the constants are those of `bench/tails/verdict.py`.

## What is judged

The *residual* R(k) is what is left of the regret of uniform choice, or of the exception bits, with k rules (or entries, weights,
hidden units). What is fitted is not R(k) itself but what the rules of each bin, about half an octave wide, gain on average: a gain
does not depend on the offset that a language out of reach of perfection adds to every R(k), nor on the list's having to end because
the game is finite. Every model below so has a free offset, of either sign, at no cost.

A bin whose rules gain less than {TABLE} average positions each, and all behind it, are left out: there a rule is an entry of a
table, and the curve ends because positions do. Half-octave bins weigh in proportion to their length on the axis of ln k, less where
positions are few, and less at the front: of gains drawn independently and sorted, the k-th scatters by 1 / sqrt(k) (Renyi).

## Models

| model | residual, up to offset and factor | |
|---|---|---|
| finite list | (1 - k / K)^p, zero from K on | light |
| compressed exponential | gains as exp(-(k / scale)^power), power at least 1 | light |
| exponential | exp(-k / scale) | light |
| stretched exponential | exp(-(k / scale)^shape) | heavy where shape < 1 |
| power law | gains as k^-exponent | heavy |
| power law with cut-off | gains as k^-exponent exp(-k / scale) | heavy |
| log-normal | gains as a parabola of ln k on logarithmic axes | heavy |

Each is fitted by weighted least squares of ln gain to the first {SPLITS} of the bins and predicts the bins of the next decade; its
*error* is by how many decades it is off, on average. No p-value is taken from a curve: greedy curves are sorted, selected and
bounded, which the tests for independent draws (Clauset, Shalizi & Newman 2009) do not allow for, and Vuong's test is not one for
models of which one contains the other.

## The rule of the verdict

The first that holds of:

1. **ends**: the list has ended, at perfection or because no rule gains any more, within {SHORT} units. A list that a person can
   hold in mind has no tail.
2. **undecided**: fewer than {MIN_BINS} bins, or less than {MIN_DECADES} decade.
3. **heavier than exponential**: the band of the *shape* of the stretched exponential lies below {LOW}; on the later half of the
   bins alone it lies below {LATER_LOW}, so that a few great rules in front of an exponential do not pass for a tail; and in
   {CONFIDENCE} of the replicates some heavy model predicts better than every light one. Then **power-law-like over N decades** if,
   over N of at least {HEAVY_DECADES} decades that reach into the last, gains are straight on log-log axes: the band of the change
   of their slope is within ±{STRAIGHT}. Where what is judged spans less than {HEAVY_DECADES} decades, either is **undecided**: a
   few great rules in front of an exponential look the same.
4. For the whole, then for the later half, if the band of the shape is above {LOW} there: **lighter than exponential** if the band
   of the power of the compressed exponential is above {HIGH}, or the list ends where an exponential would still leave more than
   {CUT_SHORT} of the part; else **exponential** if the band of the shape is below {HIGH}.
5. **undecided**.

Bands hold the middle 95 % of {N_REPLICATES} replicates. With `--refit` a replicate is a bootstrap over positions; from a record
alone, the gain of every bin varies by 1 / sqrt(average positions that it is worth), which is too little where losses differ much
between positions. Several seeds are pooled (`bench.tails.curves.pool`). In every replicate the bins are weighted at random besides:
where a model fits badly, its band is wide. The band of a power law's exponent also holds the luck of ranks, as if the rules were
independent draws.

## Nulls

*Frequency* (Neumann & Gros, NeurIPS 2025): AlphaZero learns positions in order of frequency, and Zipf's law of positions comes of
the branching of a tree alone. So the gain of each rule is held against the weight of the contested positions that it decides: rank
correlation, and the share of the variance of ln gain that a power of frequency explains; and a list whose rules gain in proportion
to frequency is judged as the fitted one is. What both have alike is no evidence of knowledge.

*Shuffled*: the same positions, moves and losses, but in each position it is drawn which move loses what. Whatever a greedy list
gains there beyond single positions is luck, picked out and sorted. (`random-GAME` is a game of its own with that property, for
games that always end; shuffling works on all.)

*Tail index*: if the k-th best rule gains k^-a, the share of rules that gain more than x falls as x^-(1/a); `bench.tails.index` has
Hill's estimator and the exact discrete maximum likelihood. Both take gains as independent, so they describe a list and decide
nothing here.

## Calibration

Each control is a law of gains, positions drawn for its rules with losses of 1 to 4 points, the rules sorted by what they really
gain, and the list cut where nothing is left (`tests/tail_controls.py`). Power laws have as many positions as it takes for two
decades to be judged; with fewer they are undecided. {N_RUNS} runs each, of seeds from {FIRST_SEED} on; smaller ones served to
choose the rule. Of {N_DECIDED} runs that have a right verdict {RIGHT} get it, and {NOT_DECIDED} are called undecided although there
is one. Of {N_GEOMETRIC} runs on geometric controls {FALSE_HEAVY} are called heavy. Where a power law was planted, its exponent lies
in its band in {INSIDE} of the runs, whichever verdict they get; over one or two decades that band is wide.

| control | positions | verdicts | right | share | exponent | in band | width |
|---|--:|---|---|--:|--:|--:|--:|
{CONTROLS}

The last rows have no single right answer. A first stage of more than a few rules, cut before the second has shown itself, and many
exponential stages are called heavy; a stretched exponential of shape 0.3 is nearly straight over two decades; and gains that are
independent log-normal draws, sorted, come out as anything. So *power-law-like* is a description over the decades it names, not a
law, and *heavier than exponential* does not say why. The laws here were made up for this purpose: the shares say how the rule does
on them, not on whatever a game may bring.

The planted games, with their rules found by the learner. They have four questions a rule, with very different stakes, and a
bootstrap over so few positions leaves much of it undecided, rightly. Judged as a record is, by counting, they come out as planted,
but for planted-zipf-300, of which 91 rules, less than two decades, are judged:

| game | right | from a record | over positions |
|---|---|---|---|
{PLANTED}

## The reference results

`gaincurve tails reports/reference` judges every curve; here are the plain and the weighted lists, on the records of regret, by verdict:

{WORDS}

Nothing of a table would be judged: each entry is one position, so a table has no rules whose gains could fall in any way.

| record | unit | verdict | judged to | decades | shape | shape, later | k^- | ends after | left |
|---|---|---|--:|--:|---|---|---|--:|--:|
{REFERENCE}

The plain rule lists, fitted anew (`gaincurve tails reports/reference --refit` without the other learners), with bands over
positions, beside both nulls. *Gain and frequency*: Spearman's rank correlation, and what part of the variance of ln gain a power of
the frequency explains. *Index*: Hill's estimate and the discrete one, of how many gains of at least {TABLE} average positions;
where gains are as k^-a, both are about 1/a.

| game | list | verdict | judged to | decades | shape | shape, later | k^- | gain and frequency | index |
|---|---|---|--:|--:|---|---|---|---|---|
{REFITS}

What follows, and what does not:

- Where a null gets a heavy verdict too, the verdict on the fitted list is no evidence of heavy-tailed *knowledge*: lists fitted
  where it is drawn by lot which move is right, and lists that gain by frequency alone, have such curves as well. What may still
  differ is the exponent with its band, and how much is left.
- A list that ends within {SHORT} units ends, whatever its gains did before; that is the verdict wherever a list for a small game is
  short.
- Upper bounds: all lists are found greedily, and another fitter may find a shorter list with another tail.
- Without `--refit` a band allows for few positions, not for positions that differ in what they cost.
- The rule was tried on curves of regret. On exception bits it is the same rule, but no control has been planted for these.
"""
