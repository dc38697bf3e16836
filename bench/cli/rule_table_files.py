"""Tables of rules as files: CSV, JSON and LaTeX, whole or not at all."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.cli.outputs import check_file
from bench.measures.rule_table import COLUMNS, RuleTable, TableRow
from games.errors import UsageError
from games.solving.store import write_atomically

LATEX: dict[str, str] = {  # what stands for a character that LaTeX would take as a command, or set as another
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\symbol{34}",
    **{symbol: "\\" + symbol for symbol in "&%$#_"},
}


def check_table(path: Path) -> None:
    """Raises UsageError for a name that does not end in one of FORMATS, and for a place where no file can be written."""
    if path.suffix not in FORMATS:
        raise UsageError(f"--table {path}: tables of rules are written as {', '.join(FORMATS)}; end the name with one of them")
    check_file("--table", path)


def write_rule_table(path: Path, table: RuleTable, about: Mapping[str, Any]) -> None:
    """Write a table by the ending of its name; `about` is what is known of the policy as a whole. Raises UsageError as `check_table`."""
    check_table(path)
    write_atomically(path, [FORMATS[path.suffix](table, about).encode()])


def as_csv(table: RuleTable, about: Mapping[str, Any]) -> str:
    """A header and a line a row; numbers can be read back exactly, and an empty field is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if value is None else value for value in _values(row)] for row in table.rows)
    return text.getvalue()


def as_json(table: RuleTable, about: Mapping[str, Any]) -> str:
    """One object: the policy, the caption, and an object a row."""
    rows = [dict(zip(COLUMNS, _values(row), strict=True)) for row in table.rows]
    return json.dumps({**about, "kind": table.kind, "caption": table.caption, "rows": rows}, indent=1, ensure_ascii=False) + "\n"


def as_latex(table: RuleTable, about: Mapping[str, Any]) -> str:
    """A `longtable` with its caption, to be read by the command input; the document loads the package longtable."""
    lead = f"{about['learner']} on {about['game']}: gain {table.gain:.4f}, {about['bits']:,} bits. "
    heads = ["", "rule", "gain", "bits", "coverage", "errors"]
    lines = [r"% needs \usepackage{longtable}", r"\begin{longtable}{rp{0.5\textwidth}rrrr}"]
    lines += [rf"\caption{{{escape(lead + table.caption)}}}\\", r"\hline", " & ".join(heads) + r" \\", r"\hline", r"\endhead"]
    lines += [_latex_row(row) for row in table.rows[:-1]]
    lines += [r"\hline", _latex_row(table.rows[-1]), r"\hline", r"\end{longtable}"]
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[RuleTable, Mapping[str, Any]], str]] = {".csv": as_csv, ".json": as_json, ".tex": as_latex}


def escape(text: str) -> str:
    """A text as LaTeX sets it letter by letter."""
    return "".join(LATEX.get(symbol, symbol) for symbol in text)


def _values(row: TableRow) -> tuple[int | None, str, float, float, float, float | None]:
    return row.number, row.rule, row.gain, row.bits, row.coverage, row.errors


def _latex_row(row: TableRow) -> str:
    errors = "--" if row.errors is None else f"{row.errors:.4f}"
    number = "" if row.number is None else f"{row.number}"
    return f"{number} & {escape(row.rule)} & {row.gain:.4f} & {row.bits:.1f} & {row.coverage:.4f} & {errors} " + r"\\"
