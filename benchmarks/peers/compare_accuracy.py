#!/usr/bin/env python3
"""Compares the accuracy that LeNet reaches on real digits with PyTorch's, over several seeds.

For each seed three trainings: `nativecnn train`, PyTorch from the same initial weights in the same order of examples,
and PyTorch from its own initial weights. Only accuracies count, so the machine may be busy. README.md beside this file
says more.
"""

import argparse
import csv
import json
import pathlib
import statistics
import sys
import tempfile

from compare_networks import INSTALL_TORCH, has_torch
from measuring import (
    HERE, ROOT, cell, check, default_threads, environment, fail_cleanly, machine, markdown, run_json, say,
)  # fmt: skip

# How far the training losses of the first epoch may be apart, as a share: rounding alone makes some millionths of the
# first step, other weights or another order some hundredths.
SAME_START = 0.005


class Trainings:
    """The three sides, each in processes of its own."""

    def __init__(self, arguments, python, folder):
        self.arguments, self.python, self.folder = arguments, python, folder
        self.environment = environment(arguments.threads)

    def run(self, seed):
        ours = self._ours(seed)
        self._write_start(seed)
        same = self._torch(seed, "--start", self.folder)
        first, theirs = ours["train_losses"][0], same["train_losses"][0]
        check(
            abs(first - theirs) <= SAME_START * first,
            f"seed {seed}: the first epoch's training loss is {first} here and {theirs} in PyTorch: not the same start",
        )
        return {"seed": seed, "ours": ours, "torch_same_start": same, "torch_own_start": self._torch(seed)}

    def _ours(self, seed):
        arguments, out = self.arguments, self.folder / "out"
        command = [ROOT / "nativecnn", "train", "--data", f"mnist:{arguments.data}", "--holdout", arguments.holdout]
        command += ["--epochs", arguments.epochs, "--seed", seed, "--threads", arguments.threads]
        result = run_json([*command, "--out", out / str(seed), "--json"], self.environment)
        with open(result["history"], newline="") as file:
            losses = [float(row["train_loss"]) for row in csv.DictReader(file)]
        return {"accuracy": result["test_accuracy"], "train_losses": losses}

    def _write_start(self, seed):
        project = ROOT / "benchmarks" / "NativeCnn.Benchmarks"
        program = project / "bin" / "Release" / "net10.0" / "NativeCnn.Benchmarks.dll"
        check(program.exists(), "the benchmarks are not built: run `./build.sh build`")
        command = ["dotnet", "exec", program, "training-start", self.folder, "--seed", seed]
        run_json([*command, "--examples", self.arguments.examples, "--epochs", self.arguments.epochs], self.environment)

    def _torch(self, seed, *more):
        arguments = self.arguments
        command = [self.python, HERE / "torch_accuracy.py", arguments.data, "--holdout", arguments.holdout, *more]
        command += ["--epochs", arguments.epochs, "--seed", seed, "--threads", arguments.threads]
        return run_json(command, self.environment)


def summarize(name, results):
    """Mean and standard deviation over the seeds, and each, in per cent."""
    percent = [100 * result["accuracy"] for result in results]
    return {
        "side": name,
        "mean": statistics.mean(percent),
        "deviation": statistics.stdev(percent) if len(percent) > 1 else None,
        "lowest": min(percent),
        "highest": max(percent),
    }


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compares LeNet's accuracy on real digits with PyTorch's.")
    parser.add_argument("data", type=pathlib.Path, help="the folder of MNIST's IDX files, gzipped or not")
    parser.add_argument("--examples", type=int, default=8000, help="training digits [default: %(default)s]")
    parser.add_argument("--holdout", type=int, default=2000, help="the last digits, for testing [default: %(default)s]")
    parser.add_argument("--epochs", type=int, default=10, help="[default: %(default)s]")
    parser.add_argument("--seeds", type=int, default=5, help="1 to this [default: %(default)s]")
    parser.add_argument("--threads", type=int, default=default_threads(), help="on all sides [default: %(default)s]")
    parser.add_argument("--python", help="an interpreter that has PyTorch [default: this one, else /usr/bin/python3]")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every seed")
    arguments = parser.parse_args()
    for name in ("examples", "holdout", "epochs", "seeds", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} is above 0")
    arguments.data = arguments.data.resolve()
    if not arguments.data.is_dir():
        parser.error(f"there is no folder {arguments.data}")
    return arguments


def main():
    arguments = parse_arguments()
    candidates = [arguments.python] if arguments.python else [sys.executable, "/usr/bin/python3"]
    python = next((candidate for candidate in candidates if has_torch(candidate)), None)
    check(python is not None, INSTALL_TORCH.replace(", its columns stay empty", ""))
    check((ROOT / "artifacts" / "cli").exists(), "NativeCnn is not built: run `./build.sh build`")
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        trainings = Trainings(arguments, python, pathlib.Path(folder))
        for seed in range(1, arguments.seeds + 1):
            say(f"seed {seed} of {arguments.seeds}")
            runs.append(trainings.run(seed))
    rows = [
        summarize("NativeCnn", [run["ours"] for run in runs]),
        summarize("PyTorch, the same initial weights and order", [run["torch_same_start"] for run in runs]),
        summarize("PyTorch, its own initial weights and order", [run["torch_own_start"] for run in runs]),
    ]
    if arguments.json:
        print(json.dumps({"machine": machine(arguments.threads), "rows": rows, "runs": runs}, indent=1))
        return
    header = ["accuracy in %", "mean", "standard deviation", "lowest", "highest"]
    columns = ("mean", "deviation", "lowest", "highest")
    print(markdown(header, [[row["side"]] + [cell(row[column], 2) for column in columns] for row in rows]))


if __name__ == "__main__":
    fail_cleanly(main)
