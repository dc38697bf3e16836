"""docs/games/: for every family its rules, names, counts, values, encodings, concepts and sources, in one fixed form.

Seconds differ from machine to machine: they are a part of their own, measured again only where all else has changed.
"""

import importlib
import inspect
import re
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from bench.studies.page import DOCS, END, ROOT, Page, Part
from games import registry
from games.concepts.concept import concepts_of
from games.contract import Game
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, solve

FOLDER = DOCS / "games"
FACTS = ROOT / "tests" / "facts.toml"
PERFT = ROOT / "tests" / "perft"
PLAYTHROUGHS = ROOT / "tests" / "playthroughs"
COMMAND = "python -m bench.studies games --write"
ABOUT_COUNTS = """\
## Counts and values

All exact. A state is a position or an end of the game; of symmetric states one is counted, except under *unfolded*. The value is
the first player's with perfect play. *Endless* is the share of states whose value depends on what endless play is worth, which is
0; *none* where every game ends."""
ABOUT_ENCODINGS = """\
## Encodings

`cells` are the small numbers that a player sees: how many of them take how many values. `planes` are the same as zeros and ones:
planes x rows x columns. *Symmetries* are those of the board, the identity included."""
ABOUT_TIMES = """\
## Time

Seconds on the machine that wrote this page, with the kernels compiled before; no test compares them."""

# Sizes that a page counts beside the examples of games.registry: each enumerates and is solved in seconds.
MORE_SIZES = {
    "go": "go-1x2 go-1x3 go-1x4 go-1x5 go-2x2 go-2x4 go-2x5",
    "nim": "nim-1-2 nim-1-3-5-7 nim-1-2-3-4-5-6 nim-4-5-6-7 nim-7-7-7-7 nim-15-15-15",
    "misere_nim": "misere_nim-1-2 misere_nim-1-3-5-7 misere_nim-4-5-6-7 misere_nim-7-7-7-7 misere_nim-15-15-15",
    "mnk": "mnk-2x4x3 mnk-1x8x3 mnk-3x3x3 mnk-2x6x3 mnk-3x5x3 mnk-4x4x3 mnk-4x4x4",
    "connect_four": "connect_four-2x4 connect_four-2x5 connect_four-4x3 connect_four-2x6 connect_four-3x5 connect_four-5x4",
    "hex": "hex-3x2 hex-2x5 hex-4x3 hex-3x5 hex-4",
    "domineering": "domineering-2x2 domineering-3x3 domineering-3x4 domineering-2x7 domineering-3x6 domineering-4x5 domineering-5x5",
    "nogo": "nogo-2x2 nogo-1x5 nogo-2x4 nogo-1x8 nogo-2x5 nogo-2x6 nogo-3x4",
    "breakthrough": "breakthrough-3x2 breakthrough-3x4 breakthrough-4x3 breakthrough-5x2 breakthrough-4x4x1 breakthrough-5x3",
    "kalah": "kalah-1-2 kalah-2-1 kalah-2-4 kalah-4-1 kalah-3-3 kalah-4-2",
    "planted": "planted-geometric-1 planted-geometric-6 planted-geometric-24 planted-geometric-48 planted-zipf-6",
    "random": "random-nim-1-2 random-hex-2 random-nogo-2x3 random-breakthrough-3x3 random-domineering-4x4 random-hex-3",
}
# Families for which nothing is published that could be counted, and what their values are checked against instead.
WITHOUT_FACTS = {
    "nim": "Bouton's theorem gives the value of every state; the tests compare all of them.",
    "misere_nim": "Bouton's theorem gives the value of every state; the tests compare all of them.",
    "planted": "The rules and their gains are planted, so they are known by construction; the tests compare them.",
    "random": "The right moves are drawn, so the value of every state is known by construction; the tests compare them.",
}


