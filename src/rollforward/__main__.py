"""`python -m rollforward` is the command `rollforward`."""

from rollforward.cli import main

if __name__ == "__main__":
    main()
