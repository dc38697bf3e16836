"""The two ways a request can fail, told apart so that the command line can answer with the right exit status."""

import difflib


class GaincurveError(Exception):
    """Base of every error raised on purpose; its text is one line that says what is wrong and what to do."""


class UsageError(GaincurveError):
    """The request was invalid: an unknown name, a value out of range, a malformed file given by the user. Exit status 2."""


class WorkError(GaincurveError):
    """The request was valid but could not be carried out: too large, corrupted, not solvable. Exit status 1."""


def nearest(name: str, known: list[str]) -> str:
    """The known names that are most similar to an unknown one, as the end of an error message."""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return "did you mean " + " or ".join(close) + "?" if close else "known: " + ", ".join(sorted(known))
