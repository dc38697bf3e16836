"""The verb `learners`, the options of learners from other packages, and that every verb reads options alike."""

import dataclasses
import sys
import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from games.errors import UsageError
from policies import registry
from policies.api import OneOf, Range
from policies.options import options_of
from policies.registry import LEARNERS, learner_options, make_learner
from tests.support.shell import Shell


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
    assert shell("learners", "rulelst") == (2, "", "error: unknown learner 'rulelst'; did you mean rulelist?\n")
    assert "learners" not in shell.json("info")


@pytest.mark.parametrize(
    "words",
    [
        "fit rulelist:best=maybe --game tictactoe --budget 1",
        "compare rulelist:best=maybe table --game tictactoe",
        "prequential rulelist:best=maybe --game tictactoe",
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
    answer = shell.json("fit", "rulelist:best=no,support=3,language=concepts", "--game", "nim-1-2", "--budget", "1")
    assert answer["options"] == {"best": False, "support": 3, "language": "concepts"}
