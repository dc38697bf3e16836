"""The command line: `gaincurve VERB`, also `python -m gaincurve VERB`."""

from bench.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
