"""Path data of SVG in few letters: tenths of a point, each place given from the one before it; many small lines as one path."""

import re

TOKEN = re.compile(r"[A-Za-z]|-?\d*\.?\d+(?:e-?\d+)?")
N_NUMBERS = {"M": 2, "L": 2, "C": 6, "Q": 4}  # of a step; matplotlib writes no others, all in absolute places


def shortened(data: str) -> str:
    """The same path, its places rounded to tenths; steps that lead nowhere are left out where there are others."""
    steps = _steps(data)
    moving = [
        step for step in steps if step[0] == "Z" or any(step[1][i : i + 2] != [0, 0] for i in range(0, len(step[1]), 2)) or step[0] == "M"
    ]
    if not any(letter in "lcq" for letter, _ in moving):
        moving = steps  # a dot
    written: list[str] = []
    before = ""
    for letter, numbers in moving:
        short, kept = letter, numbers
        if letter == "l" and 0 in numbers:
            short, kept = ("h", numbers[:1]) if numbers[1] == 0 else ("v", numbers[1:])
        written += [short] * (short != before or short in "Mm") + [_tenths(number) for number in kept]
        before = short
    return re.sub(r"(?<=[A-Za-z]) | (?=[A-Za-z-])", "", " ".join(written))


def moved(data: str, x: float, y: float) -> str:
    """The path of a marker, which is drawn around 0, 0, at a place."""
    numbers = iter([x, y] * data.count(" "))
    return re.sub(r"-?\d*\.?\d+(?:e-?\d+)?", lambda found: f"{float(found[0]) + next(numbers):.3f}", data)


def _steps(data: str) -> list[tuple[str, list[int]]]:
    """Letters with their numbers in tenths: M absolute, all others from the place before."""
    tokens = iter(TOKEN.findall(data))
    found: list[tuple[str, list[int]]] = []
    place = start = (0, 0)
    letter = ""
    for token in tokens:
        if token.isalpha():
            letter = token.upper()
            first = "" if letter == "Z" else next(tokens)
        else:
            first = token
        if letter == "Z":
            found.append(("Z", []))
            place = start
            continue
        numbers = [round(10 * float(number)) for number in (first, *(next(tokens) for _ in range(N_NUMBERS[letter] - 1)))]
        if letter == "M":
            found.append(("M", numbers))
            start = (numbers[0], numbers[1])
        else:
            found.append((letter.lower(), [number - place[i % 2] for i, number in enumerate(numbers)]))
        place = (numbers[-2], numbers[-1])
    return found


def _tenths(number: int) -> str:
    """A number of tenths without what can be left out."""
    text = f"{abs(number) / 10:.1f}".removesuffix(".0")
    return ("-" if number < 0 else "") + (text[1:] if text.startswith("0.") else text)
