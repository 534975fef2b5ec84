"""Networks of 1 to 4 layers drawn at random, and how they run."""

import torch

import layers
from layers import Draw, Impossible

NETWORK_INPUT = -1


class Network:
    """A graph: names, layers, and which earlier nodes each reads (−1 is the input)."""

    def __init__(self, shape):
        self.input_shape, self.nodes, self._kinds = shape, [], {}

    def add(self, layer, inputs):
        number = self._kinds[layer.kind] = self._kinds.get(layer.kind, 0) + 1
        self.nodes.append((f"{layer.kind}{number}", layer, inputs))
        return len(self.nodes) - 1

    def values(self):
        """Every parameter and state with its full name, in the order of the layers."""
        return [(f"{name}.{v.name}", v) for name, layer, _ in self.nodes for v in layer.parameters]

    def run(self, x, parameters, training):
        """N×C×H×W in, N×C×H×W out."""
        results = []
        for name, layer, inputs in self.nodes:
            own = {v.name: parameters[f"{name}.{v.name}"] for v in layer.parameters}
            results.append(layer.run([x if i == NETWORK_INPUT else results[i] for i in inputs], own, training))
        return results[-1]

    def architecture(self):
        """What a model file has under `nativecnn`."""
        return {
            "version": 2,
            "name": "golden",
            "inputs": [list(self.input_shape)],
            "outputs": [len(self.nodes) - 1],
            "classes": [],
            "layers": [
                {"name": name, "kind": layer.kind, "inputs": inputs, **layer.options}
                for name, layer, inputs in self.nodes
            ],
        }


class Growth:
    """A network to which layers are added one after the other, each drawn for what is there."""

    def __init__(self, random, most_values):
        self._random, self._most = random, most_values
        self.batch = random.choice([1, 1, 2, 3, 4, 5])
        large = most_values > 20000
        side = lambda: random.choice([1, 2, 3, 4, 5, 6, 7, 8, 11, 13] + [16, 23, 32] * large)
        channels = random.choice([1, 1, 2, 3, 4, 5, 8] + [16, 32, 33] * large)
        self.shape = random.choice([
            lambda: (side(), side(), channels),
            lambda: (side(), side(), channels),
            lambda: (1, random.choice([1, 2, 5, 8, 13, 17, 31]), channels),
            lambda: (1, 1, random.randint(1, 12)),
        ])()
        self.network, self.last = Network(self.shape), NETWORK_INPUT
        self._check(self.shape)

    def draw(self):
        return Draw(self._random, self.batch, self.shape)

    def add(self, layer, inputs=None):
        inputs = [self.last] if inputs is None else inputs
        probe = [torch.randn(2, *self._output(i), dtype=torch.float64) for i in inputs]
        own = {v.name: torch.from_numpy(v.values).double() for v in layer.parameters}
        try:
            (_, c, h, w) = layer.run(probe, own, False).shape
        except (RuntimeError, ValueError) as problem:
            raise Impossible(str(problem)) from problem
        self._check((h, w, c))
        self.shape, self.last = (h, w, c), self.network.add(layer, inputs)
        self._outputs = getattr(self, "_outputs", []) + [(c, h, w)]
        return self.last

    def grow(self):
        """One layer more, or a pair that belongs together."""
        kind = self._random.random()
        if kind < 0.07:
            self.add(layers.border_padding(self.draw()))
            self.add(layers.convolution(self.draw()))
        elif kind < 0.12:
            self.add(layers.subtractive_norm(self.draw()))
            self.add(layers.divisive_norm(self.draw()))
        elif kind < 0.22:
            self._join()
        else:
            self.add(self._random.choice(layers.ALL)(self.draw()))

    def _join(self):
        source, shape = self.last, self.shape
        arms = [source]
        for _ in range(self._random.randint(0, 2)):
            self.last, self.shape = source, shape
            arms.append(self.add(self._random.choice(layers.KEEPING)(self.draw()), [source]))
        if len(arms) == 1:
            arms.append(source)
        self._random.shuffle(arms)
        # What is left out here would leave the network unread.
        arms.sort(key=lambda arm: arm == source)
        if len(arms) == 2 and self._random.random() < 0.6:
            self.add(layers.addition(), arms)
        else:
            self.add(layers.concatenation(len(arms)), arms)

    def _output(self, index):
        (h, w, c) = self.network.input_shape
        return (c, h, w) if index == NETWORK_INPUT else self._outputs[index]

    def _check(self, shape):
        if self.batch * shape[0] * shape[1] * shape[2] > self._most:
            raise Impossible("too large")
