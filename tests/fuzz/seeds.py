#!/usr/bin/env python3
"""seeds.py CAPTURE...: writes corpus/engine/<case> from golden captures, in the form fuzz_engine.c
reads: a byte for the link type, then each frame behind its two-byte length. At most 60 frames of
each."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
import wire  # noqa: E402


def main():
    folder = HERE / "corpus" / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:]:
        path = pathlib.Path(name).resolve()
        frames = [p.frame for p in wire.read(path)][:60]
        (folder / path.parent.name).write_bytes(
            b"\0" + b"".join(len(f).to_bytes(2, "big") + f for f in frames if len(f) < 0x8000))


if __name__ == "__main__":
    main()
