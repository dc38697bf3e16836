"""Boards as SVG: the empty board of a game, its pieces, and a position with marked moves."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from bench.report.explorable.scene import (
    CELLS,
    DISCS,
    DOMINOES,
    HEAPS,
    HEXAGONS,
    MARKS,
    PAWNS,
    PITS,
    STONES,
    Scene,
)
from bench.report.explorable.seats import Seats

MARGIN = 0.15  # round a board, in cells
HEXAGON = " ".join(f"{x},{y}" for x, y in ((0, -0.577), (0.5, -0.289), (0.5, 0.289), (0, 0.577), (-0.5, 0.289), (-0.5, -0.289)))
PIECES: dict[str, tuple[str, str]] = {  # of the first and of the second player, round (0, 0)
    STONES: ('<circle class="black" r=".44"/>', '<circle class="white" r=".44"/>'),
    MARKS: ('<path class="line one" d="M-.27-.27 .27 .27M-.27 .27 .27-.27"/>', '<circle class="line two" r=".29"/>'),
    DISCS: (
        '<circle class="one" r=".4"/><circle class="rim" r=".26"/>',
        '<circle class="two" r=".4"/><circle class="rim" r=".26"/>',
    ),
    HEXAGONS: (
        f'<polygon class="one" points="{HEXAGON}" transform="scale(.86)"/>',
        f'<polygon class="two" points="{HEXAGON}" transform="scale(.86)"/>',
    ),
    PAWNS: tuple(  # type: ignore[dict-item]
        f'<path class="{who}" d="M0-.34a.16 .16 0 0 1 .09.29L.17.18H.26V.32H-.26V.18H-.17L-.09-.05A.16 .16 0 0 1 0-.34Z"/>'
        for who in ("one", "two")
    ),
    DOMINOES: ('<rect class="taken" x="-.42" y="-.42" width=".84" height=".84" rx=".1"/>',) * 2,
    CELLS: ('<circle class="one" r=".36"/>', '<circle class="two" r=".36"/>'),
    HEAPS: ('<rect class="one" x="-.5" y="-.17" width="1" height=".34" rx=".1"/>',) * 2,
    PITS: ("", ""),
}
STICK = 0.5  # the distance of two sticks of a heap


def definitions(scene: Scene) -> Markup:
    """The pieces and the mark of a good move, to be used by their ids."""
    pieces = "".join(f'<g id="piece-{player}">{shape}</g>' for player, shape in enumerate(PIECES.get(scene.kind, ("", ""))))
    return Markup(pieces + '<circle id="mark-good" class="good" r=".19"/>')


def ground(scene: Scene) -> Markup:
    """The board without pieces; the shape of place p has `data-place="p"`."""
    parts = []
    if scene.kind == HEXAGONS:
        parts += _goals(scene)
    for place, x, y in zip(scene.places, scene.xs, scene.ys, strict=True):
        at = f'data-place="{place}" transform="translate({x:g} {y:g})"'
        if scene.kind == HEXAGONS:
            parts.append(f'<polygon class="place" points="{HEXAGON}" {at}/>')
        elif scene.kind == PITS:
            is_store = place >= len(scene.places) - 2
            size = (
                'x="-.42" y="-.92" width=".84" height="1.84" rx=".42"'
                if is_store
                else 'x="-.42" y="-.42" width=".84" height=".84" rx=".42"'
            )
            parts.append(f'<rect class="place" {size} {at}/>')
        elif scene.kind == HEAPS:
            parts.append(f'<path class="grid" d="M-.6 .25H.6" {at}/>')
        else:
            parts.append(f'<rect class="place" x="-.5" y="-.5" width="1" height="1" {at}/>')
    if scene.kind == STONES:
        parts.append(f'<path class="grid" d="{_lines(scene)}"/>')
    return Markup("".join(parts))


def _lines(scene: Scene) -> str:
    xs, ys = sorted(set(scene.xs)), sorted(set(scene.ys))
    return "".join([*(f"M{x:g} {ys[0]:g}V{ys[-1]:g}" for x in xs), *(f"M{xs[0]:g} {y:g}H{xs[-1]:g}" for y in ys)])


def _goals(scene: Scene) -> list[str]:
    """The sides that each player joins: top and bottom the first, left and right the second."""
    top, bottom = min(scene.ys), max(scene.ys)
    tops = [x for x, y in zip(scene.xs, scene.ys, strict=True) if y == top]
    bottoms = [x for x, y in zip(scene.xs, scene.ys, strict=True) if y == bottom]
    corners = (min(tops) - 0.5, top), (max(tops) + 0.5, top), (max(bottoms) + 0.5, bottom), (min(bottoms) - 0.5, bottom)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    rows = [f"M{ax:g} {ay - 0.45:g}L{bx:g} {by - 0.45:g}", f"M{dx:g} {dy + 0.45:g}L{cx:g} {cy + 0.45:g}"]
    sides = [f"M{ax - 0.05:g} {ay:g}L{dx - 0.05:g} {dy:g}", f"M{bx + 0.05:g} {by:g}L{cx + 0.05:g} {cy:g}"]
    return [f'<path class="goal one" d="{"".join(rows)}"/>', f'<path class="goal two" d="{"".join(sides)}"/>']


def view_box(scene: Scene) -> str:
    """The part of the plane that a board takes."""
    return f"{-MARGIN:g} {-MARGIN:g} {scene.width + 2 * MARGIN:g} {scene.height + 2 * MARGIN:g}"


def position(scene: Scene, seats: Seats, state: int, losses: Mapping[int, int]) -> Markup:
    """A state as the first player sees it, and what moves of it lose, by action; a game without a board in text."""
    at = seats.usual(state)
    if not scene.places:
        return Markup(f'<pre class="text">{escape(seats.game.render(int(seats.graph.states[state])))}</pre>')
    shown = seats.at_places(at)
    xy = {place: (x, y) for place, x, y in zip(scene.places, scene.xs, scene.ys, strict=True)}
    parts = [str(ground(scene))]
    for place, (x, y) in xy.items():
        parts += _piece(scene.kind, int(shown[place]), at.seat, x, y)
    worst: dict[int, int] = {}  # of the moves to each place
    for action, loss in losses.items():
        place = scene.targets[at.seat][action]
        worst[place] = max(loss, worst.get(place, 0))
    for place, loss in worst.items():
        if place in xy:
            x, y = xy[place]
            if shown[place]:  # beside what stands there
                x, y = x + 0.27, y - 0.27
            parts.append(
                f'<text class="loss some" x="{x:g}" y="{y:g}">−{loss}</text>' if loss else f'<use href="#mark-good" x="{x:g}" y="{y:g}"/>'
            )
    label = f"{scene.players[at.seat]} to move"
    return Markup(f'<svg class="board {scene.kind}" role="img" aria-label="{label}" viewBox="{view_box(scene)}">{"".join(parts)}</svg>')


def _piece(kind: str, content: int, seat: int, x: float, y: float) -> list[str]:
    """What stands on a place."""
    if kind == HEAPS:
        return [f'<use href="#piece-0" x="{x:g}" y="{y - STICK * i:g}"/>' for i in range(content)]
    if kind == PITS:
        return [f'<text x="{x:g}" y="{y:g}">{content}</text>']
    if content in (1, 2):
        return [f'<use href="#piece-{seat if content == 1 else 1 - seat}" x="{x:g}" y="{y:g}"/>']
    return [f'<text x="{x:g}" y="{y:g}">{content}</text>'] if content else []
