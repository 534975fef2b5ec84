#!/usr/bin/env python3
"""Compares training steps and inference passes with PyTorch's and ONNX Runtime's, alternately in one run.

In every round each side is a process of its own, one after the other: ours, PyTorch in each memory format with each core
type of OpenBLAS, ONNX Runtime. The result of each is checked before it is timed. PyTorch's figure is its best variant.
A ratio is the peer's time divided by ours: above 1 we are faster. README.md beside this file says what is measured.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

from measuring import (
    BUILD, HERE, ROOT, OtherLoad,
    cell, check, default_threads, environment, fail_cleanly, machine, markdown, processor_flags, run_json, say,
)  # fmt: skip

# The batches of docs/performance.md.
BATCHES = {
    "lenet": 64, "alexnet": 32, "vgg11": 4, "vgg13": 4, "vgg16": 4, "vgg19": 4,
    "resnet18": 8, "resnet34": 8, "resnet50": 8, "mobilenet-v2": 16, "resnet20": 128, "resnet56": 128,
}  # fmt: skip
DEFAULT_NETWORKS = "lenet,alexnet,vgg16"
FORMATS = "contiguous,channels_last"

INSTALL_TORCH = (
    "PyTorch is missing, its columns stay empty: run `apt-get install python3-torch` or `pip install torch`, "
    "or name an interpreter that has it with --python"
)
INSTALL_ONNXRUNTIME = (
    "ONNX Runtime is missing, its columns stay empty: run "
    "`npm install --ignore-scripts --prefix build/peers onnxruntime-node@1.30.0`, "
    "or name the folder that holds it with --node-modules"
)


class Ours:
    """NativeCnn, through its command."""

    def __init__(self, threads, seconds, tune):
        self.threads, self.seconds, self.tune = threads, seconds, tune
        self.command = ROOT / ("nativecnn.cmd" if os.name == "nt" else "nativecnn")
        check((ROOT / "artifacts" / "cli").exists(), "NativeCnn is not built: run `./build.sh build`")

    def describe(self, network, image, classes):
        sizes = ["--input", "x".join(map(str, image)), "--classes", classes]
        summary = self._run("summary", "--model", network, *sizes, "--batch", 1, "--json")
        layers = [
            {"parameters": layer["parameters"], "outputs": product(layer["output_shape"])}
            for layer in summary["layers"]
            if layer["parameters"] > 0
        ]
        return {"layers": layers, "parameters": summary["parameters"]}

    def measure(self, network, description):
        # A cache of its own: what was once tuned on this machine does not count unless --tune asks for it.
        cache = BUILD / "tuning.json"
        arguments = ["--batch", BATCHES[network], "--threads", self.threads, "--seconds", self.seconds]
        arguments += ["--json"] + (["--tune", "--tuning-cache", cache] if self.tune else [])
        if description:
            image, classes = "x".join(map(str, description["image"])), description["classes"]
            arguments += ["--image", image, "--classes", classes]
        result = self._run("bench", network, *arguments)
        check(result["threads"] == self.threads, f"{network} ran on {result['threads']} threads")
        check(result["checked_against"], f"the outputs of {network} were not checked")
        check_losses("ours", network, result)
        return result

    def _run(self, *arguments):
        return run_json([self.command, *arguments], environment(self.threads))


class Torch:
    """PyTorch, through torch_network.py; absent where no interpreter has it."""

    def __init__(self, python, threads, seconds, formats, core_types):
        self.threads, self.seconds = threads, seconds
        self.variants = [(memory, core) for memory in formats for core in core_types]
        candidates = [python] if python else [sys.executable, "/usr/bin/python3"]
        self.python = next((candidate for candidate in candidates if has_torch(candidate)), None)
        if self.python is None:
            say(INSTALL_TORCH)

    def describe(self, network):
        return self._run(network, None, "--describe")

    def export(self, network):
        BUILD.mkdir(parents=True, exist_ok=True)
        return self._run(network, None, "--export", BUILD)

    def measure(self, network, variant):
        memory_format, core_type = variant
        arguments = ["--threads", self.threads, "--seconds", self.seconds, "--format", memory_format]
        result = self._run(network, core_type, *arguments)
        check(result["threads"] == self.threads, f"PyTorch ran on {result['threads']} threads")
        check_losses("PyTorch", network, result)
        return result | {"core_type": core_type or "unset"}

    def _run(self, network, core_type, *arguments):
        command = [self.python, HERE / "torch_network.py", network, "--batch", BATCHES[network], *arguments]
        return run_json(command, environment(self.threads, core_type))


class OnnxRuntime:
    """ONNX Runtime, through onnxruntime_network.js; absent where Node.js or its package is."""

    def __init__(self, modules, threads, seconds):
        self.modules, self.threads, self.seconds = modules, threads, seconds
        self.present = shutil.which("node") is not None and (modules / "onnxruntime-node").is_dir()
        if not self.present:
            say(INSTALL_ONNXRUNTIME)

    def measure(self, network, description):
        height, width, channels = description["image"]
        shape = f"{BATCHES[network]}x{channels}x{height}x{width}"
        command = ["node", HERE / "onnxruntime_network.js", BUILD, network, shape, self.threads, self.seconds]
        return run_json(command, environment(self.threads) | {"NODE_PATH": str(self.modules)})


def product(values):
    result = 1
    for value in values:
        result *= value
    return result


def has_torch(python):
    try:
        return subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def check_losses(side, network, result):
    """A step that learns something changes the loss; NaN fails both comparisons."""
    first, last = result["first_loss"], result["last_loss"]
    check(0 < first < float("inf") and 0 < last < float("inf"), f"{side}: the loss of {network} is {first}, then {last}")
    check(first != last, f"{side}: the loss of {network} stays {first}: nothing was trained")


def check_same(network, ours, theirs):
    """Both sides have the same layers: parameters and outputs of each, in the same order."""
    check(
        ours["parameters"] == theirs["parameters"] and ours["layers"] == theirs["layers"],
        f"{network} is not the same network on both sides: {ours} here, {theirs['layers']} in PyTorch",
    )


def run_rounds(network, rounds, ours, torch, onnxruntime, load):
    """All measurements of one network."""
    measured = {"network": network, "batch": BATCHES[network], "ours": [], "torch": [], "onnxruntime": []}
    description = None
    if torch.python:
        description = torch.describe(network)
        check_same(network, ours.describe(network, description["image"], description["classes"]), description)
        measured["parameters"] = description["parameters"]
        if onnxruntime.present:
            torch.export(network)
    for number in range(1, rounds + 1):
        say(f"{network}: round {number} of {rounds}")
        load.look()
        measured["ours"].append(ours.measure(network, description))
        if not torch.python:
            continue
        measured["torch"].append([torch.measure(network, variant) for variant in torch.variants])
        if onnxruntime.present:
            measured["onnxruntime"].append(onnxruntime.measure(network, description))
    for file in BUILD.glob(f"{network}.*"):
        file.unlink()
    return measured


def figures(rounds, key):
    """Median of the rounds' medians and fastest of all, or nothing."""
    if not rounds:
        return None
    return {
        "median_ms": statistics.median(result[key] for result in rounds),
        "fastest_ms": min(result[f"{key}_min"] for result in rounds),
        "p99_ms": statistics.median(result[f"{key}_p99"] for result in rounds),
    }


