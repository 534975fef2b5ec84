#!/usr/bin/python3
"""Writes a folder of cases with PyTorch's results: generate.py --seed S --cases N --out DIR [--largest KB].

Debian's python3-torch is enough. A case is one safetensors file; docs/testing.md describes it. The same seed gives the
same bytes on one machine and PyTorch. Everything is computed in float64 from values that float32 holds exactly, and
rounded to float32 at the end, so that the reference is sharper than what is compared with it.

A draw is thrown away and drawn anew where its results are not finite, or where rounding alone changes them by more than
1024 roundings (rounding.py): beside a kink, where the gradient is that of either side, and where Adam, RMSProp or
Adagrad divide a gradient that is nothing but rounding by itself, as the one of a bias before batch normalisation; and
where all of a result, squares of small values for one, lies outside of the numbers of float32.
Dropout is left out: its masks are the library's own.
"""

import argparse
import json
import os
import random

import numpy
import torch

import containers
import learning
import networks
import rounding
from layers import Draw, Impossible, dense, radial_basis

STEPS = 5
SAMPLES = 3
ATTEMPTS = 500


class Case:
    """A network, its values, and what is learned."""

    def __init__(self, chance, most_values):
        growth = networks.Growth(chance, most_values)
        for _ in range(chance.choice([1, 1, 2, 2, 3, 3, 4])):
            growth.grow()
        d = growth.draw()
        (h, w, c) = growth.shape
        self.loss, self.count, self.targets = learning.draw_loss(d, growth.batch, growth.shape)
        kinds = [layer.kind for _, layer, _ in growth.network.nodes]
        # Softmax cross-entropy takes the softmax itself, and refuses another before it.
        ends_in_softmax = [kind for kind in kinds if kind != "flatten"][-1:] == ["softmax"]
        if self.loss["kind"] in learning.CLASS_LOSSES and (h * w > 1 or c < 2 or ends_in_softmax):
            output = radial_basis if d.chance(0.15) else dense
            growth.add(output(growth.draw(), d.random.randint(2, 6)))
            self.loss, self.count, self.targets = learning.draw_loss(d, growth.batch, growth.shape)
        self.network, self.batch = growth.network, growth.batch
        self.values = self.network.values()
        if sum(v.values.size for _, v in self.values) > most_values:
            raise Impossible("too many parameters")
        # At times small, and at times far from 0, where means and variances cancel.
        scale, mean = d.pick((1, 0), (1, 0), (1, 0), (0.01, 0), (1, 30))
        self.input = d.normal(self.batch, *self.network.input_shape, scale=scale, around=mean)
        self.penalties = learning.draw_penalties(d, self.values)
        self.optimizer = learning.draw_optimizer(d)
        self.factors = learning.draw_factors(d, self.values)
        self.clipping = learning.draw_clipping(d)

    def compute(self, noise):
        """Every result, as float64 arrays in the layout of the case."""
        with noise:
            start = {n: torch.from_numpy(v.values).double() * noise.factors(v.values.shape) for n, v in self.values}
            x = torch.from_numpy(self.input).double().permute(0, 3, 1, 2).contiguous()
            x = (x * noise.factors(x.shape)).requires_grad_()
            with torch.no_grad():
                results = {"inference": self._back(self.network.run(x, start, False))}
            parameters = self._copy(start)
            output, loss, penalty = self._forward(x, parameters)
            (loss + penalty).backward()
            results["output"], results["loss"] = self._back(output), loss.detach()[None]
            if self.penalties:
                results["penalty"] = penalty.detach()[None]
            results["gradients.input"] = self._back(x.grad)
            for name, value in self.values:
                if not value.is_state:
                    gradient = parameters[name].grad
                    results[f"gradients.{name}"] = torch.zeros_like(start[name]) if gradient is None else gradient
            parameters = self._copy(start)
            self._train(x.detach(), parameters)
            results.update({f"after.{name}": parameters[name].detach() for name, _ in self.values})
        return {name: result.numpy().copy() for name, result in results.items()}

    def tensors(self, results):
        """Those of the file: vectors of parameters have one size, all else four."""
        given = {"input": self.input, "targets": self.targets}
        given.update({f"parameters.{name}": v.values for name, v in self.values})
        shapes = {name: v.values.shape for name, v in self.values}
        stored = {}
        for name, value in {**given, **results}.items():
            own = name.split(".", 1)[1] if "." in name else ""
            if shapes.get(own, ())[:3] == (1, 1, 1):
                value = value.reshape(-1)
            stored[name] = value.astype(numpy.float32)
        return stored

    def description(self, units, origin):
        case = {"version": 1, "origin": origin, "loss": self.loss, "count": self.count, "penalties": self.penalties}
        case.update(optimizer=self.optimizer, factors=self.factors, clipping=self.clipping, steps=STEPS)
        case["units"] = {name: float(f"{unit:.3g}") for name, unit in units.items()}
        if self.count == self.batch:
            del case["count"]
        return {name: value for name, value in case.items() if value not in ([], {}, None)}

    def _forward(self, x, parameters):
        output = self.network.run(x, parameters, True)
        loss = learning.evaluate_loss(self.loss, output, self.targets, self.count)
        return output, loss, learning.evaluate_penalties(self.penalties, self.values, parameters)

    def _train(self, x, parameters):
        trained = [(name, parameters[name]) for name, value in self.values if not value.is_state]
        if not trained:
            for _ in range(STEPS):
                self._forward(x, parameters)
            return
        optimizer = learning.create_optimizer(self.optimizer, self.factors, trained)
        for _ in range(STEPS):
            for _, p in trained:
                p.grad = torch.zeros_like(p)
            _, loss, penalty = self._forward(x, parameters)
            (loss + penalty).backward()
            if self.clipping:
                learning.clip(self.clipping, [p for _, p in trained])
            optimizer.step()

    def _copy(self, start):
        return {n: start[n].clone().requires_grad_(not v.is_state) for n, v in self.values}

    @staticmethod
    def _back(x):
        return x.detach().permute(0, 2, 3, 1)


