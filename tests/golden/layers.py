"""Layers drawn at random: what a model file says of one, its parameters, and the same by PyTorch.

Values inside are N×C×H×W, as PyTorch has them; parameters are as model files have them, filters O×K_h×K_w×C and
dense weights O×H×W×C, and are turned where they are used. Each function takes a `Draw` and returns a `Layer`; it
raises `Impossible` where the shape does not suit it.
"""

import math

import numpy
import torch
import torch.nn.functional as F


class Impossible(Exception):
    """What was drawn does not fit; draw again."""


class Layer:
    """One layer: its JSON, its parameters in order, and a function of (input tensors, parameters, training)."""

    def __init__(self, kind, options, run, parameters=(), inputs=1):
        self.kind, self.options, self.run, self.inputs = kind, options, run, inputs
        self.parameters = list(parameters)


class Value:
    """A parameter as the layer calls it: `role` is trained or state, `penalised` what L1 and L2 are on."""

    def __init__(self, name, values, penalised=False, is_state=False):
        self.name, self.values, self.penalised, self.is_state = name, values, penalised, is_state


def single(value):
    """The float32 nearest to a number, which JSON then holds exactly."""
    return float(numpy.float32(value))


class Draw:
    """Chance, and the shape that the next layer reads."""

    def __init__(self, random, batch, shape):
        self.random, self.batch, self.shape = random, batch, shape
        self._values = numpy.random.RandomState(random.getrandbits(32))

    def normal(self, *sizes, scale=1.0, around=0.0):
        return (around + scale * self._values.standard_normal(sizes)).astype(numpy.float32)

    def uniform(self, low, high, *sizes):
        return self._values.uniform(low, high, sizes).astype(numpy.float32)

    def constant(self, low, high):
        return single(self.random.uniform(low, high))

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *choices):
        return self.random.choice(choices)

    def size(self, largest, *preferred):
        """A size from 1, often a small one, at times the largest."""
        choices = [s for s in (preferred or (1, 2, 3, 3, 5)) if s <= largest]
        return largest if not choices or self.chance(0.12) else self.random.choice(choices)

    def padding(self, largest_down, largest_across, share=0.6):
        """Top, left, bottom, right."""
        if not self.chance(share):
            return [0, 0, 0, 0]
        if self.chance(0.4):
            down, across = self.random.randint(0, largest_down), self.random.randint(0, largest_across)
            return [down, across, down, across]
        return [self.random.randint(0, m) for m in (largest_down, largest_across, largest_down, largest_across)]


def pad(x, padding, **mode):
    top, left, bottom, right = padding
    return F.pad(x, (left, right, top, bottom), **mode) if any(padding) or mode else x


def outputs(size, before, after, kernel, dilation, stride):
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1


def windows(d):
    """Kernel, stride, dilation, padding and output size of a convolution."""
    (h, w, _) = d.shape
    padding = d.padding(2, 2) if h > 1 else [0, *d.padding(0, 2)[1::2][:1], 0, d.random.randint(0, 2)]
    kernel, dilation, stride = [], [], []
    for size, before, after in ((h, padding[0], padding[2]), (w, padding[1], padding[3])):
        kernel.append(d.size(min(size + before + after, 7)))
        room = (size + before + after - 1) // max(kernel[-1] - 1, 1)
        dilation.append(d.random.randint(1, max(1, min(room, 3))) if d.chance(0.3) else 1)
        stride.append(d.pick(1, 1, 1, 2, 2, 3, kernel[-1], kernel[-1] + 1))
    out = [
        outputs(size, padding[i], padding[i + 2], kernel[i], dilation[i], stride[i]) for i, size in enumerate((h, w))
    ]
    if min(out) < 1:
        raise Impossible
    return kernel, stride, dilation, padding, out


def groups_of(d, channels):
    divisors = [g for g in range(1, channels + 1) if channels % g == 0]
    return d.random.choice(divisors) if d.chance(0.5) else 1


def table_of(d, channels, filters):
    return [sorted(d.random.sample(range(channels), d.random.randint(1, channels))) for _ in range(filters)]


