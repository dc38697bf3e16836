"""A short program that plays tic-tac-toe perfectly: what perfect play costs in bits when compute costs nothing.

A board is two masks, the mover's stones and the other's, four bits a row (cell `4 * row + column`, columns 0 to 2), so that
three in a line are three bits one, three, four or five apart. The answer is [value for the mover, best cell], without the
cell where the game is over. It searches every line of play to its end and remembers nothing.
"""

PROGRAM = "m=lambda x,o:[-1]*any(o&o>>k&o>>k+k for k in(1,3,4,5))or max([[-m(o,x|1<<k)[0],k]for k in range(11)if 1911&~x&~o&1<<k]or[[0]])"