def facts(family: str, most_states: float = np.inf) -> str:
    """All that is exact about a family, with the sizes that are estimated to have at most `most_states` states."""
    summary, rules, names = _told(family)
    examples = registry.GAMES[family][1]
    shown = registry.make_game(examples.split()[0])
    counted = [game for game in sizes(family) if game.estimate_states() <= most_states]
    solved = [(game, graph, solve(graph)) for game, graph in ((game, enumerate_graph(game)) for game in counted)]
    concepts = [(f"`{concept.name}`", concept.meaning, str(concept.depth)) for concept in concepts_of(shown)]
    parts = [
        summary,
        f"This page is written by `{COMMAND}`; the tests compare it with what the code gives.",
        f"## Rules in force\n\n{rules}",
        f"The start of `{shown.id}`:\n\n```text\n{shown.render(shown.start())}\n```",
        f"## Names\n\n`{family if shown.id == family else family + '-SIZE'}`. {names}",
        "Shown as examples: " + ", ".join(f"`{example}`" for example in examples.split()) + ".",
        ABOUT_COUNTS,
        _table("game|value|states|positions|moves|unfolded|endless", [_counts(*truth) for truth in solved]),
        ABOUT_ENCODINGS,
        _table("game|actions|symmetries|cells|planes", [_encodings(game) for game in counted]),
        f'## Words\n\nConcepts that a rule may use in `{shown.id}`: "play a move that ...".',
        _table("concept|meaning|plies ahead", concepts) if concepts else "None; patterns and lookahead need none.",
        "## Sources\n\n" + _sources(family),
    ]
    return "\n\n".join(parts)


def times(family: str) -> str:
    """How long each size of a family takes to enumerate and to solve."""
    solve(enumerate_graph(sizes(family)[0]))  # the kernels are compiled, or read from disk, before anything is timed
    timed = ((game, enumerate_graph(game)) for game in sizes(family))
    return _table("game|enumerate|solve", [_seconds(game, graph, solve(graph)) for game, graph in timed])


def page_of(family: str) -> Page:
    """The page of a family."""
    start = f"# {family}\n\n<!-- facts -->\n{END}\n\n{ABOUT_TIMES}\n\n<!-- times -->\n{END}\n"
    parts = {
        "facts": Part(lambda: {"facts": facts(family)}),
        "times": Part(lambda: {"times": times(family)}, "some seconds", after="facts"),
    }
    return Page(f"games/{family}.md", parts, start=start)


def sizes(family: str) -> list[Game]:
    """The games of a family that its page counts, the smaller ones first."""
    ids = {*registry.GAMES[family][1].split(), *MORE_SIZES.get(family, "").split()}
    return sorted(map(registry.make_game, ids), key=lambda game: (game.estimate_states(), game.id))


def index() -> str:
    """The table of the families."""
    rows = [(f"[{family}]({family}.md)", _told(family)[0].replace("\n", " "), str(len(sizes(family)))) for family in registry.GAMES]
    return _table("family|in one sentence|sizes counted", rows)


def missing() -> list[str]:
    """What the families in the table lack, one line each, with what to do about it."""
    found = []
    played = {_family(game) for game in played_games()}
    for family in registry.GAMES:
        if family not in played:
            add = "add one of its games to PLAYED in tests/support/playthrough.py and run: python -m tests.support.playthrough --write"
            found.append(f"the family {family} has no playthrough: {add}")
        if not fact_sources(family) and family not in WITHOUT_FACTS:
            add = f"add a table [{family}] with its source to tests/facts.toml, or the reason to WITHOUT_FACTS in bench/studies/games.py"
            found.append(f"the family {family} has no published fact: {add}, and run: {COMMAND}")
        if not (FOLDER / f"{family}.md").exists():
            found.append(f"the family {family} has no page: run: {COMMAND}")
    left_over = {path.stem for path in FOLDER.glob("*.md")} - {"README", *registry.GAMES}
    return found + [f"docs/games/{name}.md is about no family: delete it, and run: {COMMAND}" for name in sorted(left_over)]


