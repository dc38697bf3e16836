"""Whether knowledge grows with the board: held-out regret of equally large policies, and how much of their tail carries over."""

from collections.abc import Sequence

from bench.curves.envelope import BITS, UNITS
from bench.report.blocks import Column, Drawing, Section, Sentence, Series, Table, TableRow, words
from bench.report.plots.boards import draw_boards
from bench.report.run_data import Evidence
from bench.scaling.boards import DRAWN, NAMES, TAIL, Growth, OnBoard, Reach, drawn, growths

FROM, TO = "go-3x4", "go-4x4"  # between which losses are compared
LIST, NETWORK = "rulelist", "network"  # learners
ASKED = 64  # k of the tail that the answer is about
COLUMNS = (
    Column("kind", "kind of policy", is_text=True),
    Column("split", "apart", is_text=True),
    Column("game", "game", is_text=True),
    Column("n_positions", "positions", form=",.0f"),
    Column("n_fitted", "fitted to"),
    *(
        column
        for quantity, sizes in DRAWN.items()
        for size in sizes
        for column in (
            Column(f"{quantity}_{size}".lower(), NAMES[quantity].format(f"{size:,}"), form=".3f"),
            Column(f"{quantity}_{size}_from".lower(), "from", form=".3f", is_hidden=True),
            Column(f"{quantity}_{size}_to".lower(), "to", form=".3f", is_hidden=True),
        )
    ),
)


def boards_sections(evidence: Evidence) -> list[Section]:
    """The families of which some board is fitted to a sample and measured beside it: answers, figure and table; none of others."""
    sampled = {record.cell.game for record in evidence.records if record.cell.positions is not None and record.splits}
    every = growths(evidence.records)
    families = dict.fromkeys(growth.family for growth in every if any(board.game in sampled for board in growth.boards))
    sections = [_family_section(family, [growth for growth in every if growth.family == family]) for family in families]
    return [Section("boards", "Does knowledge grow with the board?", sections=tuple(sections), short="Boards")] if sections else []


def about_tails(found: Sequence[Growth]) -> list[Sentence]:
    """Whether T(ASKED) tends to 1, a sentence for each curve that has it."""
    return [_about_tail(growth) for growth in found if (growth.quantity, growth.size) == (TAIL, ASKED)]


def about_losses(found: Sequence[Growth]) -> list[Sentence]:
    """By how many points lists of equal bits and networks of equal units get worse from FROM to TO, and whether lists by more."""
    said = []
    nets = [growth for growth in found if (growth.learner, growth.quantity) == (NETWORK, UNITS)]
    lists = [growth for growth in found if (growth.learner, growth.quantity) == (LIST, BITS)]
    for kind, split in dict.fromkeys((growth.kind, growth.split) for growth in lists):
        ours = _losses([growth for growth in lists if (growth.kind, growth.split) == (kind, split)])
        theirs = _losses([growth for growth in nets if growth.split == split])
        if ours and theirs:
            cells = dict.fromkeys(cell for growth, _ in [*ours, *theirs] for game in (FROM, TO) for cell in _cells(growth.on(game)))
            text = (
                f"From {FROM} to {TO}, {split} apart, {kind} leaves more by {_listed(ours)}; {theirs[0][0].kind} by "
                f"{_listed(theirs)}. {_compared([loss for _, loss in ours], [loss for _, loss in theirs])}"
            )
            said.append(Sentence(text, tuple(cells)))
    return said


def loss_of(growth: Growth) -> Reach | None:
    """By how much a curve leaves more on TO than on FROM; None where it was not measured on both."""
    before, after = growth.on(FROM), growth.on(TO)
    return after.found.less(before.found) if before and after else None


def tail_verdict(growth: Growth) -> str:
    """The verdict of the law of 1 - T: `tends to 1` or `falls` if the band of its exponent lies on one side of 0, else `undecided`."""
    if growth.law is None or growth.law.kappa_band is None:
        return "undecided"
    low, high = growth.law.kappa_band
    return "tends to 1" if high < 0.0 else "falls" if low > 0.0 else "undecided"


