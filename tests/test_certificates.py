"""Certificates against brute force over all lists, against damage, and against what was proved before by another program."""

import itertools
import json
import math
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from games.errors import UsageError, WorkError
from policies.api import Task
from policies.bounds import check
from policies.bounds.certificate import Certificate, Certificates, pack, read_certificates, unpack, write_certificates
from policies.bounds.check import Ground, bounds, check_certificates, lay_ground
from policies.bounds.floor import floor_of_concepts
from policies.bounds.prove import prove
from policies.bounds.summary import lengths, path_of_summary, read_summary, write_summary
from policies.language.language import make_language
from policies.task import make_task
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "reports" / "bounds"
FILES = sorted(path.stem for path in FOLDER.glob("*.bounds"))
QUICK = ["tictactoe", "go-2x3", "go-3x3"]
LANGUAGE = "concepts+patterns+positions"

# What any list of k single atoms leaves at least, proved before by another program with a checker of its own, rounded down.
PROVED_BEFORE = {
    "go-3x3": {1: 0.5245, 2: 0.3117, 4: 0.2036, 8: 0.1498, 16: 0.0920, 32: 0.0494, 64: 0.0270},
    "go-3x4": {1: 0.5635, 2: 0.3936, 4: 0.3141, 8: 0.2292, 16: 0.1504, 32: 0.1056, 64: 0.0746, 128: 0.0716, 256: 0.0551, 512: 0.0423},
}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def drawn_ground(rng: np.random.Generator, n_positions: int, n_atoms: int) -> tuple[Ground, np.ndarray, np.ndarray]:
    """A randomly drawn game: where each atom matches, what it saves there, harm included; and both as arrays [n_positions, n_atoms]."""
    match = rng.random((n_positions, n_atoms)) < rng.uniform(0.1, 0.8, n_atoms)
    bare = rng.integers(1, 30, n_positions) * 12
    saved = np.minimum(bare[:, None] - rng.integers(0, 60, (n_positions, n_atoms)) * 12, bare[:, None])
    atom, position = np.nonzero(match.T)
    everywhere = np.arange(n_positions)
    ground = Ground(
        bare,
        np.concatenate([atom, n_atoms + everywhere]),
        np.concatenate([position, everywhere]),
        np.concatenate([saved[position, atom], bare]),
        n_atoms + n_positions,
        720,
    )
    singles = np.eye(n_positions, dtype=bool)
    return ground, np.hstack([match, singles]), np.hstack([saved, np.tile(bare[:, None], n_positions)])


def best_of_all_lists(match: np.ndarray, saved: np.ndarray, longest: int) -> list[int]:
    """The most that any ordered list of up to k atoms saves."""
    best = [0] * (longest + 1)

    def extend(is_open: np.ndarray, got: int, used: tuple[int, ...]) -> None:
        for length in range(len(used), longest + 1):
            best[length] = max(best[length], got)
        for p in range(match.shape[1]) if len(used) < longest else ():
            decided = is_open & match[:, p]
            if p not in used and decided.any():
                extend(is_open & ~decided, got + int(saved[decided, p].sum()), (*used, p))

    extend(np.ones(len(match), dtype=bool), 0, ())
    return best


