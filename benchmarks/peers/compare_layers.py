#!/usr/bin/env python3
"""Compares single convolutions with oneDNN's, layer by layer and pass by pass, alternately in one run.

For each layer the rounds alternate a process of ours, which computes natively, by oneDNN through the backend and by the
backend that chooses, and oneDNN's own program; all check their results first. A ratio is the program's fastest time divided
by ours: above 1 we are faster. README.md beside this file says what is measured.
"""

import argparse
import json
import os
import shutil
import subprocess

from measuring import (
    BUILD, HERE, ROOT, OtherLoad,
    cell, check, default_threads, environment, fail_cleanly, geometric_mean, machine, markdown, run_json, say,
)  # fmt: skip

ALGORITHMS = ("im2col", "planner")
# The backends that choose by themselves: oneDNN through ours, and whichever of the two is predicted to be faster.
BACKENDS = ("onednn", "auto")
PASSES = ("forward", "backward-data", "backward-filter")
SIZES = ("batch", "size", "channels", "filters", "kernel", "stride", "padding", "groups")

INSTALL_ONEDNN = (
    "oneDNN could not be compiled against, its columns stay empty: run `apt-get install g++ libdnnl-dev` "
    "(CXX names another compiler)"
)


class Ours:
    """NativeCnn, through the command `layers` of its benchmarks."""

    def __init__(self, threads, seconds, tune):
        self.threads, self.seconds, self.tune = threads, seconds, tune
        built = ROOT / "benchmarks" / "NativeCnn.Benchmarks" / "bin" / "Release" / "net10.0" / "NativeCnn.Benchmarks.dll"
        check(built.exists(), "the benchmarks are not built: run `./build.sh build`")
        self.command = ["dotnet", "exec", built, "layers"]

    def layers(self, names):
        return self._run(*names, "--list")["layers"]

    def measure(self, layer, backends):
        """Times by algorithm or backend, and pass."""
        arguments = ["--threads", self.threads, "--seconds", self.seconds, "--algorithms", *ALGORITHMS]
        arguments += ["--backend", "native", *backends, *(["--tune"] if self.tune else [])]
        result = self._run(layer["layer"], *arguments)
        return {(time["algorithm"], time["pass"]): time for time in result["layers"][0]["times"]}

    def _run(self, *arguments):
        return run_json([*self.command, *arguments, "--json"], environment(self.threads))


class OneDnn:
    """oneDNN, through onednn_layers.cpp; absent where that cannot be compiled."""

    def __init__(self, threads, seconds):
        self.threads, self.seconds = threads, seconds
        self.program = BUILD / "onednn_layers"
        self.version = None
        self.present = self._compile()
        if not self.present:
            say(INSTALL_ONEDNN)

    def measure(self, layer):
        command = [self.program, self.seconds, *(layer[size] for size in SIZES)]
        result = run_json(command, environment(self.threads))
        self.version = result["onednn"]
        return result

    def _compile(self):
        candidates = (os.environ.get("CXX"), "g++", "clang++", "c++")
        compiler = next((name for name in candidates if name and shutil.which(name)), None)
        if compiler is None:
            return False
        BUILD.mkdir(parents=True, exist_ok=True)
        source = HERE / "onednn_layers.cpp"
        command = [compiler, "-O2", "-std=c++17", source, "-o", self.program, "-ldnnl"]
        compiled = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        errors = [line for line in compiled.stderr.splitlines() if "error" in line]
        if compiled.returncode != 0 and errors:
            say(errors[0])
        return compiled.returncode == 0


def measure_layer(layer, rounds, ours, onednn, load):
    """One row for each pass: the fastest times over the rounds, and every round."""
    mine, theirs = [], []
    for number in range(1, rounds + 1):
        say(f"{layer['layer']}: round {number} of {rounds}")
        load.look()
        mine.append(ours.measure(layer, BACKENDS if onednn.present else ()))
        if onednn.present:
            theirs.append(onednn.measure(layer))
    return [row_of(layer, name, mine, theirs) for name in PASSES]


def row_of(layer, pass_name, mine, theirs):
    peer = min((result[pass_name]["ms_min"] for result in theirs), default=None)
    row = {"layer": layer["layer"], "pass": pass_name, "gflop": 2e-9 * layer["multiply_adds"], "onednn_ms": peer}
    row["onednn_rounds"] = [result[pass_name] for result in theirs]
    for algorithm in ALGORITHMS:
        times = [result[algorithm, pass_name] for result in mine]
        fastest = min(time["ms_min"] for time in times)
        row[algorithm] = {"ms": fastest, "chosen": times[0]["chosen"], "rounds": times}
        row[algorithm]["ratio"] = peer / fastest if peer else None
    return row | (through_backends(row, pass_name, mine, theirs) if theirs else {})


