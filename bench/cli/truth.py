"""The verb about truth sets: random positions with proved values of all their moves."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import GAME_HELP, Json, Seed, complete_game
from bench.cli.outputs import check_file
from bench.terminal import emit_json, stages, working
from bench.wording import show as number
from games.errors import UsageError

if TYPE_CHECKING:
    from games.proof.truth_set import TruthSet

SHARE = 0.01  # of the positions, that are proved again


def truth(
    game: Annotated[str | None, typer.Argument(metavar="GAME", help=GAME_HELP, autocompletion=complete_game)] = None,
    positions: Annotated[int | None, typer.Option(help="How many positions the set is to have.")] = None,
    seed: Seed = 0,
    nodes: Annotated[int | None, typer.Option(help="The most positions to expand for one move.  [default: 600000]")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file of the set; one that is there is extended.")] = None,
    show: Annotated[Path | None, typer.Option("--show", help="In place of GAME: say what this file holds.")] = None,
    check: Annotated[Path | None, typer.Option("--check", help="In place of GAME: verify this file; the seed chooses the share.")] = None,
    share: Annotated[float, typer.Option(help="With --check: the share of the positions to prove again, 0 to 1.")] = SHARE,
    json: Json = False,
) -> None:
    """Prove the values of all moves of random positions by search, and keep them in a file (docs/truth-sets.md)."""
    if (show or check) and (game or out or positions or (show and check)):
        raise UsageError(
            f"{'--show' if show else '--check'} reads a file that names its game: leave the other files, GAME and --positions out"
        )
    if show:
        _print(show, json, {})
    elif check:
        check_set(check, share, seed, json)
    elif game is None or out is None or positions is None:
        missing = "GAME" if game is None else "--out" if out is None else "--positions"
        raise UsageError(f"{missing} is missing: write `gaincurve truth GAME --positions N --out FILE`, or --show FILE, or --check FILE")
    else:
        _make(game, positions, seed, nodes, out)
        _print(out, json, {})


def check_set(path: Path, share: float = SHARE, seed: int = 0, json: bool = False) -> None:
    """Verify a set, and say what was verified. Raises WorkError, in one line, where it is wrong."""
    from games.errors import WorkError
    from games.proof.truth_set import read_set, verify_set

    if not 0 <= share <= 1:
        raise UsageError(f"--share {share:g}: give a number from 0 to 1")
    found = read_set(path)
    try:
        with stages(f"verifying {found.game_id}") as report:
            replay = verify_set(found, share, seed, lambda n, of: report("positions", n / of))
    except WorkError as error:
        raise WorkError(f"{path} is wrong: {error}") from None
    _print(path, json, {"verified": replay._asdict()})


def _make(game_id: str, positions: int, seed: int, nodes: int | None, out: Path) -> None:
    from games.proof.moves import NODES
    from games.proof.truth_set import is_set, make_set, read_set, write_set
    from games.registry import make_game

    for option, value in (("--positions", positions), ("--nodes", NODES if nodes is None else nodes)):
        if value < 1:
            raise UsageError(f"{option} {value}: give a whole number from 1 up")
    check_file("--out", out)
    if out.exists() and not is_set(out):
        raise UsageError(f"--out {out}: there is another file; name one that is a truth set, or is not there")
    before = read_set(out) if out.exists() else None
    with stages(f"proving {game_id}") as report:
        found = make_set(make_game(game_id), positions, seed, nodes or NODES, before, lambda n, of: report("positions", n / of))
    with working("writing"):
        write_set(out, found)


def facts(path: Path, found: "TruthSet") -> dict[str, Any]:
    """What is said of a set, by name."""
    moves = found.moves
    return {
        "game": found.game_id,
        "draw": found.draw,
        "seed": found.seed,
        "nodes": found.nodes,
        "positions": len(found.positions),
        "open_positions": int((~found.is_exact).sum()),
        "moves": len(moves.lower),
        "open_moves": int((moves.lower != moves.upper).sum()),
        "expanded": int(moves.nodes.sum()),
        "sources": list(found.sources),
        "bytes": path.stat().st_size,
        "command": found.command,
    }


def _print(path: Path, json: bool, more: dict[str, Any]) -> None:
    from games.proof.truth_set import LICENCE, read_set

    said = facts(path, read_set(path)) | more
    if json:
        emit_json(said)
        return
    n, n_moves = said["positions"], said["moves"]
    print(f"{said['game']}: {number(n)} positions, {said['draw']}, seed {said['seed']}")
    print(f"{number(n_moves)} moves, {1 - said['open_moves'] / n_moves:.2%} with a proved value; the others with proved bounds")
    print(f"{said['open_positions'] / n:.2%} of the positions have a move whose value is open")
    print(f"{number(said['expanded'])} positions expanded, at most {number(said['nodes'])} for a move")
    print(f"proved by {', '.join(said['sources'])}; {number(said['bytes'])} bytes; licence {LICENCE}")
    print(f"made by `{said['command']}`")
    if more:
        again, tighter = more["verified"], more["verified"]["n_tighter"]
        print("verified: the positions are those of the seed, the moves those of the rules,", end=" ")
        print(f"and the bounds of {number(again['n_moves'])} moves of {number(again['n_positions'])} positions were proved again", end="")
        print(f", {number(tighter)} of them tighter" if tighter else "")
