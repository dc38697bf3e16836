"""The style of each learner, game and family, which follows from its name alone, so that it is the same in every figure and suite.

A marker says which kind of policy a curve shows (a list, weights, a tree, ...), a dash which of its kind, a hue the kind and a shade the
member: in grey, or for a reader who confuses hues, markers and dashes say the same. Boards of a family are shades from light (few cells)
to dark. A name that no table has gets its look from its words and its letters, never from its place in a figure.

Colours are given as lightness, chroma and hue of OKLCH (Ottosson 2020), in which equal steps of lightness look equal.
"""

import functools
import math
import re
import zlib
from typing import Any, NamedTuple

from bench.report.plots.colors import oklch

Look = dict[str, Any]

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (9, 2)), (0, (5, 1, 1, 1, 1, 1)), (0, (3, 1)))
DOTTED = (0, (1, 1.6))
OPEN: Look = {"markerfacecolor": "white"}
INK = "#000000"
LIGHT, DARK = 0.70, 0.27  # lightness, between which a line on white paper has a colour and can be seen
STEPS = (0.0, 0.11, -0.12, 0.05, -0.06, 0.15, -0.17)  # lightness of the members of a kind beside the kind's own


class Kind(NamedTuple):
    """A kind of policy: its colour, its marker, the words of a label that name it, and its members in the order of their dashes."""

    lightness: float
    chroma: float
    hue: float  # degrees
    marker: str
    words: tuple[str, ...]
    members: tuple[str, ...]


KINDS = {
    "lists": Kind(
        0.50,
        0.15,
        252,
        "o",
        ("list", "lists", "rulelist", "rule", "rules", "shortest"),
        (
            "rulelist",
            "single-atom-list",
            "best-rulelist",
            "optimal-list",
            "rulelist-concepts",
            "single-atom-or-position-list",
            "local_search",
            "ripper",
            "mechanical-list",
            "shortest-first",
            "shortest-second",
            "shortest-both",
            "shortest-lookahead",
        ),
    ),
    "trees": Kind(
        0.60,
        0.14,
        155,
        "^",
        ("tree", "trees", "dag", "cart", "leaves"),
        ("tree", "cart", "dag", "boosted"),
    ),
    "weights": Kind(
        0.66, 0.15, 62, "s", ("weight", "weights", "weighted"), ("weighted-list", "weighted", "mechanical-weights", "lookahead-weights")
    ),
    "tables": Kind(0.54, 0.06, 95, "X", ("table", "tables", "entries"), ("table",)),
    "networks": Kind(
        0.44,
        0.17,
        5,
        "D",
        ("network", "networks", "net", "subspace", "selfplay"),
        ("network", "equivariant-network", "wide-network", "deep-network", "subspace", "selfplay", "equivariant-selfplay"),
    ),
    "search": Kind(
        0.38, 0.16, 300, "P", ("minimax", "mcts", "lookahead", "playouts"), ("minimax", "mcts", "mcts-sampled", "mcts-over-selfplay")
    ),
    "formulas": Kind(0.70, 0.11, 335, "d", ("symbolic", "formula", "formulas"), ("symbolic",)),
}
CONTROLS: dict[str, Look] = {  # what everything else is held against: grey, dotted, open
    "uniform": {"color": "#8c8c8c", "marker": ".", "linestyle": DOTTED} | OPEN,
    "random-order": {"color": "#6e6e6e", "marker": "x", "linestyle": DOTTED},
    "random_order": {"color": "#6e6e6e", "marker": "x", "linestyle": DOTTED},
    "perfect": {"color": INK, "marker": "+", "linestyle": DOTTED},
    "best policies known": {"color": INK, "marker": "", "linestyle": "-"},
    "human": {"color": INK, "marker": "*", "linestyle": "-"},
}
FAMILIES = {  # lightness, hue and marker of the family, whose place is that of its dash; hue also of its boards
    "go": (0.48, 235.0, "p"),
    "nogo": (0.68, 55.0, "h"),
    "kalah": (0.36, 150.0, "<"),
    "breakthrough": (0.60, 340.0, ">"),
    "hex": (0.64, 175.0, "H"),
    "domineering": (0.52, 30.0, "8"),
    "tictactoe": (0.32, 300.0, "v"),
    "connect_four": (0.44, 75.0, "d"),
    "mnk": (0.70, 260.0, "X"),
}
QUANTITIES = {  # lightness, chroma and hue of what is measured of policies, one marker and dash each
    "regret": (0.0, 0.0, 0.0),
    "missing bits": (0.58, 0.16, 30.0),
    "digits of the number of games": (0.45, 0.12, 265.0),
    "losses to a uniform opponent": (0.64, 0.12, 110.0),
    "losses to the best opponent": (0.52, 0.13, 335.0),
    "exceptions alone": (0.60, 0.0, 0.0),
    "shortest codelength": (0.0, 0.0, 0.0),
    "shortest to 90 % gain": (0.58, 0.15, 35.0),
}
CONTROL_MARKERS = {"nim": "o", "misere_nim": "D", "planted": "s", "random": "^"}  # of games whose answer is known
CHROMA, SHADES = 0.13, (0.72, 0.30)  # of boards; lightness of 4 cells and of endlessly many
TWO_THIRDS, DRIFT = 8.0, 190.0  # further cells that take two thirds of the way from light to dark; degrees of hue along the way
COLUMN_MARKERS = ("X", "P", "v", "s", "^", "D", "o")  # of boards, by columns; their dash is by rows
MARKERS = ("v", "<", ">", "p", "h", "8", "H", "d")  # of names that no table has
SEED = re.compile(r", seed (\d+)$")
APART = re.compile(r"-(boards|positions)$")  # what the splits of a label keep apart: no other kind of policy


