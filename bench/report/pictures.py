"""Pictures of rules: the few cells that a pattern is about, as a small drawing of stones."""

import textwrap
from collections.abc import Sequence

from markupsafe import Markup, escape

SYMBOLS = {"X": "yours", "O": "theirs", "*": "move", ".": "empty", "#": "off"}  # of a picture; anything else is left open


def board(rows: Sequence[str]) -> Markup:
    """A picture of a rule, two letters a column, as a small drawing of stones."""
    drawn = textwrap.dedent("\n".join(rows)).splitlines()
    n_columns = max((len(row) + 1) // 2 for row in drawn)
    cells = "".join(
        f'<use href="#stone-{SYMBOLS[symbol]}" x="{column}" y="{y}"/>'
        for y, row in enumerate(drawn)
        for column, symbol in enumerate(row[::2])
        if symbol in SYMBOLS
    )
    size = f'viewBox="0 0 {n_columns} {len(drawn)}" style="--columns:{n_columns}"'
    label = escape("; ".join(" ".join(row.split()) for row in drawn))
    return Markup(f'<svg class="board" role="img" aria-label="{label}" {size}>{cells}</svg>')
