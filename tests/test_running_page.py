"""What the page of running says that the harness costs is what was measured, and within what was aimed at."""

import re

from bench.studies.running import N_EQUAL, N_TINY, PAGE, Quarter, page

OVERHEAD = 20.0  # milliseconds of processor time a cell that the harness may cost
SHARE = 0.6  # of the time of one process that two may take
GROWTH = 1.2  # from the first quarter of the cells to the last


def measured() -> list[list[float]]:
    text = PAGE.read_text()
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    return [[float(entry.replace(",", "")) for entry in row] for row in rows]


def test_the_harness_costs_little_a_cell_and_no_more_in_the_last_quarter_than_in_the_first() -> None:
    rows = measured()
    assert [row[0] for row in rows] == [N_TINY // 4 * quarter for quarter in (1, 2, 3, 4)]
    assert all(row[4] <= OVERHEAD for row in rows)
    assert rows[-1][4] <= rows[0][4] * GROWTH


def test_memory_stays_flat() -> None:
    for column in (5, 6):
        assert measured()[-1][column] <= measured()[0][column] * GROWTH


def test_two_processes_take_little_more_than_half_the_time_of_one() -> None:
    found = re.search(
        r"^(\d+) equal cells took (\d+) s on one process and (\d+) s on two: ([\d.]+) of the time.$", PAGE.read_text(), re.MULTILINE
    )
    assert found
    assert int(found[1]) == N_EQUAL
    assert float(found[4]) <= SHARE


def test_the_page_tells_measuring_from_the_harness() -> None:
    lines = page(4.0, [Quarter(2500, 12.5, 5.25, 8.0, 5.0, 40.0, 80.0)], 100.0, 52.0, 1.5).splitlines()
    assert "| 2,500 | 12.5 | 7.2 | 8.0 | 3.0 | 40 | 80 |" in lines
    assert "64 equal cells took 100 s on one process and 52 s on two: 0.52 of the time." in lines