def best_figures(rounds, key):
    """The same of PyTorch's best variant, for each statistic its own: never to our advantage."""
    variants = [figures(list(results), key) for results in zip(*rounds)]
    return {name: min(variant[name] for variant in variants) for name in variants[0]} if variants else None


def ratios(peer, ours):
    if peer is None:
        return None
    return {"median": peer["median_ms"] / ours["median_ms"], "fastest": peer["fastest_ms"] / ours["fastest_ms"]}


def summarize(measured):
    """The two rows of a network: a training step and an inference pass."""
    rows = []
    for name, key in (("training step", "train_ms"), ("inference", "infer_ms")):
        ours = figures(measured["ours"], key)
        torch = best_figures(measured["torch"], key)
        onnxruntime = figures(measured["onnxruntime"], key) if key == "infer_ms" else None
        rows.append(
            {
                "network": measured["network"],
                "batch": measured["batch"],
                "pass": name,
                "ours": ours,
                "torch": torch,
                "torch_ratio": ratios(torch, ours),
                "onnxruntime": onnxruntime,
                "onnxruntime_ratio": ratios(onnxruntime, ours),
            }
        )
    # The largest of ours, the smallest of PyTorch's variants.
    rows[0]["ours_peak_mb"] = max(result["train_peak_mb"] for result in measured["ours"])
    peaks = [max(r["train_peak_mb"] for r in results) for results in zip(*measured["torch"])]
    rows[0]["torch_peak_mb"] = min(peaks, default=None)
    return rows