def through_backends(row, pass_name, mine, theirs):
    """What the backend costs over oneDNN's program, both copying the filters, and the choice over the better of two."""
    copied = min(result[pass_name]["copied_ms_min"] for result in theirs)
    times = {name: [result[name, pass_name] for result in mine] for name in BACKENDS}
    backend, auto = (min(time["ms_min"] for time in times[name]) for name in BACKENDS)
    return {
        "copied_ms": copied,
        "backend": {
            "ms": backend,
            "cost": backend / copied,
            "chosen": times["onednn"][0]["chosen"],
            "rounds": times["onednn"],
        },
        "auto": {
            "ms": auto,
            "of_better": auto / min(backend, row["planner"]["ms"]),
            "chosen": times["auto"][0]["chosen"],
            "rounds": times["auto"],
        },
    }


def means(rows):
    """Geometric means of the ratios over the layers: for each pass, and over all passes."""
    result = {}
    for algorithm in ALGORITHMS:
        for name in (*PASSES, "all"):
            ratios = [row[algorithm]["ratio"] for row in rows if name in ("all", row["pass"])]
            result.setdefault(algorithm, {})[name] = geometric_mean(ratios)
    for name in (*PASSES, "all"):
        chosen = [row for row in rows if name in ("all", row["pass"])]
        result.setdefault("backend_cost", {})[name] = geometric_mean([row["backend"]["cost"] for row in chosen])
        result.setdefault("auto_of_better", {})[name] = geometric_mean([row["auto"]["of_better"] for row in chosen])
    return result


HEADER = ["layer, pass", "oneDNN ms", "GFLOP/s", "im2col ms", "ratio", "planner ms", "GFLOP/s", "ratio", "the planner's choice"]
HEADER += ["oneDNN and copy ms", "through the backend ms", "cost", "auto ms", "to the better", "auto's choice"]


def table(rows, averages):
    lines = []
    for row in rows:
        im2col, planner = row["im2col"], row["planner"]
        lines.append(
            [
                f"{row['layer']}, {row['pass']}",
                cell(row["onednn_ms"], 3),
                cell(speed(row, row["onednn_ms"]), 0),
                cell(im2col["ms"], 3),
                cell(im2col["ratio"], 2),
                cell(planner["ms"], 3),
                cell(speed(row, planner["ms"]), 0),
                cell(planner["ratio"], 2),
                planner["chosen"],
                *backend_cells(row),
            ]
        )
    for name in (*PASSES, "all") if averages else ():
        label = "all passes" if name == "all" else name
        means_of = [f"**{averages[algorithm][name]:.2f}**" for algorithm in ALGORITHMS]
        costs = [f"**{averages[what][name]:.2f}**" for what in ("backend_cost", "auto_of_better")]
        ratios = ["", "", "", means_of[0], "", "", means_of[1], "", "", "", costs[0], "", costs[1], ""]
        lines.append([f"**geometric mean, {label}**", *ratios])
    return markdown(HEADER, lines)


def backend_cells(row):
    if "backend" not in row:
        return [""] * 6
    backend, auto = row["backend"], row["auto"]
    return [
        cell(row["copied_ms"], 3), cell(backend["ms"], 3), cell(backend["cost"], 2),
        cell(auto["ms"], 3), cell(auto["of_better"], 2), auto["chosen"],
    ]  # fmt: skip


def speed(row, milliseconds):
    """GFLOP/s, counted as direct convolution."""
    return None if milliseconds is None else row["gflop"] / milliseconds * 1e3


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compares single convolutions with oneDNN's.")
    parser.add_argument("layers", nargs="*", help="names of NamedLayers.cs [default: those that are compared]")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each pass in a round [default: %(default)s]")
    parser.add_argument("--threads", type=int, default=default_threads(), help="on both sides [default: %(default)s]")
    parser.add_argument("--tune", action="store_true", help="the backend that chooses measures instead of predicting")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every round, instead of the table")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.threads < 1 or not arguments.seconds > 0:
        parser.error("--rounds, --threads and --seconds are above 0")
    return arguments


def main():
    arguments = parse_arguments()
    ours = Ours(arguments.threads, arguments.seconds, arguments.tune)
    onednn = OneDnn(arguments.threads, arguments.seconds)
    rows, load = [], OtherLoad()
    for layer in ours.layers(arguments.layers):
        rows += measure_layer(layer, arguments.rounds, ours, onednn, load)
    averages = means(rows) if onednn.present else None
    if arguments.json:
        result = {"machine": machine(arguments.threads), "onednn": onednn.version, "rounds": arguments.rounds}
        result["other_processors_busy"] = load.most
        print(json.dumps(result | {"geometric_means": averages, "rows": rows}, indent=1))
    else:
        print(table(rows, averages))
    load.warn()


if __name__ == "__main__":
    fail_cleanly(main)
