import ast
import configparser
import graphlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LAYERS = ["games", "policies", "bench", "gaincurve"]  # each may import itself and what stands before it
MODULES = sorted(path for package in LAYERS for path in (ROOT / package).rglob("*.py"))
DISTRIBUTION = {"pyspiel": "open-spiel", "sklearn": "scikit-learn"}  # imports whose distribution has another name


def setup_cfg() -> configparser.ConfigParser:
    parsed = configparser.ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    return parsed


def requirements(*extras: str) -> list[Requirement]:
    parsed = setup_cfg()
    parts = [parsed["options"]["install_requires"], *(parsed["options.extras_require"][extra] for extra in extras)]
    found = [Requirement(line) for line in "\n".join(parts).splitlines() if line]
    return [requirement for requirement in found if requirement.name != "gaincurve"]  # one extra may name another


def pins() -> dict[str, str]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def imported(path: Path) -> set[str]:
    """The top-level names of everything that a module imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_its_own_layer_those_below_and_declared_libraries(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    declared = {canonicalize_name(requirement.name) for requirement in requirements("baselines", "cluster", "export")}
    for name in imported(path) - sys.stdlib_module_names:
        assert name in LAYERS[: layer + 1] or DISTRIBUTION.get(name, canonicalize_name(name)) in declared, name


ORDERS: dict[str, list[str]] = {  # folders, and of games the modules that stand before them; each may import those named before it
    "games": [
        "errors",
        "arrays",
        "contract",
        "keys",
        "jit",
        "splitmix",
        "solving",
        "rules",
        "go_large",
        "proof",
        "concepts",
        "conformance",
    ],
    "policies": [
        "codec",
        "language",
        "exact",
        "fitting",
        "bounds",
        "rules",
        "baselines",
        "tables",
        "trees",
        "networks",
        "search",
        "selfplay",
        "adapters",
        "program",
    ],
    "bench": ["measures", "suites", "harness", "play", "runs", "curves", "tails", "scaling", "report", "cli", "studies"],
    "bench/report": ["plots", "explorable", "parts"],
}


def imported_modules(path: Path) -> set[str]:
    """The dotted names of everything that a module imports from, also inside functions; of `from a import b`, both a and a.b."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("package", ORDERS)
def test_the_parts_of_a_package_import_one_way(package: str) -> None:
    uses: dict[str, set[str]] = {}
    for path in MODULES:
        if path.is_relative_to(ROOT / package):
            part = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
            dotted = f"{package.replace('/', '.')}."
            names = {name.removeprefix(dotted).split(".")[0] for name in imported_modules(path) if name.startswith(dotted)}
            uses.setdefault(part, set()).update(names - {part})
    folders = {path.name for path in (ROOT / package).iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(ORDERS[package]) <= uses.keys()
    inside = {part: names & folders for part, names in uses.items() if part in folders}
    graphlib.TopologicalSorter(inside).prepare()  # raises CycleError
    for number, part in enumerate(ORDERS[package]):
        assert not uses[part] & set(ORDERS[package][number + 1 :]), part


def all_uses() -> dict[str, set[str]]:
    """For each of our modules those of ours that it imports from."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES if path.name != "__init__.py"}
    return {name: imported_modules(path) & modules.keys() for name, path in modules.items()}


@pytest.mark.parametrize(("folder", "unknown"), [("rules", "concepts"), ("solving", "concepts"), ("solving", "rules")])
def test_rules_do_not_know_their_concepts_nor_the_solver_either(folder: str, unknown: str) -> None:
    """Not even by way of other modules: a hash of a game's sources must not change with its concepts."""
    uses = all_uses()
    reached, pending = set[str](), [name for name in uses if name.startswith(f"games.{folder}.")]
    assert pending
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(uses[name])
    assert not [name for name in reached if name.startswith(f"games.{unknown}.")]
    assert any(name.startswith("games.rules.") for name in uses["games.concepts.hex"])  # concepts do know their rules


def test_nothing_imports_a_study() -> None:
    users = [path for path in MODULES if "bench.studies" in path.read_text() and path.parent.name != "studies"]
    assert not users


def test_studies_import_no_tests() -> None:
    assert not [path for path in MODULES if "tests" in imported(path)]


def test_no_modules_import_in_a_circle() -> None:
    uses = all_uses()
    assert "policies.networks.policy" in uses["policies.networks.stages"]
    assert "policies.networks.coding" in uses["policies.networks.network"]  # named as `from policies.networks import coding`
    graphlib.TopologicalSorter(uses).prepare()  # raises CycleError, also for imports inside functions


def test_every_declared_library_is_imported() -> None:
    used = set().union(*(imported(path) for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]))
    names = {DISTRIBUTION.get(name, canonicalize_name(name)) for name in used}
    assert {canonicalize_name(requirement.name) for requirement in requirements("baselines", "cluster", "export")} <= names


