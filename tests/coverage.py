"""coverage.py FOLDER - lines and branches of the delivery that were reached, as gcov counted them in FOLDER. Exits 1
where a branch of a file that must be reached as a whole was not."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# True: every branch must be reached.
FILES = {
    "core/handoff/steps.c": True,
    "core/handoff/outcome.c": True,
    "core/handoff/reaction.c": True,
    "core/handoff/report.c": True,
    "core/handoff/inquiry.c": False,
    "core/handoff/gate.c": False,
    "core/handoff/resume.c": False,
    "core/handoff/operator.c": False,
    "plugins/channel/twilio_whatsapp/codes.c": True,
}


def counted(folder, name):
    """The lines of one file, as gcov's JSON has them."""
    data = next(pathlib.Path(folder).glob(f"CMakeFiles/*.dir/{name}.gcda"), None)
    if data is None:
        sys.exit(f"{name}: no test has run it")
    said = subprocess.run(
        ["gcov", "--branch-probabilities", "--json-format", "--stdout", str(data.resolve())],
        check=True, capture_output=True, cwd=folder).stdout
    files = json.loads(said)["files"]
    return next(file["lines"] for file in files if file["file"].endswith(name))


def has_default(texts):
    """Of the switch that begins the text: has it a case for every other value?"""
    indent = texts[0][:len(texts[0]) - len(texts[0].lstrip())]
    return f"{indent}default:" in texts[:texts.index(f"{indent}}}")]


def branches_of(line, texts):
    """Which branches of the first line were reached, without those that are nobody's: inside the macros of the hash
    tables, and the value that a switch has no case for because its enum has none."""
    reached = [branch["count"] > 0 for branch in line["branches"]]
    if "HASH_" in texts[0]:
        return []
    if texts[0].lstrip().startswith("switch (") and not all(reached) and not has_default(texts):
        reached.remove(False)
    return reached


def summary(lines, texts):
    """Lines, lines reached, branches, branches reached, and where one was not."""
    branches = [(line["line_number"], is_reached) for line in lines
                for is_reached in branches_of(line, texts[line["line_number"] - 1:])]
    missed = sorted({number for number, is_reached in branches if not is_reached}
                    | {line["line_number"] for line in lines if line["count"] == 0})
    return (len(lines), sum(line["count"] > 0 for line in lines), len(branches),
            sum(is_reached for _, is_reached in branches), missed)


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "none"


def main(folder):
    is_short = False
    for name, must_be_whole in FILES.items():
        texts = (ROOT / name).read_text(encoding="utf-8").splitlines()
        lines, lines_reached, branches, branches_reached, missed = summary(counted(folder, name), texts)
        is_short |= must_be_whole and branches_reached < branches
        places = ", ".join(map(str, missed))
        print(f"{name}: lines {percent(lines_reached, lines)} of {lines},"
              f" branches {percent(branches_reached, branches)} of {branches}"
              f"{f'; not reached: {places}' if places else ''}")
    return 1 if is_short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
