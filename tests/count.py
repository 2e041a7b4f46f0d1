"""count.py - counts single test cases after ctest: prints what failed, then one last line, "N passed, N failed".

usage: count.py [--failed=CHECK]... BUILD_DIRECTORY...

A build directory holds ctest.xml, ctest's own record with one case for each program, and junit/NAME.xml, the single
cases of the program that ctest calls NAME. A program without such a record, or that failed although its cases passed
(a crash, a leak at exit, a time limit), counts as one case. So does every --failed check.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import NamedTuple


class Result(NamedTuple):
    outcome: str
    name: str
    reason: str = ""


def result_of_case(case, program):
    name = f"{program}: {case.get('name')}"
    for tag in ("failure", "error", "skipped"):
        found = case.find(tag)
        if found is not None:
            outcome = "skipped" if tag == "skipped" else "failed"
            return Result(outcome, name, found.get("message") or found.text or "")
    return Result("passed", name)


def result_of_program(program):
    name, status = program.get("name"), program.get("status")
    found = next((child for child in program if child.tag in ("failure", "skipped")), None)
    reason = "" if found is None else found.get("message", "")
    if status == "disabled" or (status == "notrun" and reason.startswith("SKIP_")):
        return Result("skipped", name, reason)
    return Result("passed" if status == "run" else "failed", name, reason)


def results_of_program(program, junit):
    whole = result_of_program(program)
    record = junit / f"{whole.name}.xml"
    if not record.exists():
        return [whole]
    # cmocka writes one document for each group of tests, one after the other.
    documents = re.sub(r"<\?xml.*?\?>", "", record.read_text(errors="replace"))
    try:
        cases = ElementTree.fromstring(f"<all>{documents}</all>").iter("testcase")
    except ElementTree.ParseError as error:
        return [Result("failed", whole.name, f"{record}: {error}")]
    results = [result_of_case(case, whole.name) for case in cases]
    explained = any(result.outcome == "failed" for result in results)
    return results if results and (explained or whole.outcome != "failed") else [*results, whole]


def results_of_build(build):
    record = build / "ctest.xml"
    programs = list(ElementTree.parse(record).getroot().iter("testcase")) if record.exists() else []
    if not programs:
        return [Result("failed", "ctest", "it ran nothing")]
    return [result for program in programs for result in results_of_program(program, build / "junit")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--failed", action="append", default=[])
    parser.add_argument("builds", nargs="*", type=Path)
    arguments = parser.parse_args()

    results = [Result("failed", check) for check in arguments.failed]
    for build in arguments.builds:
        results += [result._replace(name=f"{build.name}: {result.name}") for result in results_of_build(build)]

    print()
    for result in results:
        if result.outcome != "passed":
            reason = "\n    ".join(result.reason.splitlines()[:12])
            print(f"{result.outcome}: {result.name}" + (f"\n    {reason}" if reason else ""))
    counts = Counter(result.outcome for result in results)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
