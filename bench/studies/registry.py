"""The table of studies: which program writes which pages."""

from bench.studies import (
    axis,
    bounds,
    codelength,
    command_line,
    compression,
    definitions,
    dimension,
    fitters,
    games,
    heuristics,
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
    "bounds": bounds.PAGES,
    "codelength": codelength.PAGES,
    "command-line": command_line.PAGES,
    "compression": compression.PAGES,
    "definitions": definitions.PAGES,
    "dimension": dimension.PAGES,
    "fitters": fitters.PAGES,
    "games": games.PAGES,
    "heuristics": heuristics.PAGES,
    "learners": learners.PAGES,
    "minima": minima.PAGES,
    "networks": networks.PAGES,
    "prequential": prequential.PAGES,
    "results": results.PAGES,
    "running": running.PAGES,
    "speed": speed.PAGES,
    "tails": tails.PAGES,
}
