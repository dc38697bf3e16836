"""The prequential code of optimal moves: they are sent in blocks, each by way of a policy fitted to the blocks before it.

No policy is sent. Who reads fits the learner anew to what he has read, comes to the same policy, and reads the next block with
its help (Dawid, "Statistical theory: the prequential approach", 1984; for networks Blier & Ollivier, "The description length of deep
learning models", 2018). The positions that offer a choice stand in an order given by a seed, or in ascending order of their
packed states; blocks double in size, and the last is half of them. One optimal move of each position is sent, with the coder
of the exceptions (bench/measures/exception_coding.py): it knows the moves of all earlier blocks, and a policy's scores, which are
all equal in the first.

A fit sees what both ends know, and nothing else: in the earlier blocks the move that was sent has regret 0 and every other one
regret 1, although some of these may be optimal too; all other positions have no weight and no regrets. For each block the
writer tries budgets 1, 2, 4, ..., and no policy at all, and sends which of them it took.

Learners that fit in floating point (networks, boosted trees) come to the same policy only on the same kind of machine with the
same versions of their libraries: then only such a machine can read the file.
"""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bench.measures.exception_coding import Moves, decode_rest, encode_rest, moves_of, none_known
from games.arrays import Bools, Int32s, Int64s, UInt8s
from games.errors import UsageError, WorkError
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from games.splitmix import splitmix64
from policies.api import Learner, Scores, Task
from policies.codec.adaptive_coder import Coder, Decoder, Encoder, code_count, code_symbol, code_uniform, ideal_bits

FIRST_BLOCK = 16  # positions, about; a policy fitted to fewer says little
MAX_BLOCKS = 40
MAX_SEED = 1 << 29
LADDER = tuple(2**i for i in range(16))
POSITIONS_PER_UNIT = 4  # of those that a policy is fitted to, for each unit of its budget


@dataclasses.dataclass(frozen=True)
class Plan:
    """In which order positions are sent, and in how many blocks; the seed is the learner's too."""

    n_blocks: int
    seed: int = 0
    ascending: bool = False


@dataclasses.dataclass(frozen=True)
class Block:
    """The bits of one block, and of the policy before it."""

    positions: int
    budget: int  # of the policy that helped; 0 for none
    bits: float  # ideal code length


@dataclasses.dataclass(frozen=True, eq=False)
class Message:
    """The file, what its blocks took, and the edges that it decodes to: [n_positions], in the order of `graph.positions`."""

    data: bytes
    blocks: list[Block]
    edges: Int64s


