"""Losses, penalties and optimisers drawn at random: what a case says of them, and the same by PyTorch."""

import numpy
import torch
import torch.nn.functional as F

from layers import single

CLASS_LOSSES = ("softmax-cross-entropy", "hinge")


def draw_loss(d, batch, shape):
    """The description, and the targets as the case stores them (class indices as numbers)."""
    softmax = "softmax-cross-entropy"
    kind = d.pick("squared-error", softmax, softmax, "logistic-cross-entropy", "huber", "hinge")
    (h, w, c) = shape
    is_vector = h == w == 1
    classes = kind in CLASS_LOSSES or (is_vector and c > 1 and d.chance(0.3))
    loss = {"kind": kind, "targets": "classes" if classes else "values"}
    if kind == "squared-error":
        loss["factor"] = d.pick(0.5, 1.0)
    if kind == "huber":
        loss["delta"] = d.pick(1.0, d.constant(0.1, 2))
    if kind in ("squared-error", "huber") and classes:
        loss["low"], loss["high"] = d.pick((0.0, 1.0), (-1.0, 1.0))
    if kind == "softmax-cross-entropy":
        if d.chance(0.4):
            loss["targets"] = "probabilities"
        if d.chance(0.4):
            loss["smoothing"] = d.pick(single(0.1), 1.0, d.constant(0, 1))
        if d.chance(0.4):
            loss["class_weights"] = [d.constant(0.2, 3) for _ in range(c)]
    count = d.random.randint(1, batch) if d.chance(0.15) else batch
    if loss["targets"] == "classes":
        # As many as count.
        return loss, count, numpy.array([d.random.randrange(c) for _ in range(count)], numpy.float32)
    if loss["targets"] == "probabilities":
        rows = numpy.exp(d.normal(batch, 1, 1, c).astype(numpy.float64))
        if d.chance(0.3):
            rows = numpy.eye(c)[[d.random.randrange(c) for _ in range(batch)]].reshape(batch, 1, 1, c)
        rows = rows / rows.sum(3, keepdims=True)
        return loss, count, rows.astype(numpy.float32)
    if kind == "logistic-cross-entropy":
        return loss, count, d.uniform(0, 1, batch, h, w, c)
    return loss, count, d.normal(batch, h, w, c)


def evaluate_loss(loss, output, targets, count):
    """The mean loss over the examples that count, each by its weight; output N×C×H×W."""
    kind, output = loss["kind"], output[:count]
    if loss["targets"] == "classes":
        labels = torch.from_numpy(targets).long()
        one_of_c = F.one_hot(labels, output.shape[1]).double()[:, :, None, None]
        values = loss.get("low", 0.0) + (loss.get("high", 1.0) - loss.get("low", 0.0)) * one_of_c
    else:
        values = torch.from_numpy(targets).double().permute(0, 3, 1, 2)[:count]
    if kind == "squared-error":
        return loss["factor"] * ((output - values) ** 2).sum() / count
    if kind == "huber":
        return F.huber_loss(output, values, reduction="sum", delta=loss["delta"]) / count
    if kind == "logistic-cross-entropy":
        return F.binary_cross_entropy_with_logits(output, values, reduction="sum") / count
    logits = output[:, :, 0, 0]
    if kind == "hinge":
        return F.multi_margin_loss(logits, labels, reduction="sum") / count
    weights = torch.tensor(loss.get("class_weights", [1.0] * logits.shape[1]), dtype=torch.float64)
    smoothing = loss.get("smoothing", 0.0)
    if loss["targets"] == "classes":
        sum_of_losses = F.cross_entropy(logits, labels, weights, reduction="sum", label_smoothing=smoothing)
        return sum_of_losses / weights[labels].sum()
    # PyTorch divides by the number of examples here, NativeCnn by the weights used.
    rows = values[:, :, 0, 0]
    u = weights * ((1 - smoothing) * rows + smoothing / logits.shape[1])
    return -(u * torch.log_softmax(logits, 1)).sum() / (weights * rows).sum()


