"""One reader of learners' options: what it takes, what it refuses in one line, and that no value of any option ends in a traceback."""

import dataclasses
import math
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pytest

from bench.harness.keys import cell_key
from bench.harness.policyfile import load_policy, pack
from bench.measures.coding import bare_source
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import GaincurveError, UsageError, WorkError
from policies import registry
from policies.api import OneOf, Range
from policies.options import Option, in_words, options_of, read_value
from policies.registry import LEARNERS, learner_options, make_learner, read_options
from policies.task import make_task
from tests.shell import Shell

FEW: dict[str, Any] = {"positions": 50, "features": 20}
CHEAP: dict[str, dict[str, Any]] = {  # with these a fit takes a fraction of a second
    "network": {"steps": 5},
    "subspace": {"steps": 5},
    "search": {"effort": 50, "language": "words"},
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
    assert read_options("rulelist", {"refined": value}) == {"refined": True}


@pytest.mark.parametrize("value", [False, "false", "False", "no"])
def test_no_way_of_writing_false_refines(value: object) -> None:
    assert make_learner("rulelist", {"refined": value}) == make_learner("rulelist")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("rulelist", {"refined": "maybe"}, "rulelist option refined='maybe': give true or false"),
        ("rulelist", {"refined": 1}, "rulelist option refined=1: give true or false"),
        ("network", {"equivariant": "TRUE"}, "network option equivariant='TRUE': give true or false"),
        ("network", {"steps": 2.5}, "network option steps=2.5: give a whole number from 1 to 1,000,000"),
        ("network", {"steps": True}, "network option steps=True: give a whole number from 1 to 1,000,000"),
        ("network", {"temperature": "nan"}, "network option temperature='nan': give a number above 0"),
        ("boosted", {"learning_rate": 1.5}, "boosted option learning_rate=1.5: give a number above 0, up to 1"),
        ("rulelist", {"support": -3}, "rulelist option support=-3: give a whole number from 1 to 2,147,483,647"),
        ("rulelist", {"place": "frnt"}, "rulelist option place='frnt': give one of anywhere, ends, front, end; did you mean front?"),
        ("rulelist", {"language": 5}, "rulelist option language=5: give a text"),
        ("rulelist", {"language": "words++cells"}, "rulelist option language='words++cells': unknown part ''"),
        ("tree", {"language": "lookahead-9"}, "tree option language='lookahead-9': unknown part 'lookahead-9'"),
        ("network", {"stages": "prune"}, "network option stages='prune': stage 'prune': write prune-N"),
        ("human", {"list": "bouto"}, "human option list='bouto': no list of ours is called 'bouto'; did you mean bouton"),
        (
            "network",
            {"step": 3},
            "learner network has no option 'step'; did you mean steps or stages or most? known: architecture, depth, width",
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
    same = [{"support": 2, "refined": True}, {"support": "2", "refined": "yes"}, {"support": 2.0, "refined": "True"}]
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
    text = SUITE + 'options = { support = "3" }\nvary = { refined = ["yes", false] }\n'
    found = cells(parse_suite(text, "mine.toml"))
    assert [cell.id for cell in found[1:]] == [f"tictactoe/fine,refined={value}/seed=0" for value in ("true", "false")]
    assert [cell.options for cell in found[1:]] == [{"support": 3, "refined": True}, {"support": 3, "refined": False}]


@pytest.mark.parametrize("line", ['options = { refined = "maybe" }', 'vary = { refined = [true, "maybe"] }'])
def test_a_wrong_option_of_a_suite_is_named_with_its_file_and_entry(line: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_suite(SUITE + line, "mine.toml")
    assert str(error.value) == "mine.toml: learner 2 (fine): rulelist option refined='maybe': give true or false"


@pytest.mark.parametrize(
    ("learner", "options", "made"),
    [
        ("rulelist", {"refined": True, "support": 2}, {"refined": True}),
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


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


@dataclass(frozen=True)
class Outside:
    """A learner of another package, with options of every type."""

    needed: int
    kind: Literal["a", "b"] = "a"
    level: Literal[1, 2] = 1
    limit: int | None = None
    label: str | None = None
    sizes: Annotated[tuple[int, ...], Range(1, 9), "sizes"] = ()
    pair: tuple[float, str] = (0.0, "")
    name: Annotated[str, OneOf(("x", "y"))] = "x"
    anything: Any = None
    sequence: list[int] = dataclasses.field(default_factory=list)
    unit = "units"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Outside` as an installed package would register it, beside two whose module or class is not there."""
    module = types.ModuleType("outside_learner")
    module.Outside = Outside  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "outside_learner", module)
    told = {"outside": "outside_learner:Outside", "gone": "no_such_module:Gone", "classless": "outside_learner:Gone"}
    points = [types.SimpleNamespace(name=name, value=value) for name, value in told.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("option", "value", "read"),
    [
        ("kind", "b", "b"),
        ("level", "2", 2),
        ("limit", "none", None),
        ("limit", "7", 7),
        ("label", "none", None),
        ("label", "7", "7"),
        ("sizes", "1+9", (1, 9)),
        ("sizes", [2, "3"], (2, 3)),
        ("sizes", "", ()),
        ("pair", "0.5+x", (0.5, "x")),
        ("anything", b"x", b"x"),
    ],
)
def test_an_outside_learner_is_read_by_its_annotations(option: str, value: object, read: object) -> None:
    made: Any = make_learner("outside", {"needed": "1", option: value})
    found = getattr(made, option)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "learner outside needs its option 'needed': write outside:needed=VALUE"),
        ({"needed": 1, "kind": "c"}, "outside option kind='c': give one of a, b"),
        ({"needed": 1, "level": "3"}, "outside option level='3': give one of 1, 2"),
        ({"needed": 1, "level": True}, "outside option level=True: give one of 1, 2"),
        ({"needed": 1, "limit": "x"}, "outside option limit='x': give a whole number or none"),
        ({"needed": 1, "sizes": "1+10"}, "outside option sizes='1+10': give a whole number from 1 to 9, several joined with +"),
        ({"needed": 1, "pair": "1"}, "outside option pair='1': give a number + a text"),
        ({"needed": 1, "name": "z"}, "outside option name='z': give one of x, y"),
        ({"needed": 1, "sequence": "1"}, "outside option sequence='1': give a value of type list[int]"),
    ],
)
def test_an_outside_learner_refuses_in_the_same_words(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as error:
        make_learner("outside", options)
    assert said in str(error.value)


@pytest.mark.usefixtures("outside")
def test_learners_that_cannot_be_loaded_are_listed_with_the_reason(shell: Shell) -> None:
    found = shell.json("learners")["learners"]
    assert list(found) == [*LEARNERS, "classless", "gone", "outside"]
    assert found["gone"]["error"] == "learner gone cannot be loaded from no_such_module:Gone: No module named 'no_such_module'"
    assert "has no attribute 'Gone'" in found["classless"]["error"]
    assert found["outside"]["options"]["sizes"]["takes"] == "a whole number from 1 to 9, several joined with +"
    assert shell("learners")[0] == 0
    status, out, _ = shell("learners", "gone")
    assert status == 0
    assert "cannot be loaded" in out


def test_annotations_that_name_what_is_not_there_are_refused_in_one_line() -> None:
    made = dataclasses.make_dataclass("Odd", [("size", "NoSuchType", 1)], frozen=True)
    with pytest.raises(UsageError, match=r"the options of Odd have annotations that cannot be read: .*NoSuchType"):
        options_of(made)


def test_the_verb_lists_every_learner_and_the_options_of_one(shell: Shell) -> None:
    status, out, _ = shell("learners")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1 : 1 + len(LEARNERS)]] == list(LEARNERS)
    status, out, _ = shell("learners", "rulelist")
    assert status == 0
    for word in (
        "its budget counts rules",
        *learner_options("rulelist"),
        "true or false",
        "one of anywhere, ends, front, end",
        "first-match",
    ):
        assert word in out
    answer = shell.json("learners", "boosted")["learners"]
    assert list(answer) == ["boosted"]
    assert answer["boosted"]["options"]["learning_rate"] == {
        "takes": "a number above 0, up to 1",
        "type": "float",
        "values": None,
        "lowest": 0,
        "highest": 1,
        "default": 0.3,
        "meaning": "how much of what is left a tree takes away",
    }
    assert shell("learners", "rulelst") == (2, "", "error: unknown learner 'rulelst'; did you mean rulelist or shortest?\n")
    assert "learners" not in shell.json("info")


@pytest.mark.parametrize(
    "words",
    [
        "fit rulelist:refined=maybe --game tictactoe --budget 1",
        "compare rulelist:refined=maybe table --game tictactoe",
        "prequential rulelist:refined=maybe --game tictactoe",
        "diagnose --train network:equivariant=maybe --game tictactoe --budget 1",
        "compress --game tictactoe --stages raw --steps 99999999",
        "dimension --game tictactoe --steps 0",
        "fit rulelist:support=1,support=2 --game tictactoe --budget 1",
    ],
)
def test_every_verb_refuses_in_one_line(shell: Shell, words: str) -> None:
    status, out, err = shell(*words.split())
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "option" in err


def test_fit_writes_down_typed_options(shell: Shell) -> None:
    answer = shell.json("fit", "rulelist:refined=no,support=3,language=words", "--game", "nim-1-2", "--budget", "1")
    assert answer["options"] == {"refined": False, "support": 3, "language": "words"}


def test_meanings_are_no_part_of_a_recipe() -> None:
    told = 'A = Annotated[int, Range(1), "a meaning"]\nclass B:\n    """Docstring."""\n    c: Annotated[bool, "another"] = True\n'
    assert bare_source(told) == "A = Annotated[int, Range(1)]\n\nclass B:\n    c: bool = True"


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
    (_, cell) = cells(parse_suite(SUITE + "options = { refined = true }\n", "mine.toml"))
    assert msgspec.json.decode(msgspec.json.encode(cell), type=Cell) == cell
