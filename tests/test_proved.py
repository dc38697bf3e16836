"""The band of single-atom lists in figures and sentences, against summaries written by hand; and numbers rounded to the safe side."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from bench.curves import proved
from bench.curves.figure1 import UNDRAWN
from bench.curves.proved import Band, band_of, is_single_atom_list, summary_of
from bench.harness.records import Record
from bench.harness.store import read_record
from bench.report.plots.band import draw_band
from bench.wording import at_least, best_known
from bench.wording import proved as rounded_down

REFERENCE = Path(__file__).parents[1] / "reports" / "reference" / "records"


def test_a_proof_is_rounded_down_and_a_best_known_up() -> None:
    """Of 1/3, 0.10565 and exact decimals; a float that stands for one within 1e-12 is not pushed up."""
    assert (rounded_down(Fraction(1, 3)), best_known(Fraction(1, 3))) == ("0.3333", "0.3334")
    assert (rounded_down(0.25), best_known(0.25), best_known(0.1 + 0.2, 1)) == ("0.2500", "0.2500", "0.3")
    assert (rounded_down(Fraction(10565, 100000)), best_known(0.10565)) == ("0.1056", "0.1057")
    assert at_least(32, Fraction(10599, 100000)) == "any list of 32 rules leaves at least 10.5 %"
    assert at_least(1, Fraction(1, 2)) == "any list of 1 rule leaves at least 50.0 %"


@pytest.mark.parametrize(
    ("learner", "options", "is_one"),
    [
        ("rulelist", {}, False),
        ("rulelist", {"language": "concepts", "atoms": "single"}, True),
        ("rulelist", {"atoms": "single"}, True),
        ("rulelist", {"atoms": "conjunctions"}, False),
        ("rulelist", {"atoms": "single", "semantics": "lexicographic"}, False),
        ("rulelist", {"atoms": "single", "language": "lookahead+positions"}, False),
        ("local_search", {}, True),
        ("optimal_list", {}, True),
        ("tree", {}, False),
        ("weighted", {}, False),
    ],
)
def test_which_learners_fit_lists_that_the_proofs_are_about(learner: str, options: dict[str, Any], is_one: bool) -> None:
    assert is_single_atom_list(learner, options) is is_one


def reference(game: str) -> list[Record]:
    records = [read_record(path) for path in sorted(REFERENCE.glob(f"{game}*.json"))]
    return [record for record in records if record.cell.game == game]


@pytest.mark.parametrize("game", ["tictactoe", "go-2x3", "go-3x3", "go-3x4"])
def test_no_measured_list_is_better_than_what_is_proved(game: str) -> None:
    """Of the committed records; and where proved and found meet, they meet exactly."""
    records = [record for record in reference(game) if record.cell.learner not in UNDRAWN]
    band = band_of(game, records)
    assert band is not None
    assert all(low <= high + 1e-9 for low, high in zip(band.proved, band.found, strict=True))
    assert list(band.found) == sorted(band.found, reverse=True)
    assert list(band.proved) == sorted(band.proved, reverse=True)


def test_the_best_found_is_of_any_length_up_to_k_and_of_the_class_alone() -> None:
    """Two records of the reference results by hand: what a tree or conjunctions leave does not count."""
    records = reference("go-2x3")
    lists = [record for record in records if record.cell.label == "single-atom-list"]
    band, whole = band_of("go-2x3", lists), band_of("go-2x3", records)
    assert band is not None
    assert whole is not None
    left = {point.size: 1 - point.gain for point in lists[0].points}
    assert dict(zip(band.sizes, band.found, strict=True)) == {k: min(v for size, v in left.items() if size <= k) for k in band.sizes}
    assert all(high <= left[k] for k, high in zip(whole.sizes, whole.found, strict=True) if k in left)


def test_without_certificates_there_is_no_band(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proved, "FOLDER", tmp_path)
    summary_of.cache_clear()
    assert band_of("go-2x3", reference("go-2x3")) is None
    summary_of.cache_clear()


def test_a_band_is_shaded_and_its_optimum_ringed() -> None:
    """A band made by hand: proved meets found at 1 rule, and ends on the floor at 4."""
    band = Band("x", (1, 2, 4), (Fraction(1, 2), Fraction(1, 5), Fraction(0)), (0.5, 0.3, 0.1))
    axes = Figure().add_subplot()
    draw_band(axes, band, "black", 0.01, "lists")
    (shade,), (ring,) = axes.collections, axes.lines
    heights = shade.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (0.01, 0.5)
    assert ring.get_xydata().tolist() == [[1.0, 0.5]]
    assert band.optimal == (1,)
    proved, found = "With one atom a rule, any list of {} leaves at least {} %, proved", "the best such list found leaves {} %"
    assert band.sentence() == f"{proved.format('2 rules', 20.0)}; {found.format(30.0)}."
    assert band.sentence(1) == f"{proved.format('1 rule', 50.0)}; {found.format(50.0)}; no list is better."