def draw_penalties(d, values):
    penalties = []
    if d.chance(0.15):
        penalties.append({"kind": d.pick("l1", "l2"), "strength": d.pick(single(1e-3), d.constant(0, 0.2))})
    if any(name.endswith(".combination") for name, _ in values) and d.chance(0.5):
        penalties.append({"kind": "combination-sparsity", "strength": d.constant(0, 0.5)})
    return penalties


def evaluate_penalties(penalties, values, parameters):
    total = torch.zeros((), dtype=torch.float64)
    for penalty in penalties:
        for name, value in values:
            p, strength = parameters[name], penalty["strength"]
            if penalty["kind"] == "combination-sparsity" and name.endswith(".combination"):
                total = total + strength * torch.softmax(p[:, 0, 0, :], 1).abs().sum()
            elif penalty["kind"] == "l1" and value.penalised:
                total = total + strength * p.abs().sum()
            elif penalty["kind"] == "l2" and value.penalised:
                total = total + strength / 2 * (p * p).sum()
    return total


def draw_optimizer(d):
    kind = d.pick("sgd", "sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad")
    rate = d.constant(0.002, 0.05) if kind in ("sgd", "nesterov") else d.constant(0.0005, 0.01)
    decay = d.pick(0.0, 0.0, single(5e-4), d.constant(0, 0.1))
    optimizer = {"kind": kind, "learning_rate": rate, "weight_decay": decay}
    if kind == "nesterov":
        optimizer["momentum"] = d.pick(single(0.9), d.constant(0.1, 0.95))
    if kind in ("sgd", "rmsprop"):
        optimizer["momentum"] = d.pick(0.0, single(0.9), d.constant(0, 0.95))
    if kind in ("adam", "adamw"):
        usual = (single(0.9), single(0.999))
        optimizer["beta1"], optimizer["beta2"] = d.pick(usual, (0.5, single(0.9)), (0.0, single(0.99)))
    if kind == "rmsprop":
        optimizer["smoothing"] = d.pick(single(0.99), d.constant(0.5, 0.99))
    if kind in ("adam", "adamw", "rmsprop", "adagrad"):
        optimizer["epsilon"] = d.pick(single(1e-8), single(1e-3))
    return optimizer


def draw_factors(d, values):
    """What the rate and the decay of single parameters are multiplied by."""
    trained = [name for name, value in values if not value.is_state]
    chosen = d.random.sample(trained, min(len(trained), 2)) if d.chance(0.15) else []
    return {
        name: {"learning_rate": d.pick(0.0, 2.0, d.constant(0, 3)), "weight_decay": d.pick(0.0, 1.0, d.constant(0, 3))}
        for name in chosen
    }


def draw_clipping(d):
    return {d.pick("norm", "value"): d.constant(0.005, 1)} if d.chance(0.12) else None


def clip(clipping, parameters):
    if "norm" in clipping:
        torch.nn.utils.clip_grad_norm_(parameters, clipping["norm"])
    else:
        torch.nn.utils.clip_grad_value_(parameters, clipping["value"])


def create_optimizer(optimizer, factors, parameters):
    """PyTorch's own, a group per parameter."""
    rate, decay = optimizer["learning_rate"], optimizer["weight_decay"]
    groups = []
    for name, p in parameters:
        own = factors.get(name, {"learning_rate": 1.0, "weight_decay": 1.0})
        groups.append({
            "params": [p],
            # Products of float32 numbers, as the library computes them.
            "lr": single(rate * own["learning_rate"]),
            "weight_decay": single(decay * own["weight_decay"]),
        })
    kind = optimizer["kind"]
    if kind in ("sgd", "nesterov"):
        return torch.optim.SGD(groups, rate, momentum=optimizer["momentum"], nesterov=kind == "nesterov")
    if kind in ("adam", "adamw"):
        make = torch.optim.Adam if kind == "adam" else torch.optim.AdamW
        return make(groups, rate, betas=(optimizer["beta1"], optimizer["beta2"]), eps=optimizer["epsilon"])
    if kind == "rmsprop":
        momentum = optimizer["momentum"]
        return torch.optim.RMSprop(groups, rate, optimizer["smoothing"], optimizer["epsilon"], momentum=momentum)
    return torch.optim.Adagrad(groups, rate, eps=optimizer["epsilon"])
