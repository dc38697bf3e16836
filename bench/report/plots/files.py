"""Figures as files: png and pdf as matplotlib writes them, svg small and with text as text."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.report.blocks import FORMATS
from bench.report.plots.style import STYLE, lay_out
from bench.report.plots.svg import standalone_svg


def save_figure(figure: Figure, stem: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a figure in several formats next to each other; the same figure gives the same files."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    if formats:
        lay_out(figure)
    for name in formats:
        path = stem.parent / f"{stem.name}.{name}"
        if name == "svg":
            path.write_text(standalone_svg(figure))
        else:
            with mpl.rc_context(STYLE):
                figure.savefig(path, metadata={"png": {}, "pdf": {"CreationDate": None}}[name], dpi=200)
        written.append(path)
    return written
