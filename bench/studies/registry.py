"""The table of studies: which program writes which pages."""

from bench.studies import (
    axis,
    codelength,
    command_line,
    compression,
    definitions,
    dimension,
    fitters,
    games,
    heldout,
    learners,
    minima,
    networks,
    prequential,
    results,
    running,
    speed,
    tails,
)
from bench.studies.page import Page

STUDIES: dict[str, tuple[Page, ...]] = {
    "axis": axis.PAGES,
    "codelength": codelength.PAGES,
    "command-line": command_line.PAGES,
    "compression": compression.PAGES,
    "definitions": definitions.PAGES,
    "dimension": dimension.PAGES,
    "fitters": fitters.PAGES,
    "games": games.PAGES,
    "heldout": heldout.PAGES,
    "learners": learners.PAGES,
    "minima": minima.PAGES,
    "networks": networks.PAGES,
    "prequential": prequential.PAGES,
    "results": results.PAGES,
    "running": running.PAGES,
    "speed": speed.PAGES,
    "tails": tails.PAGES,
}
