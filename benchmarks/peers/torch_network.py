#!/usr/bin/env python3
"""Times PyTorch's training step and inference pass of one network on the CPU, and prints one JSON object.

    torch_network.py NETWORK --batch N --threads T --format contiguous|channels_last [--seconds S]
    torch_network.py NETWORK --batch N --describe       the layers with parameters, without timing anything
    torch_network.py NETWORK --batch N --export DIR     writes NETWORK.onnx with an input and PyTorch's output for it

It is started by compare_networks.py. The networks are those of src/NativeCnn/Models; a step is zero gradients, forward,
softmax cross-entropy, backward, and SGD with momentum 0.9, as in `nativecnn bench`.
"""

import argparse
import json
import math
import pathlib
import statistics
import time

import torch
from torch import nn

WARM_UPS = 3
MIN_RUNS = 5
# As `nativecnn bench`: small, so that random labels do not make the weights grow.
LEARNING_RATE = 1e-3
MOMENTUM = 0.9


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(800, 500), nn.ReLU(inplace=True),
        nn.Linear(500, 10),
    )  # fmt: skip


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(inplace=True),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(inplace=True),
        nn.Linear(4096, 1000),
    )  # fmt: skip


def vgg(convolutions_per_block):
    layers, channels = [], 3
    for maps, convolutions in zip((64, 128, 256, 512, 512), convolutions_per_block):
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, maps, 3, padding=1), nn.ReLU(inplace=True)]
            channels = maps
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *layers,
        nn.Flatten(),
        nn.Linear(512 * 7 * 7, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 1000),
    )  # fmt: skip


def normalized(channels, maps, kernel, stride=1, groups=1):
    """A convolution without bias and batch normalisation, as src/NativeCnn/Models/ResNet.cs has them."""
    convolution = nn.Conv2d(channels, maps, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(maps)]


class Residual(nn.Module):
    """Layers beside a shortcut, which is a 1×1 convolution where the shape changes."""

    def __init__(self, residual, channels, maps, stride):
        super().__init__()
        self.residual = nn.Sequential(*residual)
        is_changed = stride != 1 or channels != maps
        self.shortcut = nn.Sequential(*normalized(channels, maps, 1, stride)) if is_changed else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.residual(x)
        y += self.shortcut(x)
        return self.relu(y)


def basic(channels, maps, stride):
    layers = [*normalized(channels, maps, 3, stride), nn.ReLU(inplace=True), *normalized(maps, maps, 3)]
    return Residual(layers, channels, maps, stride)


def bottleneck(channels, maps, stride):
    layers = [*normalized(channels, maps, 1), nn.ReLU(inplace=True)]
    layers += [*normalized(maps, maps, 3, stride), nn.ReLU(inplace=True), *normalized(maps, 4 * maps, 1)]
    return Residual(layers, channels, 4 * maps, stride)