def drawn_certificate(rng: np.random.Generator, ground: Ground, n_exact: int, k: int, size: int) -> Certificate:
    """Random multipliers: any of them must make a true statement."""
    n_atoms = ground.n_atoms - len(ground.bare)
    free = np.flatnonzero((ground.atom >= n_exact) & (ground.atom < n_atoms))
    charged = np.sort(rng.choice(free, len(free) // 2, replace=False))
    u = rng.integers(-size // 4, size + 1, len(ground.bare))
    return Certificate(k, 3, u, ground.atom[charged], ground.position[charged], rng.integers(1, size + 2, len(charged)))


@pytest.mark.parametrize("seed", range(8))
def test_no_list_of_a_drawn_game_saves_more_than_any_multipliers_prove(seed: int) -> None:
    """Against every ordered list of up to 3 of 6 atoms and 7 single positions, for certificates without sense."""
    rng = np.random.default_rng(seed)
    ground, match, saved = drawn_ground(rng, 7, 6)
    best = best_of_all_lists(match, saved, 3)
    for n_exact, size in itertools.product((0, 1, 3, 6), (0, 5, 60, 200)):
        for k in (1, 2, 3):
            given = drawn_certificate(rng, ground, n_exact, k, size)
            found = bounds(ground, list(range(n_exact)), given, [1, 2, 3])
            assert all(bound >= opt for bound, opt in zip(found, best[1:], strict=True)), (n_exact, size, k)


def test_without_multipliers_a_bound_is_the_sum_of_all_that_can_be_saved() -> None:
    """u = 0, no pi and no exact atom: the k largest sums of positive savings, of atoms or of single positions."""
    ground, match, saved = drawn_ground(np.random.default_rng(5), 9, 5)
    zero, none = np.zeros(9, dtype=np.int64), np.empty(0, dtype=np.int64)
    sums = np.sort(np.where(match, np.maximum(0, saved), 0).sum(axis=0))[::-1]
    assert bounds(ground, [], Certificate(2, 1, zero, none, none, none), [1, 2, 4]) == np.cumsum(sums)[[0, 1, 3]].tolist()


@pytest.mark.parametrize(("game_id", "language", "n_atoms"), [("tictactoe", "concepts", 12), ("go-2x2", "lookahead-2+captures", 0)])
def test_the_proof_holds_for_every_list_of_a_game(game_id: str, language: str, n_atoms: int) -> None:
    """Of tic-tac-toe the best of all ordered lists of concepts bounds OPT from below."""
    task = make_task(game_id)
    held = proofs(task, language, [1, 2, 3], 2.0)
    found = check_certificates(held, [1, 2, 3, 5])
    ground = lay_ground(task, make_language(language, task.game, task.graph))
    n = ground.n_atoms - len(ground.bare)
    match, saved = np.zeros((len(ground.bare), n), dtype=bool), np.zeros((len(ground.bare), n), dtype=np.int64)
    here = ground.atom < n
    match[ground.position[here], ground.atom[here]], saved[ground.position[here], ground.atom[here]] = True, ground.saved[here]
    best = best_of_all_lists(match, saved, 3)
    assert all(found.saved[k] >= best[k] for k in (1, 2, 3))
    assert n == n_atoms or not n_atoms
    if game_id == "tictactoe":
        assert all(Fraction(found.saved[k], best[k]) < Fraction(102, 100) for k in (1, 2, 3))  # and it is nearly tight


def proofs(task: Task, language: str, ks: list[int], seconds: float, before: Certificates | None = None) -> Certificates:
    *_, last = prove(task, language, ks, seconds, before)
    return last.held


@pytest.fixture(scope="module")
def small() -> Certificates:
    return proofs(make_task("go-2x3"), LANGUAGE, [1, 2, 4], 4.0)


def test_a_search_goes_on_from_what_it_found_and_only_gets_better(small: Certificates) -> None:
    """Also where only some lengths are asked for: the others stay."""
    before = check_certificates(small).saved
    again = proofs(make_task("go-2x3"), LANGUAGE, [4, 8], 2.0, small)
    assert [entry.k for entry in again.entries] == [1, 2, 4, 8]
    after = check_certificates(again).saved
    assert all(after[k] <= before[k] * (1 + 1e-5) for k in before)


def test_a_file_holds_what_was_written(small: Certificates, tmp_path: Path) -> None:
    write_certificates(tmp_path / "a.bounds", small)
    read = read_certificates(tmp_path / "a.bounds")
    assert read[:3] == small[:3]
    for one, other in zip(read.entries, small.entries, strict=True):
        assert one[:2] == other[:2]
        assert all(np.array_equal(a, b) for a, b in zip(one[2:], other[2:], strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_damaged_numbers_prove_less_or_are_refused_but_prove_nothing_false(small: Certificates, seed: int) -> None:
    """Damage behind the checksum. The best list known saves what the undamaged file nearly proves: no bound may fall below it."""
    rng = np.random.default_rng(seed)
    task = make_task("go-2x3")
    total = check_certificates(small, task=task).total
    gains = {1: 0.612569, 2: 0.735223, 4: 0.855}  # optima of concepts, from tests/test_optimal_list.py, and 4 rules of `local_search`
    known = {k: math.floor(gain * total) for k, gain in gains.items()}
    entries = [damaged(rng, entry) for entry in small.entries]
    exact = small.exact if seed % 3 else tuple(rng.permutation(small.exact)[: rng.integers(0, 21)].tolist())
    try:
        found = check_certificates(Certificates(small.game, small.language, exact, tuple(entries)), task=task)
    except (UsageError, WorkError):
        return
    ks = [entry.k for entry in entries]
    assert all(found.saved[k] >= known[k] for k in ks if k in known)


def damaged(rng: np.random.Generator, entry: Certificate) -> Certificate:
    """One kind of damage: numbers changed, shuffled, cut, made negative or huge; another k; another unit."""
    u, pi, atom, position = entry.u.copy(), entry.pi.copy(), entry.atom.copy(), entry.position.copy()
    kind = int(rng.integers(9))
    some = rng.integers(0, len(u), 5)
    u[some] = [rng.integers(-900, 900, 5), rng.permutation(u)[:5], -u[some], [(1 << 31) - 1] * 5][kind % 4]
    if kind == 4:
        pi[rng.integers(0, max(1, len(pi)), 3 if len(pi) else 0)] *= -1
    if kind == 5:
        rng.shuffle(pi)
    if kind == 6:
        position = (position + 1) % len(u)
    if kind == 7:
        keep = rng.random(len(pi)) < 0.5
        return Certificate(entry.k, entry.unit, u, atom[keep], position[keep], pi[keep])
    if kind == 8:
        return Certificate(int(rng.choice([1, 2, 4, 300])), int(rng.choice([1, 7, 1 << 40, (1 << 61) + 1])), u, atom, position, pi)
    return Certificate(entry.k, entry.unit, u, atom, position, pi)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_in_one_line_or_read_as_it_was(small: Certificates, seed: int) -> None:
    """Bytes changed, cut or added anywhere. A header may still be read with another game or k: then that is what is checked."""
    rng, content = np.random.default_rng(seed), bytearray(pack(small))
    if seed % 4 == 0:
        content = content[: rng.integers(len(content))]
    elif seed % 4 == 1:
        content += bytes(rng.integers(0, 256, 3).tolist())
    else:
        end = len(content) if seed % 4 == 2 else content.index(b"\n")
        for place in rng.integers(0, end, 2).tolist():
            content[place] = int(rng.integers(256))
    try:
        read = unpack(bytes(content))
    except UsageError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert all(np.array_equal(one.u, other.u) for one, other in zip(read.entries, small.entries, strict=False))
    assert "\n" not in refusal


def test_sums_that_do_not_fit_64_bits_are_refused(small: Certificates) -> None:
    entry = small.entries[0]
    huge = entry._replace(u=np.full(len(entry.u), (1 << 31) - 1), unit=1 << 31)
    with pytest.raises(WorkError, match="too large for 64 bits"):
        check_certificates(small._replace(entries=(huge,)))


def test_other_weights_and_open_graphs_are_refused() -> None:
    task = make_task("go-2x2", "play")
    with pytest.raises(UsageError, match="positions alike"):
        next(prove(task, LANGUAGE, [1], 1.0, None))
    with pytest.raises(UsageError, match="positions alike"):
        lay_ground(task, make_language("concepts", task.game, task.graph))


def test_the_floor_of_concepts_holds_for_the_best_policy_of_each_kind_of_position() -> None:
    """On nim-1-2 by hand in plain Python: positions grouped by the kinds of their moves, the best kind of each group."""
    task = make_task("go-2x3")
    atoms = make_language("concepts", task.game, task.graph)
    holds = np.stack(atoms.holds).T.tolist()
    starts, regret = task.graph.edge_start.tolist(), task.solution.regret.tolist()
    groups: dict[tuple[object, ...], dict[tuple[bool, ...], Fraction]] = {}
    uniform = Fraction(0)
    for state in task.graph.positions.tolist():
        moves = range(starts[state], starts[state + 1])
        kinds = sorted(tuple(holds[edge]) for edge in moves)
        uniform += Fraction(sum(regret[edge] for edge in moves), len(moves))
        sums = groups.setdefault(tuple(kinds), {})
        for kind in set(kinds):
            mine = [regret[edge] for edge in moves if tuple(holds[edge]) == kind]
            sums[kind] = sums.get(kind, Fraction(0)) + Fraction(sum(mine), len(mine))
    assert floor_of_concepts(task) == sum((min(sums.values()) for sums in groups.values()), Fraction(0)) / uniform


@pytest.mark.parametrize(("game_id", "floor"), [("tictactoe", 0.0), ("go-2x3", 0.0631), ("go-3x3", 0.0252), ("go-3x4", 0.0284)])
def test_the_floor_of_concepts_is_that_of_another_program(game_id: str, floor: float) -> None:
    """Computed before from sums of floats over hashed classes of positions; rounded to four decimals."""
    assert round(float(floor_of_concepts(make_task(game_id))), 4) == floor


def test_the_verbs_prove_check_and_verify(shell: Shell, small: Certificates, tmp_path: Path) -> None:
    status, out, _ = shell("bound", "go-2x2", "--budget", "1,2", "--seconds", "2", "--out", "a.bounds")
    assert status == 0
    assert "any list of 2 rules leaves at least" in out
    assert shell("bound", "--check", "a.bounds")[1] == shell("verify", "a.bounds")[1] == out
    summary = read_summary(tmp_path / "a.bounds")
    assert summary.game == "go-2x2"
    assert shell("verify", "a.bounds", "--game", "go-2x3")[0] == 2
    assert "is about go-2x2" in shell("bound", "go-2x3", "--budget", "1", "--out", "a.bounds")[2]
    assert "--out is missing" in shell("bound", "go-2x2")[2]
    (tmp_path / "a.bounds").write_bytes(pack(small))
    with pytest.raises(UsageError, match="bound --check"):
        read_summary(tmp_path / "a.bounds")


def test_verify_says_of_a_list_whether_another_order_is_better(shell: Shell) -> None:
    shell("fit", "optimal_list", "--game", "tictactoe", "--budget", "4", "--out", "best.policy")
    assert "no reordering of this list is better" in shell("verify", "best.policy")[1]
    shell("fit", "random_order:language=concepts", "--game", "tictactoe", "--budget", "6", "--out", "drawn.policy")
    assert "another order of these rules gains" in shell("verify", "drawn.policy")[1]


def test_verify_fails_unless_a_policy_has_the_grade_that_is_claimed(shell: Shell) -> None:
    """Proved elsewhere (docs/minima.md): six concepts keep the value of tic-tac-toe, and no list of concepts is optimal everywhere."""
    fitted = ("fit", "optimal_list", "--game", "tictactoe", "--budget")
    shell(*fitted, "6", "--out", "six.policy")
    for grade in ("never_loses", "keeps_value", "plays_perfectly"):
        assert shell("verify", "six.policy", "--grade", grade)[0] == 0
    status, out, err = shell("verify", "six.policy", "--grade", "optimal_everywhere")
    assert status == 1
    assert err.startswith("error: six.policy does not have the grade optimal_everywhere; those that it has are printed above")
    assert "proved over every line of play: never loses (first and second)" in out
    shell(*fitted, "2", "--out", "two.policy")
    status, out, _ = shell("verify", "two.policy", "--grade", "keeps_value", "--json")
    assert status == 1
    assert not json.loads(out)["grades"]["keeps_value"]
    assert "unknown grade 'keeps'" in shell("verify", "two.policy", "--grade", "keeps")[2]


def test_certificates_have_no_grade(shell: Shell, small: Certificates, tmp_path: Path) -> None:
    (tmp_path / "a.bounds").write_bytes(pack(small))
    status, _, err = shell("verify", "a.bounds", "--grade", "keeps_value")
    assert (status, "--grade is about the play of a policy" in err) == (2, True)


@pytest.mark.parametrize("game_id", [game if game in QUICK else pytest.param(game, marks=pytest.mark.slow) for game in FILES])
def test_committed_certificates_prove_what_their_summaries_say(game_id: str, tmp_path: Path) -> None:
    """The checker recomputes every number; and none is weaker than what was proved before."""
    path = FOLDER / f"{game_id}.bounds"
    held, kept = read_certificates(path), read_summary(path)
    found = check_certificates(held, lengths(held))
    assert (found.game, found.total, found.saved) == (kept.game, kept.total, kept.saved)
    assert kept.floor_of_concepts == floor_of_concepts(make_task(game_id))
    for k, least in PROVED_BEFORE.get(game_id, {}).items():
        assert float(found.residual(k)) >= least, k
    shutil.copy(path, tmp_path / path.name)
    write_summary(tmp_path / path.name, found, kept.floor_of_concepts)
    assert path_of_summary(tmp_path / path.name).read_bytes() == path_of_summary(path).read_bytes()


@pytest.mark.parametrize("game_id", FILES)
def test_summaries_grow_with_the_rules_and_prove_no_less_than_before(game_id: str) -> None:
    """A list of k rules is one of at most k + 1 rules, so a bound of the gain that falls from k to k + 1 would be loose at k."""
    summary = read_summary(FOLDER / f"{game_id}.bounds")
    residuals = [summary.residual(k) for k in range(1, 65) if k in summary.saved]
    assert residuals == sorted(residuals, reverse=True)
    for k, least in PROVED_BEFORE.get(game_id, {}).items():
        found = summary.residual(k)
        assert found is not None
        assert float(found) >= least


def test_the_checker_shares_no_code_with_the_search() -> None:
    """It imports from policies/bounds the reader of files alone."""
    source = Path(check.__file__).read_text()
    assert [line for line in source.splitlines() if "policies.bounds" in line and "import" in line] == [
        "from policies.bounds.certificate import Certificate, Certificates, read_certificates"
    ]
