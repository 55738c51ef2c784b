#!/usr/bin/env python3
"""What is delivered beside the program says what the program does: the example configuration, the
unit file, the manual pages.

    contrib.py settings SMBLAME PROJECT     the example is right and names every option
    contrib.py manual SMBLAME PROJECT       so does smblame(1)
    contrib.py unit SMBLAME PROJECT         how exposed systemd thinks the service is

Ends with `N passed, N failed`; 77 where the means are not there."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What a configuration file cannot say.
TYPED = {"config", "check", "list-interfaces", "version", "help"}
EXPOSURE_MOST = 2.0


def run(*words):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)


def options(smblame):
    """Long names, and the letters of those that have one."""
    text = run(smblame, "--help").stdout.decode()
    rows = re.findall(r"^  (?:-(\w),|   ) --([a-z-]+)", text, re.M)
    return {name: letter for letter, name in rows}


def settings(smblame, project):
    path = project / "contrib" / "smblame.conf"
    text = path.read_text()
    keys = set(re.findall(r"^#?([a-z-]+) =", text, re.M))
    names = set(options(smblame)) - TYPED
    done = run(smblame, "--config", path, "--check")
    yield "it is right", done.returncode == 0, done.stdout
    yield "every option stands in it", keys == names, keys ^ names
    for wrong, said in (("stats-interval = 0", b": stats-interval takes"),
                        ("filter = tcp prot 445", b": filter: "), ("jsno = yes", b"'json'"),
                        ("confirm = old-password\n  nothing", b": confirm takes"),
                        ("metrics = 0.0.0.0:9478", b": metrics: metrics are for this machine"),
                        ("oem-codepage = KLINGON", b": oem-codepage: "),
                        ("user = n0b0dy-at-all", b": user: "),
                        ("stop-when = jdoe\n  STATUS_X", b": stop-when: 'STATUS_X' is")):
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "smblame.conf"
            other.write_text(text + wrong + "\n")
            done = run(smblame, "--config", other, "--check")
        yield wrong, done.returncode == 2 and said in done.stdout, done.stdout
    for line in re.findall(r"^#([a-z-]+ = .*)$", text, re.M):
        key = line.split()[0]
        done = run(smblame, f"--{key}={line.split(' = ')[1]}", "--check", "-i", "lo")
        good = done.returncode == 0 or b"goes with" in done.stdout or b"takes no files" in \
            done.stdout or b"cannot read" in done.stdout or b"knowledge" in done.stdout
        yield line, good, done.stdout


def manual(smblame, project):
    text = (project / "man" / "smblame.1").read_text().replace("\\", "")
    for name, letter in options(smblame).items():
        heading = rf"^\.BR? (?:-{letter} \", \" )?--{name}\b" if letter else rf"^\.BR? --{name}\b"
        yield name, bool(re.search(heading, text, re.M)), "no heading in smblame.1"
    for page in sorted((project / "man").glob("*.[1-8]")):
        if shutil.which("man"):
            done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page)
            yield page.name, b"warning" not in done.stdout, done.stdout[:300]


def unit(_, project):
    path = project / "contrib" / "smblame.service"
    if not shutil.which("systemd-analyze"):
        print("no systemd-analyze")
        sys.exit(77)
    done = run("systemd-analyze", "security", "--offline=true", path)
    found = re.search(rb"exposure level for \S+: ([0-9.]+)", done.stdout)
    yield "exposure", found and float(found[1]) < EXPOSURE_MOST, done.stdout[-100:]
    text = path.read_text()
    for word in ("Type=notify", "DynamicUser=yes", "AmbientCapabilities=CAP_NET_RAW\n",
                 "CapabilityBoundingSet=CAP_NET_RAW\n", "WatchdogSec=", "kill -HUP $MAINPID"):
        yield word, word in text, ""


def main():
    what, smblame, project = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    passed = failed = 0
    for name, good, why in {"settings": settings, "manual": manual, "unit": unit}[what](
            smblame, project):
        passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
        if not good:
            print("failed:", name, why)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
