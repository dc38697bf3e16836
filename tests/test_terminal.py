"""What the command line says while long work goes on."""

import pytest

from bench import terminal
from bench.terminal import stages


def test_a_pipe_gets_a_line_every_half_minute_with_stage_share_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 29.0, 30.0, 45.0, 150.0, 200.0, 220.0, 280.0])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    with stages("solving go-4x5") as report:
        report("moves listed", 0.1)
        report("moves listed", 0.3)
        assert capsys.readouterr() == ("", "")
        report("moves listed", 0.4)  # 0.3 in 30 seconds: 0.6 in 60
        assert capsys.readouterr() == ("", "solving go-4x5: moves listed 40%, about 60 s left\n")
        report("moves listed", 0.5)
        assert capsys.readouterr().err == ""
        report("moves listed", 0.9)  # 0.5 in 120 seconds: 0.1 in 24
        assert capsys.readouterr().err == "solving go-4x5: moves listed 90%, about 24 s left\n"
        report("sweep 1", 0.0)  # a new stage has a pace of its own
        report("sweep 1", 0.0)
        report("sweep 1", 0.0)  # nothing done in this minute
        assert capsys.readouterr().err == "solving go-4x5: sweep 1 0%\n"