def test_the_developers_extra_installs_the_others() -> None:
    extras = setup_cfg()["options.extras_require"]
    others = ",".join(sorted(set(extras) - {"dev"}))
    assert f"gaincurve[{others}]" in extras["dev"].split()


DRAWN = ROOT / "bench" / "report"  # all that draws; a report is imported as a whole, by the verbs that write one


def test_importing_any_module_leaves_heavy_libraries_alone_unless_it_names_them() -> None:
    heavy = {"torch", "matplotlib", "pyspiel", "sklearn", "gplearn", "wittgenstein", "pandas", "pyarrow", "distributed"}
    light = [path for path in MODULES if not imported(path) & heavy and path.name != "__init__.py" and not path.is_relative_to(DRAWN)]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in light]
    script = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_folder_of_modules_is_installed() -> None:
    listed = setup_cfg()["options"]["packages"].split()
    assert sorted(listed) == sorted(".".join(path.parent.relative_to(ROOT).parts) for path in MODULES if path.name == "__init__.py")


def test_every_data_file_of_a_package_is_installed_with_it() -> None:
    patterns = setup_cfg()["options.package_data"]
    for package in LAYERS:
        folder = ROOT / package
        data = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
        assert folder / "py.typed" in data
        for path in data:
            assert any(fnmatch(str(path.relative_to(folder)), pattern) for pattern in patterns[package].split()), path


def test_every_requirement_states_a_lower_bound_that_the_pin_meets() -> None:
    pinned = pins()
    for requirement in requirements("baselines", "cluster", "connect4", "dev", "docs", "export", "foreign"):
        assert [part.operator for part in requirement.specifier] == [">="], requirement
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_all_that_the_requirements_pull_in_is_pinned_and_nothing_else() -> None:
    found: set[str] = set()
    pending = requirements("baselines", "cluster", "connect4", "dev", "docs", "export", "foreign")
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if name not in found and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            found.add(name)
            pending.extend(Requirement(line) for line in importlib.metadata.requires(name) or [])
    assert found == set(pins())


def test_constraints_are_exact_releases_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line) for line in lines)


def test_the_build_needs_what_torch_needs_anyway() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [Requirement(line).name for line in build] == ["setuptools"]
    assert Requirement(build[0]).specifier.contains(pins()["setuptools"])


def test_the_folder_of_tests_is_found_before_a_library_of_the_same_name() -> None:
    """`python -m tests.support.playthrough` must be ours, wherever wittgenstein has put its package `tests`."""
    command = [sys.executable, "-c", "import tests; print(tests.__file__)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(ROOT / "tests" / "__init__.py")


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_make_alone_lists_the_targets() -> None:
    listed = re.findall(r"^make (\w+)", make().stdout, re.MULTILINE)
    declared = re.search(r"^\.PHONY: help (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    assert sorted(listed) == sorted(declared[1].split())


def test_make_says_what_to_do_when_python_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")  # how an old interpreter answers the question whether it is at least 3.11
    old.chmod(0o755)
    done = make("--always-make", "venv", f"PYTHON={old}")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("gaincurve needs Python 3.11 or newer: install it, or name one: make venv PYTHON=")
