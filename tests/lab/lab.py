"""The laboratory as a whole: brings up the network and the servers a set of cases needs, plays
each."""
import sys
import time
import traceback
from functools import partial
from pathlib import Path

import case_accounts
import case_domain
import case_files
import case_refusals
import case_sessions
import case_story
import case_wire
import incidents
from net import LabError, Network, sh
from samba import Controller, Member, Standalone
from scene import Incident, Scene
from stage import CASES, Stage

MODULES = (case_accounts, case_refusals, case_sessions, case_domain, case_files, case_wire,
           case_story, incidents)


class Lab:
    """Servers are started when the first case asks for them."""

    def __init__(self, work):
        sh("mount", "-t", "tmpfs", "none", "/run")
        for path in ("/run/netns", "/run/samba"):
            Path(path).mkdir()
        self.network = Network(work)
        self.network.up()
        self.servers = {}

    @property
    def standalone(self):
        return self.servers["cap01"]

    @property
    def controller(self):
        return self.servers["dc01"]

    def need(self, name):
        if name in self.servers:
            return
        if name == "mem01":
            self.need("dc01")
        self.network.need(name)
        make = {"dc01": Controller, "mem01": Member}.get(name, partial(Standalone, name=name))
        self.servers[name] = make(self.network)

    def down(self):
        for server in self.servers.values():
            server.stop()


def chosen(wanted):
    names = [name for name in CASES
             if not wanted or any(name == w or name.startswith(w + "/") for w in wanted)]
    if not names:
        raise LabError(f"no such case: {' '.join(wanted)}")
    return names


def play(work, wanted, out):
    """Plays the cases and returns the exit code."""
    failures, laboratory = [], Lab(work)
    try:
        for name in chosen(wanted):
            function, what, source, server = CASES[name]
            began = time.monotonic()
            stage = (Scene if isinstance(function, Incident) else Stage)(laboratory, name)
            try:
                for one in server.split():
                    laboratory.need(one)
                function(stage)
                target = stage.finish(what, source, out)
                size = (target / "input.pcap").stat().st_size
                print(f"{name:34} {len(stage.truth['logons']):3} logons {size:7} bytes "
                      f"{time.monotonic() - began:5.1f} s", flush=True)
            except Exception as error:
                stage.stop()
                failures.append(name)
                if not isinstance(error, LabError):
                    traceback.print_exc()
                print(f"{name:34} FAILED: {error}", file=sys.stderr, flush=True)
    finally:
        laboratory.down()
    if failures:
        print(f"failed: {' '.join(failures)}", file=sys.stderr)
    return 1 if failures else 0
