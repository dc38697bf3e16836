"""The former place of `expand_each`, for games written before `games.api` had it: import it from there."""

from games.rules.python_rules import expand_each

__all__ = ["expand_each"]
