"""force - what the scripts of this folder share: daemons in folders of their own, a table to print, an exit code.

Each script breaks something on purpose and asks the provider's ledger and the daemon's store what became of every handoff
that was answered with 2xx. Exit code 0: nothing lost, nobody told twice; 1: not so; 77: it cannot run here.
"""
import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "blackbox"))

EXIT_FINE, EXIT_LOSS, EXIT_SKIPPED = 0, 1, 77


def arguments(doc, *own):
    """The options that every script has, and its own: (names, how) pairs."""
    parser = argparse.ArgumentParser(description=doc.split("\n", 1)[0].partition(" - ")[2], epilog=doc.split("\n", 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a few cases: what ./test.sh runs")
    parser.add_argument("--handoffd", metavar="PATH", help="the daemon (default: HANDOFFD, or build/dev/bin/handoffd)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of what is random; printed")
    parser.add_argument("--keep", action="store_true", help="leave the daemons' folders where they are")
    for names, how in own:
        parser.add_argument(*names, **how)
    options = parser.parse_args()
    if options.handoffd:
        os.environ["HANDOFFD"] = str(Path(options.handoffd).absolute())
    # Daemons are killed or traced here: what a sanitizer says of leaks at the end is for other tests.
    os.environ["ASAN_OPTIONS"] = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
    random.seed(options.seed)
    return options


def skip(why):
    print(f"skipped: {why}")
    sys.exit(EXIT_SKIPPED)


def need_tool(name):
    if shutil.which(name) is None:
        skip(f"{name} is not installed")


@contextlib.contextmanager
def folder(options, where=None):
    """A folder for a daemon; gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="handoffd-force-", dir=where))
    try:
        yield path
    finally:
        if options.keep:
            print(f"kept: {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)


def compiled(source, where):
    """A library to preload, compiled as the house compiles."""
    library = where / Path(source).with_suffix(".so").name
    compiler = os.environ.get("CC", "cc")
    need_tool(compiler)
    subprocess.run([compiler, "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", HERE / source,
                    "-o", library, "-ldl", "-lpthread"], check=True)
    return library


class Table:
    """Printed row by row, so that whoever watches sees it grow."""

    def __init__(self, *columns, first=28, other=10):
        self._columns, self._first, self._other = columns, first, other
        self._print(columns)

    def _print(self, values):
        cells = [str(values[0]).ljust(self._first), *(str(value).rjust(max(self._other, len(name) + 1))
                                                      for value, name in zip(values[1:], self._columns[1:]))]
        print("".join(cells), flush=True)

    def row(self, *values):
        self._print(values)


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def finish(faults, seed, fine="0 lost, 0 twice"):
    """The last words."""
    print()
    for fault in faults[:40]:
        print(f"FAULT: {fault}")
    if len(faults) > 40:
        print(f"and {len(faults) - 40} more")
    if faults:
        print(f"--seed {seed}")
    print(fine if not faults else f"{len(faults)} faults")
    sys.exit(EXIT_LOSS if faults else EXIT_FINE)
