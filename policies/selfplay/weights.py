"""What a run of self-play is told, and what it learns: settings, parameters and losses, without the library that trains."""

from typing import Any, ClassVar, NamedTuple, Protocol

from games.arrays import Float32s
from policies.networks.architectures import Design


class Settings(Protocol):
    """The options of the learner `selfplay`, which policies/selfplay/learner.py explains."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def design(self) -> Design: ...
    @property
    def games(self) -> int: ...
    @property
    def simulations(self) -> int: ...
    @property
    def selection(self) -> str: ...
    @property
    def exploration(self) -> float: ...
    @property
    def opening(self) -> int: ...
    @property
    def blend(self) -> float: ...
    @property
    def replay(self) -> int: ...
    @property
    def passes(self) -> float: ...
    @property
    def batch(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def memory(self) -> float: ...
    @property
    def coarseness(self) -> float: ...
    @property
    def method(self) -> str: ...


class Weights(NamedTuple):
    """The parameters, their running mean, and what Adam remembers: each [n_parameters], in units of `spreads`."""

    free: Float32s
    mean: Float32s
    first: Float32s  # the running mean of the gradients
    second: Float32s  # and that of their squares


class Loss(NamedTuple):
    """Means over the steps of an iteration."""

    policy: float  # cross-entropy to the search's policy, in bits
    value: float  # squared error, of values over the largest payoff
