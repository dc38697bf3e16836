"""selfplay: a network that learns from games against itself, AlphaGo Zero's way (Silver et al. 2017), without the solution."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from games.errors import UsageError
from policies.api import OneOf, Range, Task, check_budgets
from policies.explanation import Explanation
from policies.networks.architectures import Design
from policies.networks.network import ABOVE_ZERO, Architecture, Coarseness, Depth, Equivariant, Method, NetworkLearner
from policies.selfplay import coding, heads
from policies.selfplay.checkpoint import resumed
from policies.selfplay.heads import SelfPlayPolicy

MAX_SIMULATIONS, MAX_GAMES, MAX_PLIES = 1024, 1 << 14, 64


@dataclass(frozen=True)
class SelfPlayLearner:
    """Plays games, learns from them, and begins again; the budget is the number of iterations."""

    architecture: Architecture = "mlp"
    units: Annotated[int, Range(1, 256), "the size of the network: hidden units, channels or whatever its architecture counts"] = 32
    depth: Depth = 2
    equivariant: Equivariant = False
    games: Annotated[int, Range(1, MAX_GAMES), "games an iteration, side by side"] = 256
    simulations: Annotated[int, Range(1, MAX_SIMULATIONS), "simulations a move"] = 32
    selection: Annotated[str, OneOf(("puct", "gumbel")), "how the search chooses moves: by PUCT, or by PUCT under sequential halving"] = (
        "gumbel"
    )
    exploration: Annotated[float, Range(0.0, 1000.0), "the constant c of PUCT, for payoffs over the largest payoff"] = 1.0
    opening: Annotated[int, Range(0, MAX_PLIES), "random plies that a game begins with, at most; their number is drawn for each game"] = 12
    blend: Annotated[float, Range(0.0, 1.0), "share of the search's own value in the value that is learned; the rest is the result"] = 0.0
    replay: Annotated[int, Range(1, 1000), "iterations whose games are learned from"] = 8
    passes: Annotated[float, Range(0, 1000, is_open=True), "how often each position is learned from, on average"] = 8.0
    batch: Annotated[int, Range(1, 1 << 14), "positions a step of Adam"] = 128
    learning_rate: Annotated[float, ABOVE_ZERO, "learning rate of Adam, in units of the spread that the weights start with"] = 0.02
    memory: Annotated[float, Range(1.0), "steps of Adam that the running mean of the weights, which plays, goes back"] = 800.0
    coarseness: Coarseness = 0.1
    method: Method = "adaptive"

    name = "selfplay"
    unit = "iterations"
    is_nested = True

    @property
    def design(self) -> Design:
        """The design of the network, whatever the budget."""
        return NetworkLearner(architecture=self.architecture, depth=self.depth, equivariant=self.equivariant).design(self.units)

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [1, 2, 4, 8, 16, 32, 64]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[SelfPlayPolicy]:
        """One policy for each budget, of one run; only the rules of the task's game are used."""
        chosen = check_budgets(budgets)
        yield from resumed(self, task.game, chosen, seed)

    def encode(self, policy: SelfPlayPolicy, task: Task) -> bytes:
        return coding.encode(task.game, policy)

    def decode(self, data: bytes, task: Task) -> SelfPlayPolicy:
        try:
            return coding.decode(data, task.game)
        except UsageError:
            pass
        raise UsageError(f"these {len(data)} bytes are no network of self-play for {task.game.id}: damaged, or of another learner")

    def source(self, policy: SelfPlayPolicy, task: Task) -> str:
        """That of the network, and the layer of the value."""
        parts: tuple[Any, ...] = (heads.value_layer, heads.copies, heads.SelfPlayPolicy.values_of)
        return "\n".join([NetworkLearner().source(policy.network, task), *map(inspect.getsource, parts)])

    def explain(self, policy: SelfPlayPolicy, task: Task) -> Explanation:
        """The network in words, and how it came about."""
        said = NetworkLearner().explain(policy.network, task)
        return replace(said, lead=f"{said.lead} It learned by self-play in {policy.size} iterations; a further unit values positions.")
