"""Figure 1 and Figure 2 of a run as a journal prints them: files in two widths, and their captions."""

from collections.abc import Sequence
from pathlib import Path

from bench.report.parts.captions import caption_of_figure_1, caption_of_figure_2
from bench.report.parts.principles import drawn_in_figure_2, rows_of_figure_2
from bench.report.plots.figure1 import draw_figure_1
from bench.report.plots.figure2 import draw_figure_2
from bench.report.plots.files import save_figure
from bench.report.plots.journal import NARROW, WIDE
from bench.report.run_data import Evidence
from games.solving.store import write_atomically

WIDTHS = {"": WIDE, "-narrow": NARROW}  # mm, by what the name of a file ends in


def write_figures(evidence: Evidence, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Write figure1 and figure2, for two columns and for one, and a caption of each, where the run has anything for them."""
    records = evidence.records
    rows = rows_of_figure_2(drawn_in_figure_2(records)) if formats else []
    captions = {"figure1": caption_of_figure_1(records), "figure2": caption_of_figure_2(records)} if formats else {}
    written = []
    for suffix, width in WIDTHS.items() if formats else ():
        for name, figure in (("figure1", draw_figure_1(records, width)), ("figure2", draw_figure_2(rows, width))):
            written += save_figure(figure, folder / f"{name}{suffix}", formats) if figure is not None else []
    for name, text in captions.items():
        if text:
            write_atomically(folder / f"{name}.caption.md", [text.encode()])
            written.append(folder / f"{name}.caption.md")
    return written
