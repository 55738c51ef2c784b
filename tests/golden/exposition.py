#!/usr/bin/env python3
"""Is this the text format of Prometheus, version 0.0.4? Reads what PROGRAM prints, and texts that
are wrong in one way each, which it has to notice.

    exposition.py PROGRAM

Ends with `N passed, N failed`."""
import re
import subprocess
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(\{{(?:{LABEL}(?:,{LABEL})*,?)?\}})? (\S+)(?: (-?\d+))?")
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN")
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Reading:
    """What was read so far: families with HELP and TYPE, and the series of each."""

    def __init__(self):
        self.help, self.type, self.series, self.faults = set(), {}, set(), []
        self.family, self.closed = None, set()

    def enter(self, name, where):
        """A family's lines come as one group."""
        if name == self.family:
            return
        if name in self.closed:
            self.faults.append(f"{where}: {name} goes on after another family")
        self.closed.add(self.family)
        self.family = name

    def comment(self, line, where):
        word, name, rest = (line.split(" ", 3) + ["", "", ""])[1:4]
        if word not in ("HELP", "TYPE"):
            return
        self.enter(name, where)
        if not re.fullmatch(NAME, name):
            self.faults.append(f"{where}: no name: {name!r}")
        if word == "HELP":
            if name in self.help or not rest:
                self.faults.append(f"{where}: {name} is explained twice, or by nothing")
            self.help.add(name)
        elif name in self.type or rest not in TYPES:
            self.faults.append(f"{where}: {name} has a second type, or none that there is")
        else:
            self.type[name] = rest

    def sample(self, line, where):
        found = SAMPLE.fullmatch(line)
        if not found:
            self.faults.append(f"{where}: no sample: {line!r}")
            return
        name, labels, value, _ = found.groups()
        self.enter(name, where)
        if name not in self.type or name not in self.help:
            self.faults.append(f"{where}: {name} has no TYPE or no HELP before it")
        if not VALUE.fullmatch(value):
            self.faults.append(f"{where}: no number: {value!r}")
        if (self.type.get(name) == "counter") != name.endswith("_total"):
            self.faults.append(f"{where}: a counter is called ..._total and nothing else is")
        keys = [pair.split("=")[0] for pair in re.findall(LABEL, labels or "")]
        series = (name, tuple(sorted(re.findall(LABEL, labels or ""))))
        if series in self.series or len(keys) != len(set(keys)):
            self.faults.append(f"{where}: {line!r} is there twice")
        self.series.add(series)


def faults(text):
    """What is wrong with a text, and how many series it has."""
    reading = Reading()
    if not text.endswith("\n"):
        reading.faults.append("the last line does not end")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        if line.startswith("#"):
            reading.comment(line, number)
        elif line:
            reading.sample(line, number)
    reading.faults += [f"{name} has a type and no help" for name in reading.type
                       if name not in reading.help]
    return reading.faults, len(reading.series)


GOOD = '# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 5\na_total{x="\\"\\\\\\n"} 1e3\n'
WRONG = [
    GOOD[:-1], GOOD.replace("# TYPE a_total counter\n", ""), GOOD.replace(" 5", " five"),
    GOOD.replace("# HELP a_total A.\n", ""), GOOD.replace("counter", "count"),
    GOOD.replace("a_total", "a"), GOOD.replace("counter", "gauge"), GOOD + 'a_total{x="1"} 6\n',
    GOOD.replace('{x="1"}', "{x=1}"), GOOD.replace('{x="1"}', '{x="1",x="2"}'),
    GOOD.replace('"1"', '"\\t"'), GOOD.replace('"1"', '"1'), GOOD.replace(" 5", ""),
    GOOD.replace("a_total{", "1_total{"), GOOD + "# HELP b B.\n# TYPE b gauge\nb 1\na_total 7\n",
    GOOD + "# TYPE a_total counter\n", GOOD + "# HELP a_total A.\n", GOOD.replace(" 5", "  5"),
]


def main():
    text = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    found, series = faults(text)
    for fault in found:
        print(fault)
    results = [not found and series > 50, not faults(GOOD)[0]]
    for wrong in WRONG:
        results.append(bool(faults(wrong)[0]))
        if not results[-1]:
            print("not noticed:", repr(wrong))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
