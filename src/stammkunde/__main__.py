"""`python -m stammkunde` is the command `stammkunde`."""

from stammkunde.cli import main

if __name__ == "__main__":
    main()