def _about_tail(growth: Growth) -> Sentence:
    first, last = growth.boards[0], growth.boards[-1]
    name = NAMES[TAIL].format(growth.size)
    listed = ", ".join(f"{_reach(board.found, 1, '.2f')} on {board.game}" for board in growth.boards)
    verdict = {
        "tends to 1": f"{name} tends to 1, if this holds on",
        "falls": f"{name} falls with the board",
        "undecided": f"whether {name} tends to 1 is undecided",
    }[tail_verdict(growth)]
    law = growth.law
    power = ""
    if law is not None and law.kappa_band is not None:
        power = f" 1 - {name} goes as positions^{law.kappa:z.2f} ({law.kappa_band[0]:z.2f} to {law.kappa_band[1]:z.2f})."
    grown = (
        "larger" if last.found.low > first.found.high else "smaller" if last.found.high < first.found.low else "undecided whether larger"
    )
    holds = "holds" if last.found.high >= 1.0 else "lies below"
    text = (
        f"{growth.kind}, {growth.split} apart: {name} is {listed}.{power} {verdict[0].upper()}{verdict[1:]}. "
        f"On {last.game} it is {grown} than on {first.game}, and its band {holds} 1.{_confounded(growth)}"
    )
    return Sentence(text, tuple(cell for board in growth.boards for cell in board.cells))


def _losses(found: Sequence[Growth]) -> list[tuple[Growth, Reach]]:
    return [(growth, loss) for growth in found if (loss := loss_of(growth)) is not None]


def _confounded(growth: Growth) -> str:
    """That boards differ in the positions fitted to, which alone changes a tail; empty where they do not by much."""
    fitted = [board.n_fitted for board in growth.boards]
    if max(fitted) < 1.5 * min(fitted):
        return ""
    return f" The boards also differ in how many positions are fitted to, {min(fitted):,} to {max(fitted):,}, which alone moves T."


def _compared(lists: Sequence[Reach], nets: Sequence[Reach]) -> str:
    """The verdict on two sets of losses: bands that overlap leave it undecided."""
    if min(loss.low for loss in lists) > max(loss.high for loss in nets):
        return "The list loses more, at every size."
    if max(loss.high for loss in lists) < min(loss.low for loss in nets):
        return "The network loses more, at every size."
    return "Some bands overlap, so it is undecided at every size which loses more."


def _listed(losses: Sequence[tuple[Growth, Reach]]) -> str:
    return ", ".join(
        f"{_reach(loss, 100, '.1f')} points {'at' if growth.quantity == BITS else 'with'} {growth.at}" for growth, loss in losses
    )


def _reach(found: Reach, times: float, form: str) -> str:
    mean, low, high = (format(times * value, f"z{form}") for value in (found.mean, found.low, found.high))
    return f"{mean} ({low} to {high})"


def _cells(board: OnBoard | None) -> tuple[str, ...]:
    return board.cells if board else ()


def _family_section(family: str, found: Sequence[Growth]) -> Section:
    said = [*about_tails(found), *about_losses(found)]
    cells = tuple(dict.fromkeys(cell for growth in found for board in growth.boards for cell in board.cells))
    shown = drawn(found)
    series = tuple(
        Series(
            f"{growth.kind}, {growth.split} apart: {growth.at}",
            tuple(board.n_positions for board in growth.boards),
            tuple(board.found.mean for board in growth.boards),
            tuple(board.game for board in growth.boards),
        )
        for growth in shown
    )
    caption = Sentence(
        "On positions held out. Filled: boards apart; open: positions apart. Shaded, or bars: the widest reach of the 95 % bands of all "
        "seeds. Between measured sizes a curve is read off its convex hull, and nowhere beyond them."
    )
    drawing = Drawing(
        f"boards-{family}", f"What carries over, by the size of the board: {family}", draw_boards(shown), series, (caption,), cells
    )
    note = "Residuals on held-out positions at equal bits or units; T(k) as above. The file has the band of each number, too."
    table = Table(
        f"boards-{family}", f"What is left and what carries over on boards of growing size: {family}", COLUMNS, tuple(_rows(shown)), note
    )
    return Section(f"boards-{family}", family, (words(*said, is_list=True), drawing, table))


def _rows(found: Sequence[Growth]) -> list[TableRow]:
    """A row for each curve on each board: what it leaves and what carries over, at every size that has a panel."""
    sizes = [(quantity, size) for quantity, of_quantity in DRAWN.items() for size in of_quantity]
    curves: dict[tuple[str, str], dict[str, dict[tuple[str, int], OnBoard]]] = {}
    for growth in found:
        for board in growth.boards:
            curves.setdefault((growth.kind, growth.split), {}).setdefault(board.game, {})[growth.quantity, growth.size] = board
    rows = []
    for (kind, split), games in curves.items():
        for game, at in games.items():
            one = next(iter(at.values()))
            reaches = [at[size].found if size in at else None for size in sizes]
            numbers = [number for reach in reaches for number in ((reach.mean, reach.low, reach.high) if reach else (None, None, None))]
            rows.append(TableRow((kind, split, game, one.n_positions, one.n_fitted, *numbers)))
    return rows