def make(seed, index, most_values):
    """A case that rounding does not spoil, with its results and their units."""
    for attempt in range(ATTEMPTS):
        chance = random.Random(f"{seed}/{index}/{attempt}")
        try:
            case = Case(chance, most_values)
        except Impossible:
            continue
        truth = case.compute(rounding.Exact())
        if not all(numpy.isfinite(value).all() for value in truth.values()):
            continue
        noises = [rounding.Noise(chance.getrandbits(32)) for _ in range(SAMPLES)]
        units = rounding.units(truth, [case.compute(noise) for noise in noises])
        if all(noise.stays_in_range for noise in noises) and rounding.is_well_conditioned(truth, units):
            return case, truth, units
    raise RuntimeError(f"no case {index} of seed {seed} in {ATTEMPTS} draws")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--largest", type=int, default=60, help="the values of one case in kB (default 60)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(options.out, exist_ok=True)
    most_values = options.largest * 1024 // 4 // 4
    digits = len(str(options.cases - 1))
    for index in range(options.cases):
        for redraw in range(ATTEMPTS):
            case, truth, units = make(f"{options.seed}.{redraw}", index, most_values)
            tensors = case.tensors(truth)
            if containers.size(tensors) <= options.largest * 1024:
                break
        kinds = [layer.kind for _, layer, _ in case.network.nodes]
        origin = f"PyTorch {torch.__version__} in float64, generate.py --seed {options.seed}, case {index}"
        metadata = {
            "format": "nativecnn.golden",
            "nativecnn": json.dumps(case.network.architecture(), separators=(",", ":")),
            "golden": json.dumps(case.description(units, origin), separators=(",", ":")),
        }
        name = f"{options.seed}-{index:0{digits}}-{'-'.join(kinds[:3])}.safetensors"
        containers.write(os.path.join(options.out, name), tensors, metadata)


if __name__ == "__main__":
    main()
