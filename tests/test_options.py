"""One reader of learners' options: what it takes, what it refuses in one line, and that no value of any option ends in a traceback."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bench.harness.keys import cell_key
from bench.harness.policyfile import load_policy, pack
from bench.measures.coding import bare_source
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import GaincurveError, UsageError, WorkError
from policies.api import Range
from policies.options import Option, in_words, read_value
from policies.registry import LEARNERS, learner_options, make_learner, read_options
from policies.task import make_task

FEW: dict[str, Any] = {"positions": 50, "features": 20}
CHEAP: dict[str, dict[str, Any]] = {  # with these a fit takes a fraction of a second
    "network": {"steps": 5},
    "subspace": {"steps": 5},
    "selfplay": {"games": 4, "simulations": 2, "units": 4},
    "local_search": {"effort": 50, "language": "concepts"},
    "shortest": {"language": "lookahead+centre+corner+side"},
    "boosted": FEW,
    "cart": FEW,
    "ripper": {**FEW, "optimizations": 0},
    "symbolic": {**FEW, "population": 20, "generations": 2},
}
EFFORTS = ("steps", "effort", "population", "generations", "optimizations")  # their largest values would take days
GAMES = ("tictactoe", "nim-1-2")
ODD: list[object] = [
    *(None, True, False, math.nan, math.inf, -math.inf, -1, 0, 1, 2, 2.5, 1e-320, 1e308, -(2**63), 2**63, 10**400, 10**5000),
    *("", " ", "x", "\0", "\n", "+", "maybe", "true", "no", "None", "none", "nan", "inf", "-1", "1", "2.5", "3e0", "1_0", "٣", "9" * 5000),
    *([], [1], {}, (), b"x", object(), np.float64(0.5), np.int64(1), np.bool_(True), np.nan),
]


def values_to_try(option: Option) -> list[object]:
    """Values of every kind; the choices of an option; and numbers at and beside the ends of its range."""
    ends = [end for end in option.range[:2] if math.isfinite(end)]
    beside = [
        int(end) + step for end in ends for step in (-1, 0, 1) if not (option.name in EFFORTS and end == option.range.high and step < 1)
    ]
    return [*ODD, *option.choices, *(number for number in beside if option.kind is int), *(ends if option.kind is float else [])]


def attempt(action: Callable[[], Any], *refusals: type[GaincurveError]) -> tuple[Any, str]:
    """What an action gives, or the message with which it is refused."""
    try:
        return action(), ""
    except refusals as error:
        return None, str(error)


@pytest.mark.parametrize(("name", "option"), [(name, option) for name in LEARNERS for option in learner_options(name)])
def test_every_value_of_every_option_is_used_or_refused_in_one_line_before_anything_is_fitted(name: str, option: str) -> None:
    made: set[Any] = set()
    for value in values_to_try(learner_options(name)[option]):
        learner, said = attempt(partial(make_learner, name, CHEAP.get(name, {}) | {option: value}), UsageError)
        assert "\n" not in said
        assert option in said or learner is not None
        made |= {learner} - {None}
    assert made
    for learner in made:
        assert learner == make_learner(name, {each: str(getattr(learner, each)) for each in learner_options(name)})
        for game in GAMES:
            task = make_task(game)
            # What only the game can tell: whether it has such words, a board, a list that short; and whether training diverges.
            path, said = attempt(partial(list, learner.fit_path(task, [1], 0)), UsageError, WorkError)
            assert "\n" not in said
            assert path or said
            for policy in path or []:
                data = learner.encode(policy, task)
                assert learner.encode(learner.decode(data, task), task) == data


@pytest.mark.parametrize("name", LEARNERS)
def test_every_option_has_a_type_with_a_meaning_and_a_default_that_it_takes(name: str) -> None:
    for option in learner_options(name).values():
        assert option.meaning
        assert not option.meaning.endswith(".")
        assert type(option.default) is option.kind
        assert read_value(name, option, option.default) == option.default
        assert read_value(name, option, str(option.default)) == option.default
        if option.kind is int:
            assert math.isfinite(option.range.low)
            assert math.isfinite(option.range.high)


@pytest.mark.parametrize("value", [True, "true", "True", "yes", np.bool_(True)])
def test_a_truth_value_may_be_written_in_six_ways(value: object) -> None:
    assert read_options("rulelist", {"best": value}) == {"best": True}


@pytest.mark.parametrize("value", [False, "false", "False", "no"])
def test_no_way_of_writing_false_refines(value: object) -> None:
    assert make_learner("rulelist", {"best": value}) == make_learner("rulelist")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("rulelist", {"best": "maybe"}, "rulelist option best='maybe': give true or false"),
        ("rulelist", {"best": 1}, "rulelist option best=1: give true or false"),
        ("network", {"equivariant": "TRUE"}, "network option equivariant='TRUE': give true or false"),
        ("network", {"steps": 2.5}, "network option steps=2.5: give a whole number from 1 to 1,000,000"),
        ("network", {"steps": True}, "network option steps=True: give a whole number from 1 to 1,000,000"),
        ("network", {"temperature": "nan"}, "network option temperature='nan': give a number above 0"),
        ("boosted", {"learning_rate": 1.5}, "boosted option learning_rate=1.5: give a number above 0, up to 1"),
        ("rulelist", {"support": -3}, "rulelist option support=-3: give a whole number from 1 to 2,147,483,647"),
        ("rulelist", {"place": "frnt"}, "rulelist option place='frnt': give one of anywhere, ends, front, end; did you mean front?"),
        ("rulelist", {"language": 5}, "rulelist option language=5: give a text"),
        ("rulelist", {"language": "concepts++cells"}, "rulelist option language='concepts++cells': unknown part ''"),
        ("tree", {"language": "lookahead-9"}, "tree option language='lookahead-9': unknown part 'lookahead-9'"),
        ("network", {"stages": "prune"}, "network option stages='prune': stage 'prune': write prune-N"),
        ("human", {"list": "bouto"}, "human option list='bouto': no list of ours is called 'bouto'; did you mean bouton"),
        (
            "network",
            {"step": 3},
            "learner network has no option 'step'; did you mean steps or stages? known: architecture, depth, width",
        ),
        ("network", {"qqq": 3}, "learner network has no option 'qqq'; known: architecture, coarseness"),
        ("uniform", {"is_optimal": True}, "learner uniform has no option 'is_optimal'; it takes none"),
        ("dag", {"shared": False}, "learner dag has no option 'shared'"),
    ],
)
def test_a_wrong_value_is_named_with_what_its_option_takes(name: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as error:
        make_learner(name, options)
    assert said in str(error.value)


def test_numbers_may_be_text_and_whole_ones_are_whole() -> None:
    found = read_options("network", {"steps": "1e3", "depth": "2", "width": 8.0, "learning_rate": 1, "temperature": "0.5"})
    assert found == {"steps": 1000, "depth": 2, "width": 8, "learning_rate": 1.0, "temperature": 0.5}
    assert [type(value) for value in found.values()] == [int, int, int, float, float]


def test_values_that_say_the_same_share_a_record() -> None:
    same = [{"support": 2, "best": True}, {"support": "2", "best": "yes"}, {"support": 2.0, "best": "True"}]
    assert len({cell_key(Cell("tictactoe", "rulelist", "rulelist", options=options)) for options in same}) == 1
    assert len({cell_key(Cell("tictactoe", "network", "n", options={"temperature": value})) for value in (1, 1.0, "1", "1.0")}) == 1


SUITE = """
name = "mine"
games = ["tictactoe"]
[[learners]]
name = "uniform"
[[learners]]
name = "rulelist"
label = "fine"
"""


def test_a_suite_reads_options_as_the_command_line_does() -> None:
    text = SUITE + 'options = { support = "3" }\nvary = { best = ["yes", false] }\n'
    found = cells(parse_suite(text, "mine.toml"))
    assert [cell.id for cell in found[1:]] == [f"tictactoe/fine,best={value}/seed=0" for value in ("true", "false")]
    assert [cell.options for cell in found[1:]] == [{"support": 3, "best": True}, {"support": 3, "best": False}]


@pytest.mark.parametrize("line", ['options = { best = "maybe" }', 'vary = { best = [true, "maybe"] }'])
def test_a_wrong_option_of_a_suite_is_named_with_its_file_and_entry(line: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_suite(SUITE + line, "mine.toml")
    assert str(error.value) == "mine.toml: learner 2 (fine): rulelist option best='maybe': give true or false"


@pytest.mark.parametrize(
    ("learner", "options", "made"),
    [
        ("rulelist", {"best": True, "support": 2}, {"best": True}),
        ("network", {"steps": 5.0, "learning_rate": 1}, {"steps": 5, "learning_rate": 1.0}),  # as `steps=5e0` was once written down
    ],
)
def test_a_policy_file_with_the_options_of_an_earlier_version_is_read(
    tmp_path: Path, learner: str, options: dict[str, Any], made: dict[str, Any]
) -> None:
    task, fitter = make_task("nim-1-2"), make_learner(learner, made)
    *_, policy = fitter.fit_path(task, [1], 0)
    (tmp_path / "old.policy").write_bytes(pack("nim-1-2", learner, options, policy.size, fitter.encode(policy, task)))
    _, found, read, _ = load_policy(tmp_path / "old.policy")
    assert (found, found.encode(read, task)) == (fitter, fitter.encode(policy, task))


def test_meanings_are_no_part_of_a_recipe() -> None:
    told = 'A = Annotated[int, Range(1), "a meaning"]\nclass B:\n    """Docstring."""\n    c: Annotated[bool, "another"] = True\n'
    assert bare_source(told) == "A = Annotated[int, Range(1)]\n\nclass B:\n    c: bool = True"
    assert bare_source("A: Annotated[int, 5]\ndef f():\n    'says something'\n") == "A: Annotated[int, 5]\n\ndef f():\n    pass"


def test_what_an_option_takes_reads_well() -> None:
    kinds = {
        "a number": Option("x", float),
        "a number from 1 up": Option("x", float, (Range(1),)),
        "a whole number up to 8": Option("x", int, (Range(high=8),)),
        "a number above 0": Option("x", float, (Range(0, is_open=True),)),
        "a text or none": Option("x", str | None),
        "any value": Option("x", Any),
    }
    assert {in_words(option): option for option in kinds.values()} == kinds


def test_msgspec_reads_back_the_options_of_a_suite_as_they_were() -> None:
    """Cells are compared with those of records, so an option must survive JSON."""
    (_, cell) = cells(parse_suite(SUITE + "options = { best = true }\n", "mine.toml"))
    assert msgspec.json.decode(msgspec.json.encode(cell), type=Cell) == cell
