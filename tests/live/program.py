"""A run of `smblame -i`: what it says and when, its processes and what they use. Knows the command
line and /proc, nothing of the inside."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

READY = b"watching"
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    """Process -> its name, of a process and all that came of it."""
    parents, names = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:]
            if rest[0] not in "ZX":
                parents[int(entry.name)], names[int(entry.name)] = int(rest.split()[1]), name
    found = {pid} & set(names)
    while True:
        more = {one for one, parent in parents.items() if parent in found} - found
        if not more:
            return {one: names[one] for one in sorted(found)}
        found |= more


def cpu_seconds(pid):
    """User and system time, of all threads: exact where the scheduler keeps it, else by ticks."""
    try:
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9
    except OSError:
        pass
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid, what="VmHWM"):
    """The most a process had in memory (VmHWM), or has now (VmRSS)."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{what}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def ceiling_mb(smblame, *arguments):
    """The most the analysis can take, as -V says it."""
    said = subprocess.run([smblame, *arguments, "-V"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return sum(float(number) for number in re.findall(r"at most (\d+) MB", said))


class Live:
    """smblame with `arguments`, started by the words in `before`. Lines of standard output are kept
    as (nanoseconds when they came, line)."""

    def __init__(self, smblame, *arguments, before=(), stdout=subprocess.PIPE, is_read=True):
        self.process = subprocess.Popen([*before, smblame, *map(str, arguments)],
                                        stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.PIPE)
        self.pid, self.lines, self.notes = self.process.pid, [], []
        self.parsed, self.by_dataset, self.broken, self.parsed_lines = [], {}, [], 0
        self.condition = threading.Condition()
        self.threads = []
        self.read(self.read_notes)
        if stdout == subprocess.PIPE and is_read:
            self.read()

    def read(self, reader=None):
        """From now on standard output is read, if it was not."""
        self.threads.append(threading.Thread(target=reader or self.read_lines, daemon=True))
        self.threads[-1].start()

    def read_lines(self):
        for line in self.process.stdout:
            with self.condition:
                self.lines.append((time.time_ns(), line))
                self.condition.notify_all()

    def read_notes(self):
        for line in self.process.stderr:
            with self.condition:
                self.notes.append(line)
                self.condition.notify_all()

    def wait(self, is_so, seconds=10.0):
        """Whether `is_so()` became true, which is asked whenever a line came, and now and then."""
        end = time.monotonic() + seconds
        with self.condition:
            while not (truth := is_so()) and time.monotonic() < end:
                self.condition.wait(0.02)
            return truth

    def ready(self, seconds=20.0):
        """Whether it watches; what it said in vain goes to our output."""
        began = self.wait(lambda: any(READY in note for note in self.notes)
                          or self.process.poll() is not None, seconds)
        if not began or self.process.poll() is not None:
            print(self.said(), end="")
            return False
        time.sleep(0.1)
        return True

    def said(self):
        """Standard error so far."""
        return b"".join(self.notes).decode("utf-8", "replace")

    def records(self, dataset=None):
        """Records so far, of one dataset or of all. Each line is parsed once; one that is none is
        among the broken."""
        for _, line in self.lines[self.parsed_lines:]:
            if not line.endswith(b"\n"):
                break
            self.parsed_lines += 1
            try:
                record = json.loads(line)
            except ValueError:
                self.broken.append(line)
                continue
            self.parsed.append(record)
            name = record["event"]["dataset"].removeprefix("smblame.")
            self.by_dataset.setdefault(name, []).append(record)
        return self.by_dataset.get(dataset, []) if dataset else self.parsed

    def arrivals(self):
        """(nanoseconds when it came, record) of each."""
        with self.condition:
            return [(when, json.loads(line)) for when, line in self.lines]

    def processes(self):
        """Process -> its name: keeper (the one that was started), watch, speak."""
        names = {}
        for pid, name in children(self.pid).items():
            word = next((word for word in ("watch", "speak") if word in name), name)
            names[pid] = "keeper" if pid == self.pid else word
        return names

    def of(self, name):
        """The processes of a name."""
        return [pid for pid, one in self.processes().items() if one == name]

    def cpu(self):
        """Name -> user and system seconds so far, of all processes of a name."""
        found = {}
        for pid, name in self.processes().items():
            found[name] = found.get(name, 0.0) + cpu_seconds(pid)
        return found

    def memory(self, what="VmHWM"):
        """Name -> MB, the largest of each name."""
        found = {}
        for pid, name in self.processes().items():
            found[name] = max(found.get(name, 0.0), memory_mb(pid, what))
        return found

    def stop(self, number=signal.SIGTERM, seconds=10.0):
        """(exit status or None, seconds it took); whoever does not end in time is killed."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
            self.kill()
        took = time.monotonic() - began
        for thread in self.threads:
            thread.join(5)
        return status, took

    def kill(self):
        for pid in children(self.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def stats(self):
        """What the last statistics record says, and whether it is the last record of all."""
        records, found = self.records(), self.records("stats")
        is_last = bool(found) and found[-1] is records[-1]
        return (found[-1]["smblame"]["stats"] if found else {}), is_last


class Tally:
    """What passed and what failed, told as it happens."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, is_good, what):
        self.passed, self.failed = self.passed + bool(is_good), self.failed + (not is_good)
        print(f"{'ok' if is_good else 'FAILED':7}{what}", flush=True)
        return is_good

    def end(self):
        """The last line, and the exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
