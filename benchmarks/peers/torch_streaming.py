#!/usr/bin/env python3
"""Times PyTorch on what `NativeCnn.Benchmarks streaming` measures and prints one JSON object: milliseconds by name.

    torch_streaming.py --threads T [--rounds N]

Medians of each part's forward pass, and of its backward pass where ours is timed with one; the faster of PyTorch's two
memory formats counts. Local contrast normalisation is composed of PyTorch's operations. It is started by
compare_streaming.py.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F

FORMATS = (torch.contiguous_format, torch.channels_last)


def contrast(shape):
    """Subtractive and divisive; the window's sums inside the image are made once, and blurring is separable."""
    row = torch.exp(-(torch.arange(-4.0, 5.0) ** 2) / (2 * 2.25**2))
    down, across = row.view(1, 1, 9, 1), row.view(1, 1, 1, 9)

    def spread(x):
        return F.conv2d(F.conv2d(x, down, padding=(4, 0)), across, padding=(0, 4))

    sums = spread(torch.ones(1, 1, shape[1], shape[2])) * shape[3]

    def blur(x):
        return spread(x.sum(1, keepdim=True)) / sums

    def compute(x):
        v = x - blur(x)
        s = torch.sqrt(blur(v * v))
        return v / torch.maximum(s.mean((2, 3), keepdim=True), s)

    return compute


def batch_norm(shape):
    c = shape[3]
    gamma, beta = torch.rand(c, requires_grad=True), torch.rand(c, requires_grad=True)
    mean, variance = torch.zeros(c), torch.ones(c)
    return lambda x: F.batch_norm(x, mean, variance, gamma, beta, training=True)


def group_norm(groups):
    def case(shape):
        gamma, beta = torch.rand(shape[3], requires_grad=True), torch.rand(shape[3], requires_grad=True)
        return lambda x: F.group_norm(x, groups, gamma, beta)

    return case


def maximum(window, padding=0):
    return lambda _: lambda x: F.max_pool2d(x, window, 2, padding)


def average(window, padding=0):
    return lambda _: lambda x: F.avg_pool2d(x, window, 2, padding, count_include_pad=False)


# Name: N×H×W×C, what makes the function, whether the backward pass is timed.
PARTS = {
    "batch norm 8x56x56x256": ((8, 56, 56, 256), batch_norm, True),
    "batch norm 8x112x112x64": ((8, 112, 112, 64), batch_norm, True),
    "group norm 8x56x56x256, 32 groups": ((8, 56, 56, 256), group_norm(32), True),
    "layer norm 4096x512": ((4096, 1, 1, 512), group_norm(1), True),
    "contrast 9x9, 32x64x64x32": ((32, 64, 64, 32), contrast, True),
    "max 2x2/2 of 4x224x224x64": ((4, 224, 224, 64), maximum(2), False),
    "average 2x2/2 of 4x224x224x64": ((4, 224, 224, 64), average(2), False),
    "max 3x3/2 of 32x55x55x64": ((32, 55, 55, 64), maximum(3), False),
    "average 3x3/2 of 32x55x55x64": ((32, 55, 55, 64), average(3), False),
    "max 3x3/2 of 8x112x112x64": ((8, 112, 112, 64), maximum(3, 1), False),
    "average 3x3/2 of 8x112x112x64": ((8, 112, 112, 64), average(3, 1), False),
}


def time_part(shape, make, has_backward, memory_format, rounds):
    """The median of forward and, perhaps, backward, in milliseconds."""
    n, h, w, c = shape
    x = torch.randn(n, c, h, w).contiguous(memory_format=memory_format)
    x.requires_grad_(has_backward)
    function, gradient, times = make(shape), None, []
    for _ in range(rounds + 2):
        x.grad = None
        # Training keeps places of maxima; PyTorch finds them whether or not somebody asks.
        start = time.perf_counter()
        y = function(x)
        if has_backward:
            gradient = torch.ones_like(y) if gradient is None else gradient
            y.backward(gradient)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[2:])


def main():
    parser = argparse.ArgumentParser(description="Times PyTorch on normalisations and pooling.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    result = {}
    for name, (shape, make, has_backward) in PARTS.items():
        result[name] = min(time_part(shape, make, has_backward, f, arguments.rounds) for f in FORMATS)
    print(json.dumps({"torch": torch.__version__, "milliseconds": result}))


main()
