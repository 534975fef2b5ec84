#!/usr/bin/env python3
"""Trains LeNet on real digits in PyTorch, as `nativecnn train` does by default, and prints its accuracy as JSON.

SGD with a rate of 0.01, momentum 0.9 and weight decay 5e-4, batches of 64. The last --holdout digits are the test set.
With --start DIR the initial weights and the order of the examples are those that `training-start` wrote there; without,
the weights are PyTorch's own and the order is drawn from the seed. compare_accuracy.py starts this; README.md beside
this file says what it is for.
"""

import argparse
import gzip
import json
import pathlib

import numpy
import torch
from torch import nn

BATCH = 64
# NativeCnn's GreyScale: the mean and the deviation of MNIST's pixels.
MEAN, DEVIATION = 0.1307, 0.3081


def read_idx(folder, ending, header):
    """The values of the one file whose name ends so, gzipped or not, behind a header of so many bytes."""
    path = next(file for file in sorted(folder.iterdir()) if file.name.removesuffix(".gz").endswith(ending))
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return numpy.frombuffer(data, numpy.uint8, offset=header)


def read_digits(folder):
    labels = read_idx(folder, "labels-idx1-ubyte", 8)
    pixels = read_idx(folder, "images-idx3-ubyte", 16).reshape(len(labels), 1, 28, 28)
    images = (pixels.astype(numpy.float32) / 255 - MEAN) / DEVIATION
    return torch.from_numpy(images.astype(numpy.float32)), torch.from_numpy(labels.astype(numpy.int64))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )  # fmt: skip


def read_safetensors(path):
    """The tensors of a file in the order of their data: the parameters in the order of the layers."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = []
    for entry in sorted(header.values(), key=lambda entry: entry["data_offsets"]):
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors.append(numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]))
    return tensors


def set_weights(network, tensors):
    """NativeCnn's parameters, which have the channels last, as PyTorch's, which have them before the pixels."""
    filters1, bias1, filters2, bias2, weights3, bias3, weights4, bias4 = tensors
    converted = [
        filters1.reshape(20, 5, 5, 1).transpose(0, 3, 1, 2), bias1,
        filters2.reshape(50, 5, 5, 20).transpose(0, 3, 1, 2), bias2,
        # The dense layer's inputs are 4 x 4 pixels of 50 channels.
        weights3.reshape(500, 4, 4, 50).transpose(0, 3, 1, 2).reshape(500, 800), bias3,
        weights4.reshape(10, 500), bias4,
    ]  # fmt: skip
    with torch.no_grad():
        for parameter, values in zip(network.parameters(), converted, strict=True):
            parameter.copy_(torch.from_numpy(values.copy()).reshape(parameter.shape))


def main():
    parser = argparse.ArgumentParser(description="Trains LeNet on real digits in PyTorch.")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--holdout", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", type=pathlib.Path, metavar="DIR")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    images, labels = read_digits(arguments.data)
    count = len(labels) - arguments.holdout
    network = lenet()
    order = None
    if arguments.start:
        set_weights(network, read_safetensors(arguments.start / "initial.safetensors"))
        order = numpy.fromfile(arguments.start / "order.bin", "<i4").reshape(arguments.epochs, count)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9, weight_decay=5e-4)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for epoch in range(arguments.epochs):
        permutation = torch.randperm(count) if order is None else torch.from_numpy(order[epoch].astype(numpy.int64))
        total = 0.0
        for batch in permutation.split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(network(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        losses.append(total / count)
    with torch.no_grad():
        right = int((network(images[count:]).argmax(1) == labels[count:]).sum())
    result = {"torch": torch.__version__, "accuracy": right / arguments.holdout, "train_losses": losses}
    print(json.dumps(result))


main()
