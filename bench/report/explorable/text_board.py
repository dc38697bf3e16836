"""A position as text, as the first player sees it: `X` the first player's pieces, `O` the second's, and the names of rows and columns."""

from bench.report.explorable.scene import DOMINOES, HEAPS, HEXAGONS, PITS, Scene
from bench.report.explorable.seats import Position, Seats

PIECES = "XO"


def text_board(scene: Scene, seats: Seats, position: Position) -> str:
    """The board in text; of a game without one, what `Game.render` says, in which `X` is the player to move."""
    if not scene.places:
        return seats.game.render(int(seats.graph.states[position.state]))
    contents = {place: int(seats.at_places(position)[place]) for place in scene.places}
    if scene.kind == HEAPS:
        return "\n".join(f"heap {place + 1} ({size}): {'|' * size}".rstrip() for place, size in contents.items())
    if scene.kind == PITS:
        *pits, south, north = contents.values()
        half = len(pits) // 2
        above, below = ("".join(f"{seeds:>4}" for seeds in side) for side in (pits[: half - 1 : -1], pits[:half]))
        return f"North {north:>3} |{above} |\nSouth     |{below} | {south:>3}"
    symbols = {place: _symbol(scene, position, content) for place, content in contents.items()}
    return _grid(scene, symbols, *_ko(scene, seats, position))


def _symbol(scene: Scene, position: Position, content: int) -> str:
    if content in (1, 2):
        return "#" if scene.kind == DOMINOES else PIECES[position.seat if content == 1 else 1 - position.seat]
    return str(content)[-1] if content else "."


def _ko(scene: Scene, seats: Seats, position: Position) -> tuple[str, ...]:
    """Where retaking is forbidden, in words."""
    point = int(seats.cells[position.state, scene.ko]) - 1 if scene.ko >= 0 else -1
    if point < 0:
        return ()
    place = int(seats.action_images[position.symmetry].argsort()[point])
    return (f"ko at {scene.labels[scene.places.index(place)]}",)


def _grid(scene: Scene, symbols: dict[int, str], *notes: str) -> str:
    """Rows from the top, each with its number, and the letters of the columns below; rows of hexagons lie half a cell further right."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for place, label in zip(scene.places, scene.labels, strict=True):
        rows.setdefault(label[1:], []).append((label[0], symbols[place]))
    width = max(map(len, rows))
    lines = [
        " " * (i if scene.kind == HEXAGONS else 0) + f"{name:>{width}} " + " ".join(symbol for _, symbol in row)
        for i, (name, row) in enumerate(rows.items())
    ]
    lean = len(rows) if scene.kind == HEXAGONS else 0
    letters = " ".join(letter for letter, _ in next(reversed(rows.values())))
    return "\n".join([*lines, " " * (width + 1 + max(0, lean - 1)) + letters, *notes])
