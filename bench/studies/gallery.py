"""docs/gallery.md: the best short list known of a game of each family, as a picture with positions."""

import functools

from bench.harness.cell import load_cell
from bench.harness.path import FittedPath
from bench.measures.grades import grades
from bench.report.explorable.explorable import about_grades
from bench.report.gallery import draw_list, probabilities
from bench.studies.page import Page, Part
from bench.studies.records import Entry, best_list, families, proved_line
from bench.wording import best_percent, count_units
from games.errors import WorkError
from policies.rules.rulelist import RuleList

MIN_RULES, MAX_RULES = 2, 8  # of a list that is shown


def shown() -> list[Entry]:
    """Of each family the largest game of which a list of few rules keeps the value or is perfect, games by positions."""
    found = []
    for games in families().values():
        best = [entry for ones in games.values() if (entry := best_list(ones) or best_list(ones, "perfect"))]
        found += [entry for entry in best if MIN_RULES <= entry.point.size <= MAX_RULES][-1:]
    return sorted(found, key=lambda entry: entry.record.n_positions)


@functools.cache
def drawings() -> dict[str, tuple[str, str, str]]:
    """For each game shown its picture as SVG, the picture in words, and a line about its list and what is proved."""
    return {entry.record.cell.game: drawing(entry) for entry in shown()}


def drawing(entry: Entry) -> tuple[str, str, str]:
    """The list is fitted again, written to bytes and read back; it is the one of the record, or WorkError is raised."""
    cell, point = entry.record.cell, entry.point
    loaded = load_cell(cell)
    task, learner = loaded.task, loaded.learner
    fitted = dict(FittedPath(learner, task, [point.budget], cell.random_seed))[point.budget]
    data = learner.encode(fitted, task)
    policy = learner.decode(data, task)
    is_same = isinstance(policy, RuleList) and 8 * len(data) == point.policy_bits
    if not is_same or abs(task.gain(chosen := probabilities(task, policy)) - point.gain) > 1e-9:
        raise WorkError(f"{cell.id}: fitted again, it is another list than its record has")
    found = grades(task.graph, task.solution, chosen)
    title = f"{cell.game}: {count_units(point.size, 'rules')}, {point.policy_bits} bits"
    left = "" if found.optimal_everywhere else f"{best_percent(1 - point.gain)} of what random play loses is left. "
    svg, words = draw_list(task, policy, learner.explain(policy, task).entries, title, left + about_grades(found))
    line = f"`{entry.record.cell_id.partition('/')[2]}`, budget {point.budget}. {proved_line(cell.game)}".rstrip()
    return svg, words, line


def pictures() -> dict[str, str]:
    """The block of the page."""
    parts = [f"## {game}\n\n![{words}](gallery/{game}.svg)\n\n{line}" for game, (_, words, line) in drawings().items()]
    return {"pictures": "\n\n".join(parts)}


def files() -> dict[str, str]:
    """The pictures by their names below docs/."""
    return {f"gallery/{game}.svg": svg for game, (svg, *_) in drawings().items()}


START = """# Gallery

Short lists that play well, one of each family: the best known list of the largest game whose list has at most eight rules. Go down a list;
at the first rule that some legal move satisfies, play any move that satisfies it. Beside each rule stands a position in which it decides
and the list without it errs the most. A dot marks a move that loses nothing, a number what a move loses.

In small pictures of a rule a diamond is the move, a black disc a piece of the player to move, a white one of the other, a cross an empty
cell and a grey square the edge; nothing drawn means anything. Turned and mirrored it fits as well.

<!-- pictures -->
<!-- end -->

`python -m bench.studies gallery --write` draws the pictures from `reports/reference`. Every list is fitted again, written to bytes and read
back. [Records](records.md) has the tables, and how to submit a better list.
"""

PAGES = (Page("gallery.md", {"pictures": Part(pictures)}, start=START, files=files),)