def convolution(d):
    (_, _, c) = d.shape
    kernel, stride, dilation, padding, out = windows(d)
    groups = groups_of(d, c)
    filters = groups * d.random.randint(1, max(1, 6 // groups))
    bias = d.pick("none", "map", "map", "unit")
    rotated = d.chance(0.3)
    table = table_of(d, c, filters) if groups == 1 and d.chance(0.3) else None
    options = dict(filters=filters, kernel=kernel, stride=stride, dilation=dilation, padding=padding, groups=groups)
    options["bias"] = bias != "none"
    if bias == "unit":
        options["bias_per_unit"] = True
    if rotated:
        options["rotated"] = True
    if table is not None:
        options["table"] = table
    fan = kernel[0] * kernel[1] * c // groups
    # Weights outside of the table have values too, which count as 0.
    values = [Value("weight", d.normal(filters, *kernel, c // groups, scale=1 / math.sqrt(fan)), penalised=True)]
    if bias != "none":
        shape = (1, *out, filters) if bias == "unit" else (1, 1, 1, filters)
        values.append(Value("bias", d.normal(*shape, scale=0.3)))
    mask = None
    if table is not None:
        mask = torch.zeros(filters, 1, 1, c, dtype=torch.float64)
        for o, row in enumerate(table):
            mask[o, 0, 0, row] = 1

    def run(inputs, parameters, training):
        weight = parameters["weight"] if mask is None else parameters["weight"] * mask
        weight = weight.permute(0, 3, 1, 2)
        if rotated:
            weight = weight.flip(2, 3)
        y = F.conv2d(pad(inputs[0], padding), weight, None, stride, 0, dilation, groups)
        return y if bias == "none" else y + parameters["bias"].permute(0, 3, 1, 2)

    return Layer("convolution", options, run, values)


def transposed_convolution(d):
    (h, w, c) = d.shape
    kernel = [d.size(3), d.size(4)]
    stride, dilation = [d.pick(1, 2, 3), d.pick(1, 2)], [d.pick(1, 1, 2), d.pick(1, 1, 2)]
    if h == 1 and d.chance(0.7):
        kernel[0] = stride[0] = dilation[0] = 1
    groups = groups_of(d, c)
    filters = groups * d.random.randint(1, max(1, 4 // groups))
    output_padding = [d.random.randint(0, s - 1) if d.chance(0.4) else 0 for s in stride]
    padding = d.padding(1, 1)
    full = [(s - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 for i, s in enumerate((h, w))]
    if any(full[i] - padding[i] - padding[i + 2] < 1 for i in (0, 1)):
        raise Impossible
    has_bias = d.chance(0.7)
    options = dict(filters=filters, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    options.update(output_padding=output_padding, groups=groups, bias=has_bias)
    scale = 1 / math.sqrt(kernel[0] * kernel[1] * c // groups)
    values = [Value("weight", d.normal(c, *kernel, filters // groups, scale=scale), penalised=True)]
    if has_bias:
        values.append(Value("bias", d.normal(1, 1, 1, filters, scale=0.3)))

    def run(inputs, parameters, training):
        weight = parameters["weight"].permute(0, 3, 1, 2)
        x = inputs[0]
        y = F.conv_transpose2d(x, weight, None, stride, 0, output_padding, groups, dilation)
        top, left, bottom, right = padding
        y = y[:, :, top:y.shape[2] - bottom, left:y.shape[3] - right]
        return y + parameters["bias"].permute(0, 3, 1, 2) if has_bias else y

    return Layer("transposed-convolution", options, run, values)


def map_combination(d):
    (_, _, c) = d.shape
    kernel, stride, dilation, padding, _ = windows(d)
    maps, rotated, has_bias = d.random.randint(1, 5), d.chance(0.5), d.chance(0.7)
    options = dict(maps=maps, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    options.update(rotated=rotated, bias=has_bias)
    values = [
        Value("weight", d.normal(c, *kernel, 1, scale=1 / math.sqrt(kernel[0] * kernel[1])), penalised=True),
        Value("combination", d.normal(maps, 1, 1, c)),
    ]
    if has_bias:
        values.append(Value("bias", d.normal(1, 1, 1, maps, scale=0.3)))

    def run(inputs, parameters, training):
        weight = parameters["weight"].permute(0, 3, 1, 2)
        if rotated:
            weight = weight.flip(2, 3)
        filtered = F.conv2d(pad(inputs[0], padding), weight, None, stride, 0, dilation, c)
        shares = torch.softmax(parameters["combination"][:, 0, 0, :], 1)
        y = torch.einsum("ji,nihw->njhw", shares, filtered)
        return y + parameters["bias"].permute(0, 3, 1, 2) if has_bias else y

    return Layer("map-combination", options, run, values)


def border_padding(d):
    (h, w, _) = d.shape
    kind, mode = d.pick(
        ("zero-padding", "constant"), ("reflection-padding", "reflect"), ("replication-padding", "replicate")
    )
    down, across = (min(2, h - 1), min(2, w - 1)) if mode == "reflect" else (2, 2)
    padding = d.padding(down, across, share=1)
    return Layer(kind, dict(padding=padding), lambda x, p, t: pad(x[0], padding, mode=mode))


def activation(d):
    kind = d.pick(
        "identity", "logistic", "tanh", "scaled-tanh", "relu", "leaky-relu", "softplus", "elu", "absolute",
        "smooth-absolute", "gain", "clipped-relu",
    )
    alpha, beta, options = 1.0, 1.0, {}
    if kind in ("leaky-relu", "elu", "gain"):
        options["alpha"] = alpha = d.pick(single(0.02), d.constant(-1.5, 1.5))
    if kind == "scaled-tanh":
        options["alpha"] = alpha = d.pick(single(1.7159), d.constant(-2, -0.3))
        options["beta"] = beta = d.pick(single(2 / 3), d.constant(-1.5, 1.5))
    if kind == "logistic":
        options["beta"] = beta = d.constant(-3, 3)
    if kind in ("softplus", "smooth-absolute"):
        options["beta"] = beta = d.pick(1.0, d.constant(0.2, 12), d.constant(-12, -0.2))
    if kind == "clipped-relu":
        options["alpha"] = alpha = d.pick(6.0, d.constant(0.2, 2))
    zero = torch.zeros((), dtype=torch.float64)

    def run(inputs, parameters, training):
        x = inputs[0]
        return {
            "identity": lambda: x * 1,
            "logistic": lambda: torch.sigmoid(beta * x),
            "tanh": lambda: torch.tanh(x),
            "scaled-tanh": lambda: alpha * torch.tanh(beta * x),
            "relu": lambda: F.relu(x),
            "leaky-relu": lambda: F.leaky_relu(x, alpha),
            "softplus": lambda: torch.logaddexp(zero, beta * x) / beta,
            "elu": lambda: torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0))),
            "absolute": lambda: torch.abs(x),
            "smooth-absolute": lambda: 2 / beta * torch.logaddexp(zero, beta * x) - x - 2 / beta * math.log(2),
            "gain": lambda: alpha * x,
            "clipped-relu": lambda: F.hardtanh(x, 0, alpha),
        }[kind]()

    return Layer(kind, options, run)


def prelu(d):
    shared, start = d.chance(0.5), d.pick(0.25, single(-0.3))
    slopes = d.normal(1, 1, 1, 1 if shared else d.shape[2], scale=0.5)
    options = dict(shared=shared, initial_slope=start)
    values = [Value("slope", slopes, penalised=True)]
    return Layer("prelu", options, lambda x, p, t: F.prelu(x[0], p["slope"].reshape(-1)), values)


def learned_gain(d):
    gains = d.normal(1, 1, 1, d.shape[2], scale=0.5, around=1)
    return Layer(
        "learned-gain", {}, lambda x, p, t: x[0] * p["gain"].permute(0, 3, 1, 2), [Value("gain", gains, penalised=True)]
    )


def gaussian_means(x, size, sigma):
    """The mean over window and maps, where what falls outside of the image is dropped and the rest renormalised."""
    reach = torch.arange(size, dtype=torch.float64) - size // 2
    line = torch.exp(-reach**2 / (2 * sigma**2))
    kernel = torch.outer(line, line)[None, None]
    inside = F.conv2d(torch.ones(1, 1, *x.shape[2:], dtype=torch.float64), kernel, padding=size // 2)
    return F.conv2d(x.sum(1, keepdim=True), kernel, padding=size // 2) / (inside * x.shape[1])


def subtractive_norm(d):
    size, sigma = d.pick(1, 3, 5, 9), d.constant(0.5, 3)
    return Layer(
        "subtractive-norm", dict(size=size, sigma=sigma), lambda x, p, t: x[0] - gaussian_means(x[0], size, sigma)
    )


def divisive_norm(d):
    size, sigma = d.pick(1, 3, 5, 9), d.constant(0.5, 3)
    constant = d.pick(0.0, 0.0, d.constant(0.2, 2))

    def run(inputs, parameters, training):
        v = inputs[0]
        s = torch.sqrt(gaussian_means(v * v, size, sigma))
        floor = s.mean((1, 2, 3), keepdim=True) if constant == 0 else torch.full_like(s, constant)
        return v / torch.maximum(s, floor.expand_as(s))

    return Layer("divisive-norm", dict(size=size, sigma=sigma, constant=constant), run)


def brightness_norm(d):
    kappa, lam = d.constant(0.3, 2), d.pick(0.0, d.constant(0.1, 2), d.constant(0.1, 2))
    mu = d.pick(0.5, d.constant(-1, 2))
    return Layer(
        "brightness-norm",
        {"kappa": kappa, "lambda": lam, "mu": mu},
        lambda x, p, t: x[0] / (kappa + lam * (x[0] * x[0]).sum(1, keepdim=True)) ** mu,
    )


def local_response_norm(d):
    size = d.pick(1, 2, 3, 5, 5, d.shape[2], d.shape[2] + 3)
    alpha, k = d.pick(single(1e-4), d.constant(0.1, 3)), d.pick(1.0, d.constant(0.5, 2))
    beta = d.pick(0.75, 0.5, d.constant(0.1, 2))
    options = dict(size=size, alpha=alpha, beta=beta, k=k)
    return Layer("local-response-norm", options, lambda x, p, t: F.local_response_norm(x[0], size, alpha, beta, k))


def pooling(d):
    kind = d.pick("max-pooling", "average-pooling", "l2-pooling")
    (h, w, _) = d.shape
    ceil = d.chance(0.4)
    window = [d.size(min(s, 7), 1, 2, 2, 3, 3, 5) for s in (h, w)]
    stride = [d.pick(window[i], window[i], 1, 2, 3, window[i] + 1) for i in (0, 1)]
    # PyTorch pads both sides alike, at most half a window; other paddings are composed, without ceil mode.
    own = ceil or d.chance(0.3)
    if own:
        half = [m // 2 for m in window]
        down, across = d.random.randint(0, half[0]), d.random.randint(0, half[1])
        padding = [down, across, down, across]
    else:
        padding = d.padding(window[0] - 1, window[1] - 1)
    count = kind != "max-pooling" and d.chance(0.5)
    options = dict(window=window, stride=stride, padding=padding)
    if ceil:
        options["ceil_mode"] = True
    if kind != "max-pooling":
        options["count_padding"] = count

    def mean(x):
        if own:
            return F.avg_pool2d(x, window, stride, padding[:2], ceil, count)
        y = F.avg_pool2d(pad(x, padding), window, stride)
        return y if count else y / F.avg_pool2d(pad(torch.ones_like(x), padding), window, stride)

    def run(inputs, parameters, training):
        x = inputs[0]
        if kind == "average-pooling":
            return mean(x)
        if kind == "l2-pooling":
            return torch.sqrt(mean(x * x))
        if own:
            return F.max_pool2d(x, window, stride, padding[:2], 1, ceil)
        return F.max_pool2d(pad(x, padding, mode="constant", value=-math.inf), window, stride)

    return Layer(kind, options, run)


def adaptive_pooling(d):
    (h, w, _) = d.shape
    output = d.pick([1, 1], [d.size(h), d.size(w)], [d.random.randint(1, h + 1), d.random.randint(1, w + 1)])
    if d.chance(0.5):
        return Layer("adaptive-max-pooling", dict(output=output), lambda x, p, t: F.adaptive_max_pool2d(x[0], output))
    return Layer("adaptive-average-pooling", dict(output=output), lambda x, p, t: F.adaptive_avg_pool2d(x[0], output))


def skipping(d):
    step = [d.pick(1, 2, 3), d.pick(1, 2, 3, d.shape[1] + 1)]
    return Layer("skipping", dict(step=step), lambda x, p, t: x[0][:, :, ::step[0], ::step[1]])


def subsampling(d):
    (h, w, c) = d.shape
    block = [d.random.choice([n for n in range(1, s + 1) if s % n == 0]) for s in (h, w)]
    pixels = block[0] * block[1]
    values = [
        Value("coefficient", d.normal(1, 1, 1, c, scale=0.7 / math.sqrt(pixels)), penalised=True),
        Value("bias", d.normal(1, 1, 1, c, scale=0.3)),
    ]

    def run(inputs, parameters, training):
        sums = F.avg_pool2d(inputs[0], block) * pixels
        return sums * parameters["coefficient"].permute(0, 3, 1, 2) + parameters["bias"].permute(0, 3, 1, 2)

    return Layer("subsampling", dict(block=block), run, values)


def up_sampling(d):
    kind = d.pick("nearest-up-sampling", "zero-insertion", "average-unpooling")
    factor = [d.pick(1, 2, 3), d.pick(1, 2, 3)]
    block = (torch.zeros if kind == "zero-insertion" else torch.ones)(factor, dtype=torch.float64)
    block[0, 0] = 1
    if kind == "average-unpooling":
        block = block / (factor[0] * factor[1])
    return Layer(kind, dict(factor=factor), lambda x, p, t: torch.kron(x[0].contiguous(), block[None, None]))


def dense(d, units=None):
    (h, w, c) = d.shape
    units, has_bias = units or d.random.randint(1, 9), d.chance(0.8)
    values = [Value("weight", d.normal(units, h, w, c, scale=1 / math.sqrt(h * w * c)), penalised=True)]
    if has_bias:
        values.append(Value("bias", d.normal(1, 1, 1, units, scale=0.3)))

    def run(inputs, parameters, training):
        y = torch.einsum("nchw,uhwc->nu", inputs[0], parameters["weight"])[:, :, None, None]
        return y + parameters["bias"].permute(0, 3, 1, 2) if has_bias else y

    return Layer("dense", dict(units=units, bias=has_bias), run, values)


def flatten(d):
    return Layer("flatten", {}, lambda x, p, t: x[0].permute(0, 2, 3, 1).reshape(x[0].shape[0], -1, 1, 1))


def softmax(d):
    def run(inputs, parameters, training):
        x = inputs[0]
        return torch.softmax(x.reshape(x.shape[0], -1), 1).reshape(x.shape)

    return Layer("softmax", {}, run)


def radial_basis(d, units=None):
    (h, w, c) = d.shape
    units, learned, negated = units or d.random.randint(1, 6), d.chance(0.7), d.chance(0.5)
    centres = d.normal(units, h, w, c, scale=1 / math.sqrt(h * w * c))

    def run(inputs, parameters, training):
        centre = parameters["centre"].permute(0, 3, 1, 2)
        y = ((inputs[0][:, None] - centre[None]) ** 2).sum((2, 3, 4))[:, :, None, None]
        return -y if negated else y

    options = dict(units=units, digit_codes=False, learned=learned, negated=negated)
    return Layer("radial-basis", options, run, [Value("centre", centres, is_state=not learned)])


def scale_and_shift(d):
    c = d.shape[2]
    return [
        Value("gamma", d.normal(1, 1, 1, c, scale=0.3, around=1), penalised=True),
        Value("beta", d.normal(1, 1, 1, c, scale=0.3)),
    ]


def batch_norm(d):
    (h, w, c) = d.shape
    if d.batch * h * w < 3:
        raise Impossible
    momentum, epsilon = d.pick(single(0.1), 1.0, d.constant(0, 1)), d.pick(single(1e-5), single(1e-3))
    values = scale_and_shift(d) + [
        Value("mean", d.normal(1, 1, 1, c, scale=0.3), is_state=True),
        Value("variance", numpy.exp(d.normal(1, 1, 1, c, scale=0.5)), is_state=True),
    ]

    def run(inputs, parameters, training):
        mean, variance = parameters["mean"].reshape(-1), parameters["variance"].reshape(-1)
        gamma, beta = parameters["gamma"].reshape(-1), parameters["beta"].reshape(-1)
        return F.batch_norm(inputs[0], mean, variance, gamma, beta, training, momentum, epsilon)

    return Layer("batch-norm", dict(momentum=momentum, epsilon=epsilon), run, values)


def group_norm(d):
    (h, w, c) = d.shape
    groups, epsilon = d.pick(1, groups_of(d, c)), d.pick(single(1e-5), single(1e-3))
    if h * w * c // groups < 3:
        raise Impossible
    return Layer(
        "group-norm",
        dict(groups=groups, epsilon=epsilon),
        lambda x, p, t: F.group_norm(x[0], groups, p["gamma"].reshape(-1), p["beta"].reshape(-1), epsilon),
        scale_and_shift(d),
    )


ALL = [
    convolution, convolution, convolution, transposed_convolution, map_combination, border_padding, activation,
    activation, activation, prelu, learned_gain, subtractive_norm, divisive_norm, brightness_norm,
    local_response_norm, pooling, pooling, adaptive_pooling, skipping, subsampling, up_sampling, dense, flatten,
    softmax, radial_basis, batch_norm, group_norm,
]

# Those that keep their input's shape, for the arms of an addition.
KEEPING = [
    activation, prelu, learned_gain, subtractive_norm, brightness_norm, local_response_norm, group_norm, batch_norm,
]


def addition():
    return Layer("addition", {}, lambda x, p, t: x[0] + x[1], inputs=2)


def concatenation(count):
    return Layer("concatenation", {}, lambda x, p, t: torch.cat(x, 1), inputs=count)
