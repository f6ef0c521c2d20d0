"""Lets `python -m minilateral` do what `minilateral` does."""

from minilateral.cli import main

if __name__ == "__main__":
    main()
