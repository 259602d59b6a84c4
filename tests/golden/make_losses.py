#!/usr/bin/env python3
"""Makes losses.safetensors: adversarial losses and gradient penalties as PyTorch computes them, in float64.

    make_losses.py [FOLDER]

Values, layout and file format are those of make_golden.py beside it; README.md lists the tensors.
"""

import argparse
import pathlib

import torch
import torch.nn.functional as F

from make_golden import (SLOPE, batch_norm, collect, conv, dense_to_logit, leaves, normal, plain, to_nchw,
                         to_nhwc, uniform, write_safetensors)

BATCH, SIZE, CHANNELS, DEVIATION = 4, 16, 3, 0.2

# name: (what D minimises, what G minimises) of the logits of real and generated pictures
LOSSES = {
    "cross-entropy": (lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(),
                      lambda real, fake: F.softplus(-fake).mean()),
    "least-squares": (lambda real, fake: (real - 1).square().mean() + fake.square().mean(),
                      lambda real, fake: (fake - 1).square().mean()),
    "hinge": (lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(), lambda real, fake: -fake.mean()),
    "wasserstein": (lambda real, fake: fake.mean() - real.mean(), lambda real, fake: -fake.mean()),
    "relativistic": (lambda real, fake: F.softplus(-(real - fake)).mean(),
                     lambda real, fake: F.softplus(-(fake - real)).mean()),
}


def losses():
    logits = leaves({name: uniform(f"losses.{name}", (8,), -3, 3) for name in ("real", "fake")}, torch.float64)
    result = collect("logits.", logits)
    for name, players in LOSSES.items():
        for player, loss in zip("dg", players):
            value = loss(logits["real"], logits["fake"])
            found = torch.autograd.grad(value, list(logits.values()), allow_unused=True)
            result[f"{name}/{player}"] = plain(value).reshape(1)
            for side, gradient in zip(logits, found):
                result[f"{name}/{player}.grad.{side}"] = plain(torch.zeros(8) if gradient is None else gradient)
    return result


def leaky(images):
    return F.leaky_relu(images, SLOPE)


def halve(images):
    return to_nhwc(F.avg_pool2d(to_nchw(images), 2))


def dcgan(d, images):
    """Batch norm: the gradient's gradient goes through the statistics, and mixes pictures."""
    h = leaky(conv(images, d["d.down1.weight"], 2, 1))
    h = leaky(batch_norm(conv(h, d["d.down2.weight"], 2, 1), d["d.norm2.scale"], d["d.norm2.shift"]))
    return dense_to_logit(h, d["d.dense.weight"])


def residual(d, images):
    """A block with a shortcut, and tanh, whose second derivative is not zero."""
    h = leaky(conv(images, d["d.in.weight"], 1, 1) + d["d.in.bias"])
    inner = torch.tanh(conv(h, d["d.inner.weight"], 1, 1) + d["d.inner.bias"])
    inner = halve(conv(inner, d["d.outer.weight"], 1, 1) + d["d.outer.bias"])
    h = leaky(inner + halve(conv(h, d["d.shortcut.weight"], 1, 0)))
    return (h.sum(dim=(1, 2)) @ d["d.dense.weight"]).reshape(-1)


def weights(name, shapes):
    centres = {"scale": 1.0}
    return {weight: normal(f"{name}/{weight}", shape, centres.get(weight.split(".")[-1], 0.0), DEVIATION)
            for weight, shape in shapes.items()}


NETWORKS = {
    "dcgan": (dcgan, {"d.down1.weight": (4, 4, 4, 3), "d.down2.weight": (8, 4, 4, 4), "d.norm2.scale": (8,),
                      "d.norm2.shift": (8,), "d.dense.weight": (128, 1)}),
    "residual": (residual, {"d.in.weight": (6, 3, 3, 3), "d.in.bias": (6,), "d.inner.weight": (5, 3, 3, 6),
                            "d.inner.bias": (5,), "d.outer.weight": (7, 3, 3, 5), "d.outer.bias": (7,),
                            "d.shortcut.weight": (7, 1, 1, 6), "d.dense.weight": (7, 1)}),
}


def penalties(name):
    """Mean |gradient|^2 and mean (|gradient| - 1)^2, and their gradients by the weights, by double backward."""
    network, shapes = NETWORKS[name]
    d = leaves(weights(name, shapes), torch.float64)
    pictures = torch.tensor(uniform(f"{name}/pictures", (BATCH, SIZE, SIZE, CHANNELS)), dtype=torch.float64)
    pictures.requires_grad_()
    logits = network(d, pictures)
    (gradient,) = torch.autograd.grad(logits.sum(), pictures, create_graph=True)
    squares = gradient.square().sum(dim=(1, 2, 3))
    result = {**collect(f"{name}/", d), f"{name}/pictures": plain(pictures), f"{name}/logits": plain(logits)}
    for penalty, value in {"zero": squares.mean(), "one": (squares.sqrt() - 1).square().mean()}.items():
        found = torch.autograd.grad(value, list(d.values()), retain_graph=True, allow_unused=True)
        result[f"{name}/{penalty}"] = plain(value).reshape(1)
        for weight, by_weight in zip(d, found):
            result[f"{name}/{penalty}.grad.{weight}"] = plain(torch.zeros_like(d[weight]) if by_weight is None else by_weight)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    torch.set_num_threads(1)
    tensors = losses()
    for name in NETWORKS:
        tensors.update(penalties(name))
    write_safetensors(parser.parse_args().folder / "losses.safetensors", tensors,
                      "adversarial losses, and gradient penalties of two small discriminators")


if __name__ == "__main__":
    main()