def fact_sources(family: str) -> dict[str, str]:
    """The tables of facts.toml about a family, each with what its comments say of the source."""
    sources: dict[str, str] = {}
    said: list[str] = []
    table = ""
    for line in FACTS.read_text().splitlines():
        header = re.fullmatch(r"\[(\S+)\]\s*(?:# *(.*))?", line)
        if header:
            table = header[1]
            sources[table] = "; ".join(filter(None, [" ".join(said), header[2]]))
        elif line.startswith("#"):
            said.append(line.lstrip("# "))
            continue
        elif line and said:
            sources[table] = "; ".join(filter(None, [sources[table], " ".join(said)]))
        said = []
    return {name: source for name, source in sources.items() if name.split(".")[0] == family}


def _told(family: str) -> tuple[str, str, str]:
    """A family in one sentence, its rules, and its names.

    They are the two parts of its module's docstring, and the docstring of its factory. Where families share a module, a factory's
    begins with a sentence about its own.
    """
    module_name, _, factory = registry.GAMES[family][0].partition(":")
    module = importlib.import_module(module_name)
    summary, _, rules = inspect.cleandoc(module.__doc__ or "").partition("\n\n")
    own_summary, _, names = inspect.cleandoc(getattr(module, factory).__doc__ or "").rpartition("\n\n")
    return own_summary or summary, rules, names


def played_games() -> list[str]:
    """The games of which a playthrough is written down."""
    return sorted(path.stem for path in PLAYTHROUGHS.glob("*.txt"))


def _sources(family: str) -> str:
    published = [f"- `{name}`: {source}" for name, source in fact_sources(family).items()]
    facts = "Published numbers that the tests reproduce, by table of [facts.toml](../../tests/facts.toml):\n\n" + "\n".join(published)
    parts = [facts if published else WITHOUT_FACTS.get(family, "None yet.")]
    counted = _links(sorted(path.name for path in PERFT.glob(f"{family}*.perft") if _family(path.stem) == family), "perft/{}")
    if counted:
        parts.append(f"Sequences of moves, counted ply by ply, with the sources: {counted}.")
    played = _links([game for game in played_games() if _family(game) == family], "playthroughs/{}.txt")
    return "\n\n".join([*parts, f"Played at random, every move shown: {played}."])


def _family(game_id: str) -> str:
    return game_id.partition("-")[0]


def _links(names: list[str], file: str) -> str:
    return ", ".join(f"[{name}](../../tests/{file.format(name)})" for name in names)


def _counts(game: Game, graph: GameGraph, solution: Solution) -> tuple[str, ...]:
    numbers = (graph.n_states, len(graph.positions), graph.n_edges, int(graph.multiplicity.sum(dtype=np.int64)))
    endless = f"{solution.cycle_share:.2%}" if game.endless else "none"
    return (f"`{game.id}`", f"{int(solution.value[0]):+d}", *(f"{number:,}" for number in numbers), endless)


def _encodings(game: Game) -> tuple[str, ...]:
    runs = [(levels, len(list(run))) for levels, run in groupby(game.cell_levels())]
    shape = game.planes(np.array([game.start()], dtype=np.uint64)).shape[1:]
    symmetries = "no board" if game.board is None else str(len(game.board.symmetries))
    cells = ", ".join(f"{n} of {levels}" for levels, n in runs)
    return (f"`{game.id}`", str(game.n_actions), symmetries, cells, " x ".join(map(str, shape)))


def _seconds(game: Game, graph: GameGraph, solution: Solution) -> tuple[str, ...]:
    seconds = (graph.enumerate_seconds, solution.solve_seconds)
    return (f"`{game.id}`", *(f"{took:.2f}" if took >= 0.01 else "below 0.01" for took in seconds))


def _table(heads: str, rows: Sequence[tuple[str, ...]]) -> str:
    names = heads.split("|")
    lines = [names, ["---"] * len(names), *([entry.replace("|", "\\|") for entry in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


PAGES = (Page("games/README.md", {"families": Part(lambda: {"families": index()})}), *map(page_of, registry.GAMES))
