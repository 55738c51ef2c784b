#!/usr/bin/env python3
"""Makes the bytes of knowledge/*.json a part of the program.

    embed.py OUT.inc FILE.json...

For drivers.json there is an array drivers_json in OUT.inc, and so on; no byte is changed, so that
a line number of an error is a line of the file."""
import pathlib
import sys


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("/* Made by src/knowledge/embed.py out of knowledge/. */\n")
        for name in sys.argv[2:]:
            path = pathlib.Path(name)
            data = path.read_bytes()
            out.write(f"static const unsigned char {path.stem}_json[] = {{\n")
            for at in range(0, len(data), 20):
                out.write(",".join(str(byte) for byte in data[at:at + 20]) + ",\n")
            out.write("};\n")


if __name__ == "__main__":
    main()
