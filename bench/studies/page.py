"""A page of docs/ of which programs write parts.

Prose is written by hand, in the page. What a program writes stands in *blocks*, each between a line `<!-- NAME -->` and a line
`<!-- end -->`. A *part* is what is computed together; its blocks are named `PART` or `PART.BLOCK`. A part that takes long, or that
is timed, is not computed by a check: the first line of its blocks holds the day and the commit of the measurement.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.harness.versions import provenance
from games.errors import WorkError

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = Path("reports") / "reference"  # the committed results, as seen from ROOT
END = "<!-- end -->"
BLOCK = re.compile(rf"^<!-- ([\w.-]+)(?:, measured (\S+) at (\S+))? -->\n(.*?)\n?^{END}$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """What a page holds between two markers."""

    text: str
    day: str  # of the measurement, as YYYY-MM-DD; empty where the block is computed by every check
    commit: str


@dataclass(frozen=True)
class Part:
    """Blocks that are computed together."""

    compute: Callable[[], Mapping[str, str]]  # the text of each block by its name
    takes: str = ""  # how long, in words; empty where a check computes it too
    after: str = ""  # another part of the page: where it has not changed, this one is measured again only when it is named


@dataclass(frozen=True)
class Page:
    """A page below docs/, its parts by name, and what its prose must say because the code does."""

    file: str
    parts: Mapping[str, Part]
    phrases: Sequence[str] = field(default_factory=tuple)  # compared without regard to line breaks
    start: str = ""  # the text of a page that is not there yet, with empty blocks
    files: Callable[[], Mapping[str, str]] = dict  # the texts of files below docs/ that are computed beside the page, by their names

    @property
    def path(self) -> Path:
        return DOCS / self.file

    def read(self) -> str:
        """The page as it stands. Raises WorkError for one that is not there and has no start."""
        if not self.path.exists():
            if not self.start:
                raise WorkError(f"{self.path} is not there: run this in a checkout of the project")
            return self.start
        return self.path.read_text()


def blocks_of(text: str) -> dict[str, Block]:
    """The blocks of a page by name. Raises WorkError where a marker stands alone or a name comes twice."""
    found = [(name, Block(content, day or "", commit or "")) for name, day, commit, content in BLOCK.findall(text)]
    n_markers = len(re.findall(r"^<!-- .* -->$", text, re.MULTILINE))
    if n_markers != 2 * len(found) or len(dict(found)) != len(found):
        raise WorkError(f"the {n_markers} markers of a page do not pair up to blocks of distinct names: {[name for name, _ in found]}")
    return dict(found)


def part_of(block: str) -> str:
    """The name of the part that a block belongs to."""
    return block.partition(".")[0]


def shown(page: Page, part: str) -> dict[str, Block]:
    """The blocks of a part as the page has them."""
    return {name: block for name, block in blocks_of(page.read()).items() if part_of(name) == part}


def with_blocks(text: str, new: Mapping[str, str], day: str = "", commit: str = "") -> str:
    """A page whose blocks of these names have another text. Raises WorkError for a name that the page does not have."""
    absent = sorted(new.keys() - blocks_of(text).keys())
    if absent:
        raise WorkError(f"the page has no block for {', '.join(absent)}: put <!-- {absent[0]} --> and {END} where it belongs")
    stamp = f", measured {day} at {commit}" if day else ""

    def block(found: re.Match[str]) -> str:
        return f"<!-- {found[1]}{stamp} -->\n{new[found[1]]}\n{END}" if found[1] in new else found[0]

    return BLOCK.sub(block, text)


def write(page: Page, names: Sequence[str] = ()) -> list[str]:
    """Compute the parts of these names, or all, and put them on their page; the names of those that changed it.

    What takes long is written with the day and the commit at which it was measured.
    """
    changed: list[str] = []
    for name, part in page.parts.items():
        if names and name not in names:
            continue
        if part.after and not names and part.after not in changed and all(block.day for block in shown(page, name).values()):
            continue
        computed = part.compute()
        before = page.read()  # after the computation, which may take hours: no edit of the meantime is lost
        day, commit = (time.strftime("%Y-%m-%d", time.gmtime()), str(provenance()["commit"])) if part.takes else ("", "")
        after = with_blocks(before, computed, day, commit)
        if after != before:
            page.path.parent.mkdir(parents=True, exist_ok=True)
            page.path.write_text(after)
            changed.append(name)
    for name, text in ({} if names else page.files()).items():
        if text != _read(DOCS / name):
            (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
            (DOCS / name).write_text(text)
            changed.append(name)
    return changed


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def faults(page: Page, names: Sequence[str] | None = None) -> Iterator[str]:
    """What is wrong with a page, a line each.

    These are blocks that differ from what its fast parts, or those named, compute; blocks of no part; measurements without a day; and
    phrases that the prose lacks.
    """
    text, command = page.read(), f"python -m bench.studies {page.file.removesuffix('.md')} --write"
    present = blocks_of(text)
    yield from (f"the block {name} belongs to no part" for name in present if part_of(name) not in page.parts)
    for name, part in page.parts.items():
        own = shown(page, name)
        if not own:
            yield f"no block of the part {name} is on the page"
        yield from (f"the block {key} has no day and commit" for key, block in own.items() if bool(part.takes) != bool(block.day))
        if name in names if names is not None else not part.takes:
            computed = part.compute()
            differ = [key for key in computed.keys() | own.keys() if key not in own or own[key].text != computed.get(key)]
            yield from (f"the block {key} is not what is computed now; if that is meant, run: {command}" for key in sorted(differ))
    for name, content in ({} if names else page.files()).items():
        if content != _read(DOCS / name):
            yield f"the file docs/{name} is not what is computed now; if that is meant, run: {command}"
    flat = " ".join(text.split())
    yield from (f"its prose does not say {phrase!r}, as the code does" for phrase in page.phrases if phrase not in flat)


def linked(text: str) -> str:
    """A text in which the documents that it names as docs/NAME.md, and that are there, are links to them, as seen from docs/."""
    return re.sub(r"docs/([a-z-]+\.md)", lambda found: f"[{found[0]}]({found[1]})" if (DOCS / found[1]).exists() else found[0], text)
