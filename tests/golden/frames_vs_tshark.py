#!/usr/bin/env python3
"""Holds the capture room against tshark, frame by frame, over captures nobody here made.

    frames_vs_tshark.py FRAMES-PROGRAM [FILE...]

Without files: everything below captures/public and captures/lab of the directory SMBLAME_SHARED
names, or ../shared beside the project. Not there, or no tshark: "skipped" (exit 77).

For each file the frame numbers, times, lengths and captured lengths must be equal; then the file is
read again through a pipe, compressed by gzip, and the frames with the sum of their bytes must be
those of the plain file."""
import gzip
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77


def shared_files():
    root = pathlib.Path(__file__).resolve().parents[2]
    shared = pathlib.Path(os.environ.get("SMBLAME_SHARED", root.parent / "shared"))
    found = [p for group in ("public", "lab") for p in (shared / "captures" / group).glob("*")]
    return sorted(p for p in found if p.suffix not in (".tsv", ".json", ".md", ".txt"))


def tshark_frames(path):
    """What tshark says, as far as it gets; time None where a frame has none."""
    fields = ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len"]
    command = ["tshark", "-n", "-r", str(path), "-T", "fields"]
    for field in fields:
        command += ["-e", field]
    environment = dict(os.environ, TZ="UTC", LC_ALL="C")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    frames = []
    for line in done.stdout.splitlines():
        number, time, wire, captured = line.split("\t")
        frames.append((int(number), time or None, int(wire), int(captured)))
    return frames, done.returncode != 0


def our_frames(program, argument, feed=None):
    done = subprocess.run([program, "-s", argument], input=feed, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode()[-400:]}")
    return done.stdout.decode().splitlines(), done.returncode == 1


def first_difference(ours, theirs):
    for mine, other in zip(ours, theirs):
        _, number, time, wire, captured = mine.split()[:5]
        seen = (int(number), time if other[1] else None, int(wire), int(captured))
        if seen != other:
            return f"we {seen}, tshark {other}"
    if len(ours) != len(theirs):
        return f"we {len(ours)} frames, tshark {len(theirs)}"
    return None


def check(program, path):
    theirs, they_fail = tshark_frames(path)
    ours, damaged = our_frames(program, str(path))
    problem = first_difference(ours, theirs)
    if problem:
        return problem
    if damaged != they_fail:
        return f"damage: we {damaged}, tshark {they_fail}"
    raw = path.read_bytes()
    if our_frames(program, "-", raw)[0] != ours:
        return "through a pipe other frames"
    if raw[:2] != b"\x1f\x8b" and our_frames(program, "-", gzip.compress(raw, 1))[0] != ours:
        return "through gzip other frames"
    return None


def main():
    program, files = sys.argv[1], [pathlib.Path(p) for p in sys.argv[2:]] or shared_files()
    if not files or not shutil.which("tshark"):
        print("skipped: no captures beside the project, or no tshark")
        return SKIPPED
    failed = 0
    for path in files:
        try:
            problem = check(program, path)
        except RuntimeError as error:
            problem = str(error)
        if problem:
            failed += 1
            print(f"{path.name}: {problem}")
    print(f"{len(files)} captures, {len(files) - failed} equal, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
