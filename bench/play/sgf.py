"""Games of Go as SGF (FF[4], https://www.red-bean.com/sgf/), and of other games as a line of moves."""

from bench.play.referee import Played
from games.contract import Game
from games.rules.go import Go


def record_of(game: Game, played: Played, black: str, white: str) -> str:
    """One game as the text of a file: SGF for Go, else the names of its moves on one line."""
    if not isinstance(game, Go):
        names = " ".join(game.action_name(action) for action in played.moves)
        return f"{black} - {white}: {names} ({played.end}, {played.result:+g} to the first player)\n"
    size = str(game.rows) if game.rows == game.columns else f"{game.columns}:{game.rows}"
    head = f"GM[1]FF[4]CA[UTF-8]AP[gaincurve]RU[Chinese]SZ[{size}]KM[0]PB[{_text(black)}]PW[{_text(white)}]RE[{_result(played)}]"
    moves = "".join(f";{'BW'[ply % 2]}[{_point(game, action)}]" for ply, action in enumerate(played.moves))
    return f"(;{head}{moves})\n"


def _point(game: Go, action: int) -> str:
    """Column and row as letters, counted from the top left; empty for a pass."""
    row, column = divmod(action, game.columns)
    return "" if action == game.rows * game.columns else chr(97 + column) + chr(97 + row)


def _result(played: Played) -> str:
    if played.result == 0:
        return "0"
    winner = "B" if played.result > 0 else "W"
    return f"{winner}+{'R' if played.end == 'resigned' else 'F' if played.end == 'illegal move' else f'{abs(played.result):g}'}"


def _text(name: str) -> str:
    return name.replace("\\", "\\\\").replace("]", "\\]")
