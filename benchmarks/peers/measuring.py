"""What both comparisons share: starting a process and reading its JSON, statistics over rounds, the table, the machine."""

import json
import math
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
# Ignored by git: compiled peers, exported networks, the npm package of ONNX Runtime.
BUILD = ROOT / "build" / "peers"

CORE_TYPE = "OPENBLAS_CORETYPE"


class ComparisonError(Exception):
    """One line for the user: what is wrong, and the remedy."""


def say(text):
    """Progress goes to standard error, so that standard output holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def environment(threads, core_type=None):
    """The environment of a measured process: its threads, and OpenBLAS's core type named or absent."""
    result = dict(os.environ, OMP_NUM_THREADS=str(threads))
    result.pop(CORE_TYPE, None)
    if core_type:
        result[CORE_TYPE] = core_type
    return result


def run_json(command, env):
    """Runs a process that prints one JSON value on standard output; nothing else of ours runs meanwhile."""
    command = [str(part) for part in command]
    process = subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines() or ["no message"]
        end = process.returncode
        reason = f"ended by {signal.Signals(-end).name}" if end < 0 else f"exit code {end}: {lines[-1]}"
        raise ComparisonError(f"`{' '.join(command)}`: {reason}")
    try:
        return json.loads(process.stdout)
    except json.JSONDecodeError as error:
        raise ComparisonError(f"`{' '.join(command)}` printed no JSON: {error}") from error


def check(condition, message):
    """Stops the comparison unless a condition holds: figures of a wrong result mean nothing."""
    if not condition:
        raise ComparisonError(message)


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))


def processor_flags():
    """What the processor says it can do; empty where the system does not tell."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    found = re.search(r"^flags\s*: (.*)$", text, re.MULTILINE)
    return set(found[1].split()) if found else set()


def processor_name():
    try:
        found = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def default_threads():
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine(threads):
    """Where the figures come from."""
    return {"processor": processor_name(), "system": platform.platform(), "threads": threads}


class OtherLoad:
    """Watches what other processes take between ours: who waits at barriers, as OpenMP's peers do, loses most by it."""

    LIMIT = 0.3

    def __init__(self):
        self.most = None

    def look(self, seconds=0.3):
        """Measures now, while none of our processes runs; does nothing where the system does not tell."""
        before = self._busy_seconds()
        if before is None:
            return
        time.sleep(seconds)
        busy = (self._busy_seconds() - before) / seconds
        self.most = max(self.most or 0, busy)

    def warn(self):
        if self.most is not None and self.most > self.LIMIT:
            say(
                f"Other processes kept up to {self.most:.1f} processors busy between the rounds: these ratios are not to be trusted, "
                "peers that use OpenMP lose more by it than we do"
            )

    @staticmethod
    def _busy_seconds():
        try:
            fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        except OSError:
            return None
        user, nice, system = (int(field) for field in fields[:3])
        return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def cell(value, digits):
    """A number for the table; empty where there is none."""
    return "" if value is None else f"{value:,.{digits}f}"


def markdown(header, rows):
    """A table whose first column is text and whose others are numbers."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1)] + rows
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fail_cleanly(run):
    """Runs a program; what the user can mend is one line and exit code 1, an interruption is exit code 130."""
    try:
        run()
    except ComparisonError as error:
        say(f"{pathlib.Path(sys.argv[0]).name}: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
