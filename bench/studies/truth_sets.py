"""The table of docs/truth-sets.md: what the sets in reports/truth hold."""

import numpy as np

from bench.studies.page import ROOT, Page, Part
from bench.studies.result_tables import table
from games.proof.truth_set import read_set

FOLDER = ROOT / "reports" / "truth"
HEAD = "game | positions | draw | moves | with a proved value, % | positions with an open move, % | kB | sha256"


def sets() -> dict[str, str]:
    """A row for each set, by the name of its game."""
    rows = []
    for path in sorted(FOLDER.glob("*.truth")):
        found = read_set(path)
        exact = 100 * float(np.mean(found.moves.lower == found.moves.upper))
        size = f"{path.stat().st_size / 1000:,.0f}"
        n_positions, n_moves = (f"{len(each):,}" for each in (found.positions, found.moves.edge_action))
        rows.append(
            (
                found.game_id,
                n_positions,
                found.draw,
                n_moves,
                f"{exact:.2f}",
                f"{100 * found.open_share:.2f}",
                size,
                f"`{found.sha256[:12]}`",
            )
        )
    return {"sets": table(HEAD, rows)}


PAGES = (Page("truth-sets.md", {"sets": Part(sets)}),)
