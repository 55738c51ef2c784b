#!/usr/bin/env python3
"""The processes that watch a wire, in their cages, seen from outside: what the kernel says of each,
and what is said where it gives no cage.

    cage_live.py SMBLAME

Needs root (a namespace and a device to open); says skipped without. Ends with `N passed, N
failed`."""
import os
import pathlib
import signal
import subprocess
import sys

import cage
import live
import shared

CAP_NET_RAW = 1 << 13


def start(*options, **more):
    return subprocess.Popen([cage.SMBLAME, "-i", "lo", "--json", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def processes(keeper):
    """Name -> pid of its two children, once both have their names."""
    def named():
        of = {pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip(): pid
              for pid in children(keeper.pid)}
        return of if {"smblame-watch", "smblame-speak"} <= of.keys() else None
    return cage.wait_until(named)


def capabilities(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return {line[3:6]: int(line.split()[1], 16) for line in status if line.startswith("Cap")}


def limit(pid, words):
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines():
        if line.startswith(words):
            return line[len(words):].split()[1]
    return None


def each_is_confined(_):
    with start() as keeper:
        live.wait_for(keeper.stderr, b"watching")
        of = processes(keeper)
        caged = all(cage.wait_until(lambda pid=pid: cage.status_of(pid, "Seccomp") == 2) and
                    cage.status_of(pid, "NoNewPrivs") == 1 and
                    not any(capabilities(pid).values()) and limit(pid, "Max core file size") == "0"
                    for pid in of.values())
        ours = capabilities(keeper.pid)
        keeps = ours == {"Inh": 0, "Prm": CAP_NET_RAW, "Eff": CAP_NET_RAW, "Bnd": 0, "Amb": 0} and \
            cage.status_of(keeper.pid, "Uid") != 0 and \
            cage.status_of(keeper.pid, "NoNewPrivs") == 1
        keeper.send_signal(signal.SIGTERM)
        output, _ = keeper.communicate(timeout=30)
    return caged and keeps and keeper.returncode == 0 and \
        not any("uncaged" in r["smblame"] for r in cage.records(output))


def refuses_to_watch_without(_):
    with start(preexec_fn=cage.refuse_cages) as keeper:
        output, said = keeper.communicate(timeout=30)
    return keeper.returncode == 1 and not output and b"--without-cage" in said and \
        b"watching" not in said


def watches_without_when_told_to(_):
    """And every record says so."""
    with start("--without-cage", preexec_fn=cage.refuse_cages) as keeper:
        is_up = live.wait_for(keeper.stderr, b"watching")
        keeper.send_signal(signal.SIGTERM)
        output, _ = keeper.communicate(timeout=30)
    read = cage.records(output)
    return is_up and keeper.returncode == 0 and read and \
        all(r["smblame"].get("uncaged") for r in read)


def main():
    if os.geteuid() != 0 or not live.own_network():
        print("skipped: needs root and a network namespace\n0 passed, 0 failed, 1 skipped")
        return shared.SKIPPED
    cage.SMBLAME = str(pathlib.Path(sys.argv[1]).resolve())
    return shared.run_checks((each_is_confined, refuses_to_watch_without,
                              watches_without_when_told_to))


if __name__ == "__main__":
    sys.exit(main())
