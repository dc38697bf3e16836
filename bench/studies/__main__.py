"""Studies: the programs that write pages of docs/, or parts of them.

python -m bench.studies                          list the studies: the pages of each, its parts, and how long they take
python -m bench.studies NAME [PART ...]          compute a study, or parts of it, and print what would stand on its pages
python -m bench.studies NAME [PART ...] --write  put it there; NAME may be a single page, as in games/hex
python -m bench.studies --check [NAME ...]       compare what is computed in seconds with the pages; say when the rest was measured
"""

import argparse
import os
import sys
from collections.abc import Sequence

from bench.studies.page import ROOT, Page, faults, shown, write
from bench.studies.registry import STUDIES
from games.errors import GaincurveError, UsageError, nearest


def pages_of(name: str) -> tuple[Page, ...]:
    """The pages of a study, or the single page of that name. Raises UsageError for another name."""
    pages = {page.file.removesuffix(".md"): (page,) for pages in STUDIES.values() for page in pages}
    known = {**pages, **STUDIES}
    if name not in known:
        raise UsageError(f"unknown study {name!r}; {nearest(name, list(known))}")
    return known[name]


def check_parts(pages: Sequence[Page], names: Sequence[str]) -> None:
    """Raise UsageError for a name that no part of the pages has."""
    known = list(dict.fromkeys(part for page in pages for part in page.parts))
    for name in names:
        if name not in known:
            raise UsageError(f"unknown part {name!r}; {nearest(name, known)}")


def list_studies() -> None:
    """Print a line a study: its name, its pages, and each part with the time that it takes."""
    for name, pages in STUDIES.items():
        files = f"docs/{pages[0].file}" if len(pages) == 1 else f"docs/{name}/, {len(pages)} pages"
        parts = {part: "fast" for page in pages for part in page.parts}
        parts |= {part: each.takes for page in pages for part, each in page.parts.items() if each.takes}
        print(f"{name:14}{files:26}{'; '.join(f'{part}: {takes}' for part, takes in parts.items())}")


def print_study(pages: Sequence[Page], names: Sequence[str]) -> None:
    """Compute parts and print their blocks."""
    for page in pages:
        for part in [part for name, part in page.parts.items() if name in names or not names]:
            for block, text in part.compute().items():
                print(f"docs/{page.file}, {block}:\n\n{text}\n", flush=True)


def write_study(pages: Sequence[Page], names: Sequence[str]) -> None:
    """Compute parts and write them, saying which changed."""
    for page in pages:
        changed = write(page, names)
        done = f"wrote {', '.join(changed)}" if changed else "as it was"
        print(f"docs/{page.file}: {done}", flush=True)


def check(pages: Sequence[Page]) -> int:
    """Print what is wrong with each page, and when its measured parts were measured; the number of faults."""
    n_faults = 0
    for page in pages:
        found = list(faults(page))
        n_faults += len(found)
        for name, part in page.parts.items():
            if part.takes:
                made = {f"measured {block.day} at {block.commit}" for block in shown(page, name).values() if block.day}
                print(f"docs/{page.file}, {name}: {'; '.join(sorted(made))}", flush=True)
        for fault in found:
            print(f"error: docs/{page.file}: {fault}", file=sys.stderr)
        if not found and any(not part.takes for part in page.parts.values()):
            print(f"docs/{page.file}: up to date", flush=True)
    return n_faults


def main(words: Sequence[str]) -> int:
    """Do what the command line says; the exit status: 0 done, 1 a page is out of date, 2 the request was invalid."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does
    parser = argparse.ArgumentParser(prog="python -m bench.studies", usage=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(words)
    try:
        if not (ROOT / "docs").is_dir():
            raise UsageError(f"no pages in {ROOT / 'docs'}: studies write the pages of a checkout")
        if asked.check:
            return int(check([page for name in asked.names or STUDIES for page in pages_of(name)]) > 0)
        if not asked.names:
            list_studies()
        else:
            pages, parts = pages_of(asked.names[0]), asked.names[1:]
            check_parts(pages, parts)
            (write_study if asked.write else print_study)(pages, parts)
    except GaincurveError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
