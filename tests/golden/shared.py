"""Where the public captures and their oracle are kept, which are not part of this repository: the
directory in SMBLAME_SHARED, else `shared` beside the project. A test that needs them and does not
find them says so and counts as skipped."""
import os
import pathlib
import sys
import tempfile

SKIPPED = 77  # meson's exit status for a test that did not run


def find(*needed):
    """The directory, when it holds all of `needed`; else ends the test as skipped."""
    project = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(os.environ.get("SMBLAME_SHARED", project.parent / "shared"))
    missing = [name for name in needed if not (folder / name).exists()]
    if missing:
        print(f"skipped: {', '.join(missing)} not found (set SMBLAME_SHARED)")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(SKIPPED)
    return folder


def run_checks(checks):
    """Each gets a directory of its own and says whether all was well. The exit status, after a line
    for each that failed and the count of both."""
    failed = 0
    for check in checks:
        with tempfile.TemporaryDirectory() as temporary:
            good = bool(check(pathlib.Path(temporary)))
        failed += not good
        if not good:
            print("failed:", check.__name__.replace("_", " "))
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0
