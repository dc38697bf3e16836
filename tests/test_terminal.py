"""What the command line says while long work goes on."""

import pytest

from bench import terminal
from bench.terminal import stages


def test_a_pipe_gets_a_line_a_minute_with_stage_share_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 59.0, 60.0, 90.0, 300.0, 400.0, 440.0, 560.0])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    with stages("solving go-4x5") as report:
        report("moves listed", 0.1)
        report("moves listed", 0.3)
        assert capsys.readouterr() == ("", "")
        report("moves listed", 0.4)  # 0.3 in 60 seconds: 0.6 in 120
        assert capsys.readouterr() == ("", "solving go-4x5: moves listed 40%, about 2 min left\n")
        report("moves listed", 0.5)
        assert capsys.readouterr().err == ""
        report("moves listed", 0.9)  # 0.5 in 240 seconds: 0.1 in 48
        assert capsys.readouterr().err == "solving go-4x5: moves listed 90%, about 48 s left\n"
        report("sweep 1", 0.0)  # a new stage has a pace of its own
        report("sweep 1", 0.0)
        report("sweep 1", 0.0)  # nothing done in these two minutes
        assert capsys.readouterr().err == "solving go-4x5: sweep 1 0%\n"
