"""Writes the three lock files: every dependency with its version and the hashes of its files.

requirements.lock is what the product runs on, its sentence model included; requirements-dev.lock adds what tests and
checks need; requirements-oldest.lock holds the oldest RQ that the tests of workers and journeys must also pass on.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The package is built with the setuptools of the lock, without a download of its own.
BUILD = "setuptools>=80,<81"
OLDEST = "rq==2.12.0"
HEADER = "# Written by `make lock`. Do not edit.\n"


def main() -> None:
    """Compiles each file with uv, which is installed beside the rest for this alone."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv>=0.13,<1"], check=True)  # noqa: S603
    write("requirements.lock", [BUILD], ["pyproject.toml", "--extra", "model"])
    extras = ("model", "china", "training", "dev")
    write("requirements-dev.lock", [BUILD], ["pyproject.toml", *(word for one in extras for word in ("--extra", one))])
    write("requirements-oldest.lock", [OLDEST], ["--no-deps"])


def write(name: str, extra: list[str], arguments: list[str]) -> None:
    """One lock file, for CPython 3.11 on Linux."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as wanted:
        wanted.write("\n".join(extra) + "\n")
        wanted.flush()
        compiled = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header",
             "--no-annotate", "--python-version", "3.11", "--python-platform", "linux", *arguments, wanted.name],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    (ROOT / name).write_text(HEADER + compiled)


if __name__ == "__main__":
    main()
