"""`python -m bidden`: the command without its script."""

from ._command import main

if __name__ == "__main__":
    raise SystemExit(main())
