"""What the script of a game's page does, once more in Python: play and drawing from the packed data alone, without rules of a game."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.report.explorable.pack import unpack


@dataclass(frozen=True)
class Shown:
    """A position on the page."""

    state: int
    symmetry: int
    seat: int


START = Shown(0, 0, 0)


class PageReader:
    """The data block of a page."""

    def __init__(self, packed: str) -> None:
        self.header, arrays = unpack(packed)
        self.arrays: dict[str, Any] = {name: array.tolist() for name, array in arrays.items()}
        self.edge_start = [0, *np.cumsum(arrays["moves"]).tolist()]
        self.n_symmetries = round(len(arrays["turns"]) ** 0.5)
        self.n_cells = len(arrays.get("cells", ())) // len(arrays["moves"])

    def edges(self, state: int) -> range:
        return range(self.edge_start[state], self.edge_start[state + 1])

    def action(self, shown: Shown, edge: int) -> int:
        """The move of an edge as it is made on the board that is shown."""
        n, wanted = self.header["nActions"], self.arrays["action"][edge]
        images = self.arrays["actionImages"][shown.symmetry * n : (shown.symmetry + 1) * n]
        return int(images.index(wanted))

    def after(self, shown: Shown, edge: int) -> Shown:
        turn = self.arrays["turn"][edge]
        return Shown(self.arrays["child"][edge], self.arrays["turns"][turn * self.n_symmetries + shown.symmetry], 1 - shown.seat)

    def content(self, shown: Shown, place: int) -> int:
        cell = self.arrays["views"][shown.seat * self.n_cells + place]
        return int(self.arrays["cells"][shown.state * self.n_cells + self.arrays["cellImages"][shown.symmetry * self.n_cells + cell]])

    def board(self, shown: Shown) -> dict[int, int]:
        """Whose piece stands on each place that has one, for games of pieces: 0 the first player's, 1 the second's."""
        found = {place: self.content(shown, place) for place, _, _ in self.header["places"]}
        return {place: shown.seat if value == 1 else 1 - shown.seat for place, value in found.items() if value}

    def decision(self, path: int, step: int, state: int) -> tuple[set[int], int]:
        """The edges that a policy may play in a state, and the number of the rule that decides, -1 for none."""
        own = {name: self.arrays[f"{name}{path}"] for name in ("runs", "runStep", "runRule")}
        run = sum(own["runs"][:state])
        while run + 1 < sum(own["runs"][: state + 1]) and own["runStep"][run + 1] <= step:
            run += 1
        edges = set()
        for i, edge in enumerate(self.edges(state)):
            if self.arrays[f"runMoves{i // 8}.{path}"][run] >> (i % 8) & 1:
                edges.add(edge)
        return edges, own["runRule"][run] - 1

    def order(self, path: int, step: int) -> list[int]:
        sizes = [each["size"] for each in self.header["paths"][path]["steps"]]
        first = sum(sizes[:step])
        return list(self.arrays[f"order{path}"][first : first + sizes[step]])
