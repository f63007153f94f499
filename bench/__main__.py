"""`make bench`: every measurement, one after the other, each in a process and a scratch database of its own."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    names = sorted(
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if not path.stem.startswith("_") and path.stem not in {"harness", "county", "peers", "roll_peer"}
    )
    return max(subprocess.call([sys.executable, "-m", f"bench.{name}"]) for name in names)


if __name__ == "__main__":
    sys.exit(main())
