"""What rounding to float32 does to each result of a case: measured, not guessed.

A computation in float64 is repeated with every value that an operation of PyTorch returns, forward, backward and in
the optimiser, and every parameter and input multiplied by 1 + u·2⁻²⁰, u uniform in [−1, 1]: as float32 would round it,
but 16 times as coarsely, so that a kink nearby (ReLU at 0, a tie of two maxima) shows. By how much a result then
differs, divided by 16, is its unit: cancellation and long sums are in it, and 1 unit is what float32 cannot help.
"""

import numpy
import torch
from torch.utils._python_dispatch import TorchDispatchMode

# What float32 holds with all its digits.
SMALLEST, LARGEST = 2.0**-126, 2.0**127
COARSENESS = 16
SIZE = COARSENESS * 2.0**-24
HALF_ROUNDING = 2.0**-24


class Noise(TorchDispatchMode):
    """Rounds, at random, what every operation returns."""

    def __init__(self, seed):
        super().__init__()
        self._random = numpy.random.RandomState(seed)
        self.stays_in_range = True

    def factors(self, shape):
        u = self._random.uniform(-1, 1, tuple(shape))
        return torch.from_numpy(numpy.asarray(1 + SIZE * u))

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        results = function(*arguments, **(options or {}))
        # Memory that nobody has written yet holds anything.
        if "empty" in function._schema.name:
            return results
        writes = function._schema.name.endswith("_")
        known = set() if writes else {
            a.storage().data_ptr() for a in arguments if isinstance(a, torch.Tensor) and a.numel()
        }
        for result in results if isinstance(results, (tuple, list)) else (results,):
            if isinstance(result, torch.Tensor) and result.dtype == torch.float64 and result.numel():
                # A view is no new value; what is expanded has one value in many places.
                if result.storage().data_ptr() not in known and 0 not in result.stride():
                    largest = float(result.abs().max())
                    self.stays_in_range &= largest == 0 or SMALLEST <= largest <= LARGEST
                    result.mul_(self.factors(result.shape))
        return results


class Exact:
    """Rounds nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def factors(self, shape):
        return 1.0


def units(truth, samples):
    """The unit of every tensor: by how much its worst value differs, at least the rounding of its largest."""
    result = {}
    for name, value in truth.items():
        worst = max(numpy.abs(sample[name] - value).max() for sample in samples) / COARSENESS
        result[name] = max(float(worst), float(numpy.abs(value).max()) * HALF_ROUNDING)
    return result


def is_well_conditioned(truth, unit, limit=1024):
    """Whether no tensor is lost to rounding, as behind a kink or where Adam divides a gradient by itself that is 0."""
    def largest(kind):
        return max((numpy.abs(v).max() for n, v in truth.items() if n.startswith(kind)), default=0.0)

    for name, value in truth.items():
        if not numpy.isfinite(value).all():
            return False
        kind = name.split(".")[0]
        # A gradient that is 0 in truth, as that of a bias before batch normalisation, is judged by the others.
        scale = largest("gradients") if kind == "gradients" else numpy.abs(value).max()
        if kind == "after":
            scale = max(scale, 1e-2)
        if scale > 1e4 or unit[name] > limit * HALF_ROUNDING * max(scale, 1e-6):
            return False
    return True
