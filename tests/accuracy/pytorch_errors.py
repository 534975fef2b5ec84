#!/usr/bin/env python3
"""Writes PyTorch's float32 errors, against its own float64, as the table that RoundingErrorTests compares ours with.

    /usr/bin/python3 tests/accuracy/pytorch_errors.py          writes pytorch_errors.json beside this file

The cases, their sizes and the numbers that they are drawn from are those of tests/NativeCnn.Tests/Backends/RoundingErrorTests.cs,
which has the same generator. Maps are N×H×W×C there; errors do not depend on the order.
"""

import json
import pathlib

import numpy
import torch
import torch.nn.functional as F

# So that the numbers need all digits that float32 has.
DEVIATION = 0.7
KINDS = ("standard", "large mean", "small gradients")


def normal(seed, count):
    """Sums of 12 uniform numbers of 16 bits, less 6: exact in float64. SplitMix64 of a counter, 4 numbers from each."""
    with numpy.errstate(over="ignore"):
        z = (numpy.arange(3 * count, dtype=numpy.uint64) + numpy.uint64(1 + (seed << 40))) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    parts = sum((z >> numpy.uint64(shift)) & numpy.uint64(0xFFFF) for shift in (0, 16, 32, 48))
    return parts.reshape(count, 3).sum(axis=1).astype(numpy.float64) / 65536 - 6


class Numbers:
    """What a case draws: as float32 values, in the wanted type."""

    def __init__(self, kind, dtype):
        self.kind, self.dtype = kind, dtype

    def draw(self, seed, shape, scale, shift):
        values = (shift + scale * normal(seed, int(numpy.prod(shape)))).astype(numpy.float32)
        return torch.from_numpy(values.reshape(shape)).to(self.dtype)

    def input(self, *shape):
        return self.draw(1, shape, DEVIATION, 1000 if self.kind == "large mean" else 0)

    def weights(self, seed, *shape, shift=0):
        return self.draw(seed, shape, 0.1, shift)

    def gradient(self, *shape):
        return self.draw(2, shape, DEVIATION * self.gradient_scale, 0)

    @property
    def gradient_scale(self):
        return 1e-6 if self.kind == "small gradients" else 1


def maps(x):
    """N×H×W×C as PyTorch has it."""
    return x.permute(0, 3, 1, 2).contiguous()


def backward(output, gradient, **leaves):
    """The output, and the gradients of what it was computed from."""
    output.backward(gradient)
    return {"output": output.detach()} | {f"{name} gradient": leaf.grad for name, leaf in leaves.items()}


def leaf(x):
    return x.clone().requires_grad_()


def of_maps(shape, output_shape, function):
    """A case of one input without parameters."""

    def case(numbers):
        x = leaf(maps(numbers.input(*shape)))
        return backward(function(x), maps(numbers.gradient(*output_shape)), input=x)

    return case


def convolution(shape, filters, kernel, stride, padding, output_side):
    def case(numbers):
        x = leaf(maps(numbers.input(*shape)))
        w = leaf(maps(numbers.weights(3, filters, kernel, kernel, shape[3])))
        dy = maps(numbers.gradient(shape[0], output_side, output_side, filters))
        return backward(F.conv2d(x, w, stride=stride, padding=padding), dy, input=x, filter=w)

    return case


def dense(numbers):
    x, w = leaf(numbers.input(16, 512)), leaf(numbers.weights(3, 64, 512))
    return backward(F.linear(x, w), numbers.gradient(16, 64), input=x, weight=w)


def normalisation(shape, function):
    def case(numbers):
        x, c = leaf(maps(numbers.input(*shape))), shape[3]
        gamma, beta = leaf(numbers.weights(3, c, shift=1)), leaf(numbers.weights(4, c))
        return backward(function(x, gamma, beta), maps(numbers.gradient(*shape)), input=x, gamma=gamma, beta=beta)

    return case


def window(like):
    distance = torch.arange(-4, 5, dtype=torch.float64)
    weights = torch.exp(-(distance**2) / (2 * 2.25**2))
    return torch.outer(weights, weights).to(like.dtype)[None, None]


def blur(x):
    """The mean over a 9×9 Gaussian window and all maps; at a border over what is inside."""
    w, ones = window(x), torch.ones(1, 1, *x.shape[2:], dtype=x.dtype)
    return F.conv2d(x.sum(1, keepdim=True), w, padding=4) / (F.conv2d(ones, w, padding=4) * x.shape[1])


def divide(v):
    s = torch.sqrt(blur(v * v))
    return v / torch.maximum(s.mean((2, 3), keepdim=True), s)


def cross_entropy(numbers):
    z = leaf(numbers.input(32, 100))
    losses = F.cross_entropy(z, torch.arange(32) * 7 % 100, reduction="none")
    (losses * numbers.gradient_scale).sum().backward()
    return {"losses": losses.detach(), "gradient": z.grad}


def activation(function):
    return of_maps((1, 1, 1, 4096), (1, 1, 1, 4096), function)


NORMALISED, POOLED, CONTRAST = (8, 14, 14, 16), (2, 15, 15, 16), (2, 16, 16, 8)
CASES = {
    "convolution 3x3": convolution((4, 14, 14, 32), 48, 3, 1, 1, 14),
    "convolution 5x5/2": convolution((4, 15, 15, 16), 24, 5, 2, 0, 6),
    "dense": dense,
    "batch norm": normalisation(NORMALISED, lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True, eps=1e-5)),
    "group norm": normalisation(NORMALISED, lambda x, g, b: F.group_norm(x, 4, g, b, eps=1e-5)),
    "local response norm": of_maps((2, 7, 7, 32), (2, 7, 7, 32), lambda x: F.local_response_norm(x, 5, 1e-4, 0.75, 2.0)),
    "subtractive norm": of_maps(CONTRAST, CONTRAST, lambda x: x - blur(x)),
    "divisive norm": of_maps(CONTRAST, CONTRAST, divide),
    "average pooling": of_maps(POOLED, (2, 7, 7, 16), lambda x: F.avg_pool2d(x, 3, 2)),
    "L2 pooling": of_maps(POOLED, (2, 7, 7, 16), lambda x: torch.sqrt(F.avg_pool2d(x * x, 3, 2))),
    "softmax cross-entropy": cross_entropy,
    "tanh": activation(torch.tanh),
    "scaled tanh": activation(lambda x: 1.7159 * torch.tanh(2 / 3 * x)),
    "logistic": activation(torch.sigmoid),
    "softplus": activation(F.softplus),
    "elu": activation(F.elu),
}


def errors(case, kind):
    exact, rounded = (case(Numbers(kind, dtype)) for dtype in (torch.float64, torch.float32))
    result = {}
    for name, values in exact.items():
        difference = (rounded[name].double() - values).abs()
        largest, mean_square = float(difference.max()), float((difference**2).mean() ** 0.5)
        result[name] = [float(f"{largest:.3g}"), float(f"{mean_square:.3g}")]
    return result


def main():
    torch.set_num_threads(1)
    table = {"torch": torch.__version__}
    table |= {name: {kind: errors(case, kind) for kind in KINDS} for name, case in CASES.items()}
    text = json.dumps(table, indent=1)
    pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")


main()
