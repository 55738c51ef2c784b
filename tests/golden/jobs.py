#!/usr/bin/env python3
"""However many threads share the work, what comes out is the same, byte by byte.

    jobs.py SMBLAME CAPTURES-DIR

Every captures/<group>/<case>/input.pcap, and all of a group's read as one capture, with --jobs 2
and --jobs 3 against --jobs 1: records, standard error and exit status. Ends with `N passed, N
failed`."""
import concurrent.futures
import pathlib
import subprocess
import sys

JOBS = (2, 3)


def run(smblame, jobs, arguments):
    done = subprocess.run([smblame, "--jobs", str(jobs), *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def first_difference(one, other):
    if one[0] != other[0]:
        return f"exit {one[0]} became {other[0]}: {other[2].decode(errors='replace')[-200:]}"
    if one[2] != other[2]:
        return f"standard error {one[2][:200]!r} became {other[2][:200]!r}"
    for number, (was, now) in enumerate(zip(one[1].splitlines(), other[1].splitlines()), 1):
        if was != now:
            return f"line {number}\n  {was[:300]!r} became\n  {now[:300]!r}"
    return "lines are missing"


def compare(smblame, name, arguments):
    """What is wrong, for each number of jobs."""
    one = run(smblame, 1, arguments)
    for jobs in JOBS:
        other = run(smblame, jobs, arguments)
        yield None if one == other else f"{name}: --jobs {jobs}: {first_difference(one, other)}"


def main():
    smblame, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    cases = sorted(folder.glob("*/*/input.pcap"))
    work = [(str(case.parent.relative_to(folder)), ["--json", "--events", case]) for case in cases]
    for group in sorted({case.parent.parent for case in cases}):
        inputs = [case for case in cases if case.parent.parent == group]
        work.append((group.name, ["--json", "--events", *inputs]))
        work.append((group.name + ", the summary", ["--verbose", *inputs]))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda item: list(compare(smblame, *item)), work):
            for wrong in found:
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(wrong)
    if not cases:
        print("no captures under", folder)
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