def resnet(blocks, block, expansion):
    layers = [*normalized(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    return residual_network(layers, 64, blocks, block, expansion, 1000)


def resnet_for_cifar(depth):
    return residual_network([*normalized(3, 16, 3), nn.ReLU(inplace=True)], 16, [(depth - 2) // 6] * 3, basic, 1, 10)


class InvertedResidual(nn.Module):
    """A block of src/NativeCnn/Models/MobileNetV2.cs."""

    def __init__(self, channels, maps, stride, expansion):
        super().__init__()
        width = channels * expansion
        layers = [] if expansion == 1 else [*normalized(channels, width, 1), nn.ReLU6(inplace=True)]
        layers += normalized(width, width, 3, stride, groups=width)
        self.layers = nn.Sequential(*layers, nn.ReLU6(inplace=True), *normalized(width, maps, 1))
        self.is_added = stride == 1 and channels == maps

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.is_added else y


def mobilenet_v2():
    layers, channels = [*normalized(3, 32, 3, 2), nn.ReLU6(inplace=True)], 32
    stages = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
    for maps, blocks, stride in stages:
        for number in range(blocks):
            expansion = 1 if maps == 16 else 6
            layers.append(InvertedResidual(channels, maps, stride if number == 0 else 1, expansion))
            channels = maps
    layers += [*normalized(320, 1280, 1), nn.ReLU6(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Dropout(0.2), nn.Linear(1280, 1000))


def residual_network(layers, maps, blocks, block, expansion, classes):
    channels = maps
    for stage, count in enumerate(blocks):
        for number in range(count):
            layers.append(block(channels, maps << stage, 2 if stage > 0 and number == 0 else 1))
            channels = (maps << stage) * expansion
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


# Name: how to build it, channels × height × width of an example, classes.
NETWORKS = {
    "lenet": (lenet, (1, 28, 28), 10),
    "alexnet": (alexnet, (3, 224, 224), 1000),
    "vgg11": (lambda: vgg((1, 1, 2, 2, 2)), (3, 224, 224), 1000),
    "vgg13": (lambda: vgg((2, 2, 2, 2, 2)), (3, 224, 224), 1000),
    "vgg16": (lambda: vgg((2, 2, 3, 3, 3)), (3, 224, 224), 1000),
    "vgg19": (lambda: vgg((2, 2, 4, 4, 4)), (3, 224, 224), 1000),
    "resnet18": (lambda: resnet((2, 2, 2, 2), basic, 1), (3, 224, 224), 1000),
    "resnet34": (lambda: resnet((3, 4, 6, 3), basic, 1), (3, 224, 224), 1000),
    "resnet50": (lambda: resnet((3, 4, 6, 3), bottleneck, 4), (3, 224, 224), 1000),
    "mobilenet-v2": (mobilenet_v2, (3, 224, 224), 1000),
    "resnet20": (lambda: resnet_for_cifar(20), (3, 32, 32), 10),
    "resnet56": (lambda: resnet_for_cifar(56), (3, 32, 32), 10),
}
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def random_examples(batch, shape):
    """Values of −1 to 1, as `nativecnn bench` draws them."""
    return torch.rand(batch, *shape) * 2 - 1


def describe(network, example):
    """Parameters, outputs and kind of every layer that has parameters, in their order."""
    layers = []

    def record(module, _, output):
        parameters = sum(p.numel() for p in module.parameters())
        layers.append({"parameters": parameters, "outputs": output.numel()})

    # Those that have parameters of their own, in the order in which they compute.
    for module in network.modules():
        if any(True for _ in module.parameters(recurse=False)):
            module.register_forward_hook(record)
    with torch.no_grad():
        network.eval()(example)
    return {"layers": layers, "parameters": sum(p.numel() for p in network.parameters())}


def export(name, network, examples, folder):
    """The network as ONNX, and an input with PyTorch's output, little-endian float32, by which others are checked."""
    network.eval()
    with torch.no_grad():
        outputs = network(examples)
    check_outputs(outputs)
    torch.onnx.export(network, examples, str(folder / f"{name}.onnx"), opset_version=13)
    (folder / f"{name}.input").write_bytes(examples.numpy().astype("<f4").tobytes())
    (folder / f"{name}.output").write_bytes(outputs.numpy().astype("<f4").tobytes())
    return {"torch": torch.__version__, "file": f"{name}.onnx"}


def check_outputs(outputs):
    if not bool(torch.isfinite(outputs).all()) or bool((outputs == outputs.flatten()[0]).all()):
        raise SystemExit("PyTorch's outputs are not finite or all the same")


def check_loss(loss):
    value = float(loss)
    if not (math.isfinite(value) and value > 0):
        raise SystemExit(f"PyTorch's loss is {value}")
    return value


def measure(run, seconds):
    """Times of a run in milliseconds: warm-ups, then at least five runs and so many seconds.

    The median, the fastest, what 99 of 100 did not exceed, and how many there were.
    """
    for _ in range(WARM_UPS):
        run()
    times = []
    start = time.perf_counter()
    while len(times) < MIN_RUNS or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        run()
        times.append((time.perf_counter() - before) * 1e3)
    return statistics.median(times), min(times), sorted(times)[math.ceil(0.99 * len(times)) - 1], len(times)


def peak_megabytes():
    """The largest resident memory that this process has had, in units of 2^20 bytes."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource  # absent on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def time_network(network, examples, labels, seconds):
    optimizer = torch.optim.SGD(network.parameters(), LEARNING_RATE, momentum=MOMENTUM)
    criterion = nn.CrossEntropyLoss()
    last_loss = None

    def step():
        nonlocal last_loss
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(network(examples), labels)
        loss.backward()
        optimizer.step()
        last_loss = loss.detach()

    def infer():
        with torch.inference_mode():
            return network(examples)

    network.train()
    step()
    first_loss = check_loss(last_loss)
    train_median, train_fastest, train_p99, steps = measure(step, seconds)
    last_loss = check_loss(last_loss)
    train_peak = peak_megabytes()
    network.eval()
    check_outputs(infer())
    infer_median, infer_fastest, infer_p99, passes = measure(infer, seconds)
    return {
        "train_ms": train_median,
        "train_ms_min": train_fastest,
        "train_ms_p99": train_p99,
        "train_steps": steps,
        "infer_ms": infer_median,
        "infer_ms_min": infer_fastest,
        "infer_ms_p99": infer_p99,
        "infer_passes": passes,
        "train_peak_mb": train_peak,
        "first_loss": first_loss,
        "last_loss": last_loss,
    }


def main():
    parser = argparse.ArgumentParser(description="Times one network in PyTorch on the CPU.")
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--format", choices=FORMATS, default="contiguous")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--describe", action="store_true")
    parser.add_argument("--export", type=pathlib.Path, metavar="DIR")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    build, shape, classes = NETWORKS[arguments.network]
    network = build()
    if arguments.describe:
        result = describe(network, random_examples(1, shape))
        result |= {"torch": torch.__version__, "image": [shape[1], shape[2], shape[0]], "classes": classes}
    elif arguments.export:
        examples = random_examples(arguments.batch, shape)
        result = export(arguments.network, network, examples, arguments.export)
    else:
        memory_format = FORMATS[arguments.format]
        examples = random_examples(arguments.batch, shape).contiguous(memory_format=memory_format)
        labels = torch.randint(0, classes, (arguments.batch,))
        result = time_network(network.to(memory_format=memory_format), examples, labels, arguments.seconds)
        result |= {"torch": torch.__version__, "threads": torch.get_num_threads(), "format": arguments.format}
    print(json.dumps(result))


main()
