#!/usr/bin/env python3
"""Compares normalisations and pooling with PyTorch's, alternately in one run, and with streaming their tensors.

README.md beside this file says what is measured. A ratio to PyTorch is its median time divided by ours: above 1 we are
faster.
"""

import argparse
import json
import statistics
import subprocess

from measuring import HERE, ROOT, OtherLoad, cell, default_threads, environment, fail_cleanly, machine, markdown, run_json, say

ASSEMBLY = ROOT / "benchmarks/NativeCnn.Benchmarks/bin/Release/net10.0/NativeCnn.Benchmarks.dll"


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compares normalisations and pooling with PyTorch's.")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument("--runs", type=int, default=15, help="of each part in a round [default: %(default)s]")
    parser.add_argument("--threads", type=int, default=default_threads(), help="on both sides [default: %(default)s]")
    parser.add_argument("--python", default="python3", help="an interpreter with PyTorch [default: %(default)s]")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every round, instead of the table")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.runs < 1 or arguments.threads < 1:
        parser.error("--rounds, --runs and --threads are above 0")
    return arguments


def has_torch(python):
    return subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def measure(arguments, load):
    """What each round measured: ours as our benchmark prints it, PyTorch's milliseconds by name."""
    sizes = ["--threads", arguments.threads, "--rounds", arguments.runs]
    rounds, peer = [], {"torch": None, "milliseconds": {}}
    is_there = has_torch(arguments.python)
    if not is_there:
        say(f"{arguments.python} has no PyTorch: its columns stay empty")
    for _ in range(arguments.rounds):
        load.look()
        ours = run_json(["dotnet", ASSEMBLY, "streaming", "--json", *sizes], environment(arguments.threads))
        if is_there:
            peer = run_json([arguments.python, HERE / "torch_streaming.py", *sizes], environment(arguments.threads))
        rounds.append({"ours": ours, "torch": peer["milliseconds"]})
    return rounds, peer["torch"]


def summarise(rounds):
    """The medians over the rounds."""
    rows = []
    for place, first in enumerate(rounds[0]["ours"]):
        name, own = first["Name"], [r["ours"][place] for r in rounds]
        time = statistics.median(o["Time"] for o in own)
        passes = [o["Time"] / o["Passes"] for o in own if o["Passes"] > 0]
        torch = [r["torch"][name] for r in rounds if name in r["torch"]]
        row = {"name": name, "ms": time, "to_streaming": statistics.median(o["Time"] / o["Streaming"] for o in own)}
        row["to_passes"] = statistics.median(passes) if passes else None
        row["torch_ms"] = statistics.median(torch) if torch else None
        row["torch_ratio"] = row["torch_ms"] / time if torch else None
        rows.append(row)
    return rows


def table(rows):
    header = ["what", "ms", "to streaming", "to its passes", "PyTorch's ms", "PyTorch's ÷ ours"]
    columns = (("ms", 2), ("to_streaming", 2), ("to_passes", 2), ("torch_ms", 2), ("torch_ratio", 1))
    return markdown(header, [[row["name"]] + [cell(row[key], digits) for key, digits in columns] for row in rows])


def main():
    arguments = parse_arguments()
    load = OtherLoad()
    rounds, version = measure(arguments, load)
    rows = summarise(rounds)
    if arguments.json:
        result = {"machine": machine(arguments.threads), "torch": version, "rows": rows, "rounds": rounds}
        print(json.dumps(result | {"other_processors_busy": load.most}, indent=1))
    else:
        print(table(rows))
    load.warn()


if __name__ == "__main__":
    fail_cleanly(main)
