"""The captions of Figure 1 and Figure 2 as files for a journal: what each panel shows, of how many cases, and what its words mean."""

from collections.abc import Sequence

from bench.curves.envelope import UNITS, drawn_in_panel_b
from bench.curves.figure1 import LEVEL, PAPER_MARKS, growing, waterfall_list
from bench.curves.held_out_lists import held_out_lists
from bench.curves.minima import minima_of
from bench.curves.proved import band_of
from bench.harness.records import Record
from bench.report.parts.principles import by_curve, drawn_in_figure_2
from bench.scaling.bounded import LIMITS, largest_of_families
from bench.wording import count, show

GAIN = "Gain is 1 - regret / regret of random play, in the mean over all positions up to symmetry; the residual is 1 - gain."


def caption_of_figure_1(records: Sequence[Record]) -> str:
    """A heading and a paragraph for each panel that the records have, as markdown; empty without a panel."""
    panels = {"A": _panel_a(records), "B": _panel_b(records), "C": _panel_c(records)}
    told = [f"**{letter}** {text}" for letter, text in panels.items() if text]
    lead = f"**Figure 1. Compressibility, measured on solved games** (after Lillicrap & Kording 2019). {GAIN}"
    return "\n\n".join([lead, *told]) + "\n" if told else ""


def _panel_a(records: Sequence[Record]) -> str:
    record = waterfall_list(records)
    if record is None:
        return ""
    minima = minima_of(records, record.cell.game)
    text = (
        f"What each rule of a list adds on {record.cell.game} (n = {record.n_positions:,} positions), in the order in which a greedy fit "
        f"found the rules: the first {len(growing(record))} of the list {record.cell.label}. Hatched: what is left to perfect play."
    )
    if minima:
        listed = ", ".join(f"{minimum.name} {minimum.n_rules}" for minimum in minima)
        text += (
            f" Diamonds: the fewest rules of any list that {minima[0].grade}, whatever the opponent does; exhaustive search proves that no "
            f"shorter list in the same language does ({listed})."
        )
    return text


def _panel_b(records: Sequence[Record]) -> str:
    envelopes = [envelope for envelope, _ in drawn_in_panel_b(records)]
    if not envelopes:
        return ""
    sizes = ", ".join(f"{envelope.game} {envelope.best[0].record.n_positions:,}" for envelope in envelopes)
    held = held_out_lists(records, [envelope.game for envelope in envelopes])
    text = f"What policies leave; darker is a larger board (positions: {sizes})."
    if held:
        splits = ", ".join(f"{one.game} {one.n_splits} and {one.n_held_out:,}" for one in held)
        text += (
            f" First axes: lists of the learner {held[0].label}, fitted to some boards and measured on the others, thick; on the boards "
            "that they were fitted to, thin. A board and all positions with its stones are on the same side of a split. Shaded: from the "
            f"least to the most of any split (number of splits, and positions held out by the first of them: {splits}). Lines that leave "
            "the axes below go on to smaller residuals."
        )
        if any(one.null is not None for one in held):
            text += " Grey: the same after the moves of every position were shuffled."
    unit = "rules, weights or leaves" if envelopes[0].measure == UNITS else "bits"
    n_curves = sum(record.cell.game in {envelope.game for envelope in envelopes} and bool(record.points) for record in records)
    text += (
        f" {'Second axes: t' if held else 'T'}he best policy with so few {unit} of {count(n_curves, 'measured curve')}, fitted to all "
        "boards, an upper bound; a cross: nothing is left, on an axis that is broken above 0."
    )
    if any(band_of(envelope.game, records) for envelope in envelopes):
        text += (
            " Shaded: of first-match lists of single atoms, from what every such list is proved to leave to what the best one found "
            "leaves; a ring: both are equal."
        )
    return text


def _panel_c(records: Sequence[Record]) -> str:
    codes = largest_of_families(records)
    if not codes:
        return ""
    games = list(dict.fromkeys(code.game for code in codes))
    least = min(code.language_bits for code in codes if code.language_bits is not None)
    marks = "; ".join(f"{mark.name}, {mark.bits:,.0f} bits" for mark in PAPER_MARKS)
    return (
        f"K_T of the largest game of each family (n = {len(games)}; grey: controls, whose answers are known or drawn at random): the "
        f"fewest bits of policy and language of any measured policy with a gain of at least {LEVEL:g} that takes at most T operations a "
        f"decision, in the mean over positions, for T from {LIMITS[0]:,} to {LIMITS[-1]:,}; an upper bound. Language: the compressed "
        "source of all that reads and plays a policy file, counted by one rule for all learners. One operation is a cell or a number "
        f"that is read, written, compared, added or multiplied. Hatched: the language alone, at least {show(least)} bits. Dotted: marks "
        f"of the paper, orders of magnitude from the literature and no measurements ({marks}). Above: the paper's own axis, on which it "
        "asks where the brain is; its place is not measured. The axis is broken above 0."
    )


def caption_of_figure_2(records: Sequence[Record]) -> str:
    """The caption of Figure 2 as markdown; empty where nothing was learned."""
    drawn = drawn_in_figure_2(records)
    if not drawn:
        return ""
    seeds = ", ".join(f"{policies[0].label} {len(policies)}" for policies in by_curve(drawn))
    return (
        "**Figure 2. Principles and data** (after Lillicrap & Kording 2019). Of each kind of learner the curve of greatest gain on "
        f"{drawn[0].game} (n = {drawn[0].n_positions:,} positions). Upper bars: the recipe, bits of the compressed source of what the "
        "policy is learned by, of the modules that are installed. Each module counts as the part that it is for most of its lines. "
        "Task and data: the rules, their concepts, enumeration and exact solution. Architecture: what policies can be, and their files. "
        "Loss: what a choice costs. Learning rule: how the policy follows from the data. Optimiser and search: what looks beyond the "
        "next step, and the seed. Each part is counted given the parts before it, and libraries are presupposed, so the whole is an "
        "upper bound. Lower bars: the product, the bits of the shortest policy of the greatest gain, with their number in kilobits; of "
        f"several seeds the middle one, grey the reach of all (seeds: {seeds}). Beside them: the gain, the time to learn the policy, "
        "from the start of the curve, on one thread of the machine that made the record, and the operations of a decision (op), in the "
        f"mean over positions. {GAIN}\n"
    )
