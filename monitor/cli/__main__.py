"""`python -m monitor.cli`: the same as the console script."""

from __future__ import annotations

from monitor.cli.main import main

if __name__ == "__main__":
    main()