HEADER = [
    "network, batch, pass", "ours ms", "p99", "PyTorch ms", "ratio of medians", "of fastest",
    "ONNX Runtime ms", "ratio of medians", "of fastest", "p99", "peak memory, ours MiB", "PyTorch's MiB",
]  # fmt: skip


def table(rows):
    lines = []
    for row in rows:
        line = [f"{row['network']}, {row['batch']}, {row['pass']}", cell(row["ours"]["median_ms"], 2)]
        line.append(cell(row["ours"]["p99_ms"], 2))
        for peer in ("torch", "onnxruntime"):
            figure, ratio = row[peer] or {}, row[f"{peer}_ratio"] or {}
            line += [cell(figure.get("median_ms"), 2), cell(ratio.get("median"), 2), cell(ratio.get("fastest"), 2)]
        line.append(cell((row["onnxruntime"] or {}).get("p99_ms"), 2))
        lines.append(line + [cell(row.get("ours_peak_mb"), 0), cell(row.get("torch_peak_mb"), 0)])
    return markdown(HEADER, lines)


def parse_arguments():
    core_types = "unset,SkylakeX" if "avx512f" in processor_flags() else "unset"
    parser = argparse.ArgumentParser(description="Compares training and inference with PyTorch and ONNX Runtime.")
    parser.add_argument("--networks", default=DEFAULT_NETWORKS, help=f"of {', '.join(BATCHES)} [default: %(default)s]")
    parser.add_argument("--batch", type=int, help="of all networks [default: those of docs/performance.md]")
    parser.add_argument("--rounds", type=int, default=5, help="[default: %(default)s]")
    parser.add_argument("--seconds", type=float, default=3, help="training in a round, inference as long [default: 3]")
    parser.add_argument("--threads", type=int, default=default_threads(), help="on all sides [default: %(default)s]")
    parser.add_argument("--formats", default=FORMATS, help="PyTorch's memory formats [default: %(default)s]")
    parser.add_argument("--core-types", default=core_types, help="PyTorch's OPENBLAS_CORETYPE [default: %(default)s]")
    parser.add_argument("--tune", action="store_true", help="measure our algorithms in the first round, keep the choice")
    parser.add_argument("--python", help="an interpreter that has PyTorch [default: this one, else /usr/bin/python3]")
    parser.add_argument("--node-modules", type=pathlib.Path, default=BUILD / "node_modules", metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every round, instead of the table")
    arguments = parser.parse_args()
    arguments.networks = arguments.networks.split(",")
    if arguments.batch is not None:
        BATCHES.update(dict.fromkeys(BATCHES, arguments.batch))
    for network in arguments.networks:
        if network not in BATCHES:
            parser.error(f"there is no network {network!r}; the networks are {', '.join(BATCHES)}")
    counts = (arguments.rounds, arguments.threads, arguments.batch or 1)
    if min(counts) < 1 or arguments.batch == 0 or not arguments.seconds > 0:
        parser.error("--batch, --rounds, --threads and --seconds are above 0")
    return arguments


def main():
    arguments = parse_arguments()
    threads, seconds = arguments.threads, arguments.seconds
    core_types = [None if name == "unset" else name for name in arguments.core_types.split(",")]
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "tuning.json").unlink(missing_ok=True)
    ours = Ours(threads, seconds, arguments.tune)
    torch = Torch(arguments.python, threads, seconds, arguments.formats.split(","), core_types)
    onnxruntime = OnnxRuntime(arguments.node_modules.resolve(), threads, seconds)
    load = OtherLoad()
    measured = [run_rounds(n, arguments.rounds, ours, torch, onnxruntime, load) for n in arguments.networks]
    rows = [row for network in measured for row in summarize(network)]
    if arguments.json:
        result = {"machine": machine(threads), "rounds": arguments.rounds, "tuned": arguments.tune}
        result["other_processors_busy"] = load.most
        print(json.dumps(result | {"rows": rows, "measured": measured}, indent=1))
    else:
        print(table(rows))
    load.warn()


if __name__ == "__main__":
    fail_cleanly(main)