def default_blocks(graph: GameGraph) -> int:
    """The number of blocks that leaves about FIRST_BLOCK positions to the first."""
    return max(1, int(np.count_nonzero(graph.n_moves > 1) // FIRST_BLOCK).bit_length())


def no_scores(graph: GameGraph) -> Scores:
    """The scores without a policy: all moves are equal. [n_edges]"""
    return np.zeros(graph.n_edges)


def encode(task: Task, learner: Learner[Any], plan: Plan) -> Message:
    """Write optimal moves down, read it back, and return the file.

    Raises UsageError for a plan out of range, WorkError if what is read back is not optimal everywhere.
    """
    if not 1 <= plan.n_blocks <= MAX_BLOCKS:
        raise UsageError(f"{plan.n_blocks} blocks: give a number from 1 to {MAX_BLOCKS}")
    if not 0 <= plan.seed < MAX_SEED:
        raise UsageError(f"seed {plan.seed}: give a number from 0 to {MAX_SEED - 1}")
    coder = Encoder()
    _, blocks = _code(coder, task, learner, plan, task.solution.optimal)
    data = coder.finish()
    edges = decode(data, task, learner)
    if not task.solution.optimal[edges].all():
        raise WorkError(f"{learner.name} on {task.game.id}: fitting again gave another policy, so the file decodes to other moves")
    return Message(data, blocks, edges)


def decode(data: bytes, task: Task, learner: Learner[Any]) -> Int64s:
    """The edges that a file says: [n_positions], in the order of `graph.positions`. Looks at the task's graph, not at its solution.

    Foreign bytes give some edges, or raise UsageError.
    """
    edges, _ = _code(Decoder(data), task, learner, Plan(1), np.zeros(0, dtype=np.bool_))
    return edges


def _code(coder: Encoder | Decoder, task: Task, learner: Learner[Any], plan: Plan, optimal: Bools) -> tuple[Int64s, list[Block]]:
    """Write the moves, or read them: then `plan` and `optimal` are not looked at."""
    graph = task.graph
    plan = _code_plan(coder, plan)
    choices = moves_of(graph, no_scores(graph))
    order = _order(choices, plan)
    ends = [len(order) >> i for i in reversed(range(plan.n_blocks))]
    known, blocks = none_known(choices), []
    for first, last in itertools.pairwise([0, *ends]):
        visits = np.sort(order[:last])
        budgets, policies = _policies(task, learner, known, plan.seed)
        offers = (moves_of(graph, scores)._replace(states=choices.states[visits], position=choices.position[visits]) for scores in policies)
        if isinstance(coder, Encoder):
            index, contexts, bits, chosen = _shortest(offers, known, optimal)
            code_symbol(coder, "budget", index, len(budgets))
            coder.extend(contexts, bits)
            blocks.append(Block(last - first, budgets[index], float(ideal_bits(contexts, bits).sum())))
        else:
            index = code_symbol(coder, "budget", 0, len(budgets))
            offer = next(itertools.islice(offers, index, None), None)
            if offer is None:
                raise UsageError(f"the file is damaged: it wants a policy with budget {budgets[index]}, and there is none")
            chosen = decode_rest(offer, known, coder.state, coder.data)
        known[choices.position[visits]] = chosen[choices.position[visits]]
    return np.where(known >= 0, known, graph.edge_start[:-1])[graph.positions], blocks


def _policies(task: Task, learner: Learner[Any], known: Int64s, seed: int) -> tuple[list[int], Iterator[Scores]]:
    """The budgets that may be tried, from 0 for no policy, and what the policies fitted to the known moves say of all moves."""
    n_known = int(np.count_nonzero(known >= 0))
    if n_known == 0:
        return [0], iter([no_scores(task.graph)])
    seen = known_task(task, known)
    most = min(max(learner.default_budgets(seen)), n_known // POSITIONS_PER_UNIT)
    budgets = [budget for budget in LADDER if budget <= max(1, most)]
    fitted = (policy.scores(seen) for policy in learner.fit_path(seen, budgets, seed))
    return [0, *budgets], itertools.chain([no_scores(task.graph)], fitted)


def known_task(task: Task, known: Int64s) -> Task:
    """The task of which one good move of some positions is known, -1 for the others: [n_states], at least one known.

    The known move has regret 0, the others of its position 1. Nothing of the task's own solution is used.
    """
    graph, is_known = task.graph, known >= 0
    regret = is_known[graph.edge_parent].astype(np.int16)
    regret[known[is_known]] = 0
    nothing = np.zeros(graph.n_states, dtype=np.int16)
    solution = Solution(nothing, nothing, nothing, -regret, regret)
    return dataclasses.replace(task, truth=solution, weights=is_known / np.count_nonzero(is_known))


def _shortest(offers: Iterable[Moves], known: Int64s, optimal: Bools) -> tuple[int, Int32s, UInt8s, Int64s]:
    """Of several policies, the one with which the moves take least to write: its place, the decisions, and the edges."""
    written = ((place, *encode_rest(offer, known, optimal)) for place, offer in enumerate(offers))
    return min(written, key=lambda found: float(ideal_bits(found[1], found[2]).sum()))


def _order(choices: Moves, plan: Plan) -> Int64s:
    """Visits, ascending by packed state, in the order in which they are sent. [n_visits]"""
    if plan.ascending:
        return np.arange(len(choices.states))
    return np.argsort(splitmix64(choices.states ^ splitmix64(np.array([plan.seed], dtype=np.uint64))))


def _code_plan(coder: Coder, plan: Plan) -> Plan:
    n_blocks = code_count(coder, "blocks", plan.n_blocks - 1) + 1
    seed = code_count(coder, "seed", plan.seed)
    if n_blocks > MAX_BLOCKS or seed > MAX_SEED:
        raise UsageError(f"the file is damaged: it has {n_blocks} blocks and seed {seed}")
    return Plan(n_blocks, seed, bool(code_uniform(coder, int(plan.ascending), 2)))
