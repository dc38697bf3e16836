"""The command line as tests drive it: in this process, with what it prints kept."""

import json
import sys
from typing import Any

import pytest

from bench.__main__ import main


class Shell:
    """Runs the command line in this process, and keeps what it prints."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capfd = monkeypatch, capfd

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["gaincurve", *words])
        with pytest.raises(SystemExit) as done:
            main()
        out, err = self.capfd.readouterr()
        return int(done.value.code or 0), out, err

    def json(self, *words: str) -> dict[str, Any]:
        status, out, _ = self(*words, "--json")
        assert status == 0
        answer: dict[str, Any] = json.loads(out)
        return answer
