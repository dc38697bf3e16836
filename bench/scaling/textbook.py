"""The cost of a textbook: the bits of optimal play on all boards of a family, with the family's concepts counted once.

    ratio = (sum over boards of policy and exceptions + concepts) / sum over boards of exceptions alone

Of each board the shortest file of optimal moves counts whose policy is written in concepts. The concepts are the source text of all of
them, deflated, whether policies use them or not; windows and lookahead, which are the same for all games, are not in it.
"""

import inspect
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.curves.families import family_of
from bench.harness.untrusted_ids import check_named
from bench.measures.coding import compressed_source
from bench.scaling.axis import AxisRow
from games.concepts.concept import concepts_of
from games.errors import GaincurveError
from games.registry import make_game


@dataclass(frozen=True)
class Textbook:
    """A family with concepts; lengths are bits, None where no board has all of them."""

    family: str
    boards: tuple[str, ...]
    files: int  # policy and exceptions, over all boards
    concepts: int
    exceptions_alone: int
    missing: tuple[str, ...] = ()  # boards left out, each with the reason

    @property
    def ratio(self) -> float:
        """Below 1 the textbook pays its way."""
        return (self.files + self.concepts) / self.exceptions_alone

    @property
    def ratio_without(self) -> float:
        """The same without the bits of the textbook."""
        return self.files / self.exceptions_alone


def textbooks(rows: Sequence[AxisRow]) -> list[Textbook]:
    """The families of a run with concepts and a board that has both lengths, in the order of the run."""
    games: dict[str, list[str]] = {}
    for row in rows:
        family = games.setdefault(family_of(row.game), [])
        if row.game not in family:
            family.append(row.game)
    return [found for family, boards in games.items() if (found := _textbook(family, boards, rows)) is not None]


def _textbook(family: str, boards: Sequence[str], rows: Sequence[AxisRow]) -> Textbook | None:
    concepts = max((concept_bits(game) for game in boards), default=0)
    if not concepts:
        return None
    files, alone, missing = {}, {}, []
    for game in boards:
        written = [row.codelength for row in rows if row.game == game and _in_concepts(row) and row.codelength is not None]
        without = [row.exceptions_alone for row in rows if row.game == game and row.exceptions_alone]
        if written and without:
            files[game], alone[game] = min(written), min(without)
        else:
            missing.append(f"{game}: no {'file with a policy in concepts' if without else 'exceptions alone'} was measured")
    return Textbook(family, tuple(files), sum(files.values()), concepts, sum(alone.values()), tuple(missing)) if files else None


def _in_concepts(row: AxisRow) -> bool:
    return row.is_drawn and "concepts" in row.written_in.split("+")


def concept_bits(game_id: str) -> int:
    """Bits of the source of all concepts of a game and of what they are called with.

    0 for a game that has none, that is not installed, or whose module only a record names: such a module is not run.
    """
    try:
        concepts = concepts_of(make_game(check_named(game_id, "a record")))
    except GaincurveError:
        return 0
    functions = dict.fromkeys(function for concept in concepts for function in concept.sources)
    texts: Iterable[str] = (textwrap.dedent(inspect.getsource(getattr(function, "py_func", function))) for function in functions)
    constants = dict.fromkeys(str(concept.constants) for concept in concepts if concept.constants)
    return 8 * len(compressed_source("\n".join([*texts, *constants])))