@functools.cache
def _look_of(name: str) -> Look:
    seed = SEED.search(name)
    label = SEED.sub("", name)
    look = _of_quantity(label) or _of_learner(APART.sub("", label)) or _of_game(label) or _of_letters(label)
    return look | OPEN if seed and int(seed[1]) and look["marker"] not in "x+" else look


def look_of(name: str) -> Look:
    """Colour, marker and line style of a learner's label, a game or a family, from its name alone. Seeds other than 0 have open markers."""
    return dict(_look_of(name))


def kind_of(label: str) -> str | None:
    """Which of KINDS a learner's label is of: by its name, else by the last of its words that names a kind. None for any other."""
    base = label.partition(":")[0]
    named = next((kind for kind, about in KINDS.items() if base in about.members), None)
    words = [word for word in re.split(r"[^a-z]+", base.lower()) if word]
    return named or next((kind for word in reversed(words) for kind, about in KINDS.items() if word in about.words), None)


def _of_quantity(name: str) -> Look | None:
    if name not in QUANTITIES:
        return None
    place = list(QUANTITIES).index(name)
    return {"color": oklch(*QUANTITIES[name]), "marker": MARKERS[place], "linestyle": DASHES[place % len(DASHES)]}


def _of_learner(label: str) -> Look | None:
    if label in CONTROLS:
        return CONTROLS[label]
    kind = kind_of(label)
    if kind is None:
        return None
    about = KINDS[kind]
    if label in about.members:
        again, turn = divmod(about.members.index(label), len(DASHES))
        color = _near(about, STEPS[turn], 20.0 * again)
        return {"color": color, "marker": about.marker, "linestyle": DASHES[turn]} | (OPEN if again else {})
    share, other, dash, is_open = _letters(label)
    color = _near(about, 0.3 * (share - 0.5), 40.0 * (other - 0.5))
    return {"color": color, "marker": about.marker, "linestyle": dash} | (OPEN if is_open else {})


def _near(about: Kind, lighter: float, hue: float) -> str:
    """A shade of a kind's colour."""
    return oklch(min(LIGHT, max(DARK, about.lightness + lighter)), about.chroma, about.hue + hue)


def _of_game(game: str) -> Look | None:
    """A family, or one of its boards, named by their sizes; controls are grey and open."""
    first, _, rest = game.partition("-")
    if first not in FAMILIES and first not in CONTROL_MARKERS:
        return None
    is_control = first in CONTROL_MARKERS
    lightness, hue, marker = (0.45, 0.0, CONTROL_MARKERS[first]) if is_control else FAMILIES[first]
    chroma, fill = (0.0, OPEN) if is_control else (CHROMA, {})
    sizes = [int(number) for number in re.findall(r"\d+", rest)]
    if not sizes:
        dash = DOTTED if is_control else DASHES[list(FAMILIES).index(first) % len(DASHES)]
        return {"color": oklch(lightness, chroma, hue), "marker": marker, "linestyle": dash} | fill
    n_cells = sizes[0] * (sizes[1] if len(sizes) > 1 else sizes[0])
    way = 1.0 - math.exp(-max(0, n_cells - 4) / TWO_THIRDS)
    color = oklch(SHADES[0] + (SHADES[1] - SHADES[0]) * way, chroma, hue + DRIFT * (way - 0.5))
    marker = COLUMN_MARKERS[sizes[-1 if len(sizes) == 1 else 1] % len(COLUMN_MARKERS)]
    return {"color": color, "marker": marker, "linestyle": DASHES[(sizes[0] - 2) % 4]} | fill


def _of_letters(name: str) -> Look:
    """The look of a name that no table has, spread over all hues."""
    share, other, dash, is_open = _letters(name)
    marker = MARKERS[zlib.crc32(name[::-1].encode()) % len(MARKERS)]
    return {"color": oklch(0.38 + 0.28 * share, 0.11, 360.0 * other), "marker": marker, "linestyle": dash} | (OPEN if is_open else {})


def _letters(name: str) -> tuple[float, float, Any, bool]:
    """Two shares, a dash and a choice, drawn by the letters of a name."""
    code = zlib.crc32(name.encode())
    return (code & 0xFFF) / 0xFFF, (code >> 12 & 0xFFF) / 0xFFF, DASHES[(code >> 24) % len(DASHES)], bool(code >> 31)
