#!/usr/bin/env python3
"""Makes the golden files of whole networks: pictures, logits, hinge losses and the gradient by every weight, by
PyTorch in float64, for the families beside DCGAN and for labels.

    make_networks.py           writes the .safetensors files beside this file
    make_networks.py FOLDER    writes them there

Weights and inputs are not in the files: they come from make_golden.py's generator, seeded by "FILE/NAME", and the C
test draws the same (tests/drawn.c). All deviations are powers of two, so that both round alike. README.md lists the
tensors.
"""

import argparse
import pathlib

import torch
import torch.nn.functional as F

from make_golden import (batch_norm, conv, conv_transpose, gradients, normal, plain, resize_bilinear, uniform,
                         upsample_nearest, write_safetensors)

DEVIATION = 0.25
NORM_EPSILON = 1e-5
SPECTRAL_EPSILON = 1e-12


class Weights:
    """Weights of one network by name, drawn when first asked for; divided by their spectral norm if wanted."""

    def __init__(self, case, prefix, spectral=False):
        self.case, self.prefix, self.spectral = case, prefix, spectral
        self.leaf, self.normalised = {}, {}

    def __call__(self, name, shape):
        full = f"{self.prefix}.{name}"
        if full not in self.leaf:
            mean = 1.0 if name.endswith(".scale") else 0.0
            values = normal(f"{self.case}/{full}", shape, mean, DEVIATION)
            self.leaf[full] = torch.tensor(values, dtype=torch.float64).requires_grad_()
        return self.leaf[full]

    def matrix(self, name, shape):
        """A kernel, a matrix or an embedding: what the spectral norm is for."""
        weight = self(name, shape)
        if not self.spectral:
            return weight
        if name not in self.normalised:
            self.normalised[name] = weight / self.spectral_norm(name, weight)
        return self.normalised[name]

    def spectral_norm(self, name, weight):
        """sigma = u W v after one power iteration, u and v constant; W is the first axis against the rest."""
        rows = weight.reshape(weight.shape[0], -1)
        with torch.no_grad():
            u = torch.tensor(normal(f"{self.case}/{self.prefix}.{name}.u", (rows.shape[0],)), dtype=torch.float64)
            v = F.normalize(u @ rows, dim=0, eps=SPECTRAL_EPSILON)
            u = F.normalize(rows @ v, dim=0, eps=SPECTRAL_EPSILON)
        return u @ rows @ v


class Case:
    """One file: its sizes, its inputs, and how labels are used."""

    def __init__(self, name, network, size, channels, latent, features, batch, classes=0, strength=None, slope=0.2):
        self.name, self.network, self.size, self.channels = name, network, size, channels
        self.latent, self.features, self.batch = latent, features, batch
        self.classes, self.strength, self.slope = classes, strength, slope
        self.label = torch.arange(batch) % classes if classes else None

    def one_hot(self):
        return F.one_hot(self.label, self.classes).to(torch.float64)

    def activation(self, hidden):
        return F.leaky_relu(hidden, self.slope)


# ---- layers -----------------------------------------------------------------------------------

def dense(weights, name, hidden, outputs, bias=True):
    hidden = hidden @ weights.matrix(f"{name}.weight", (hidden.shape[1], outputs))
    return hidden + weights(f"{name}.bias", (1, outputs)) if bias else hidden


def biased(weights, name, images):
    return images + weights(f"{name}.bias", (1, 1, 1, images.shape[3]))


def same(weights, name, images, outputs, kernel, groups=1):
    """An odd kernel that keeps the size, no bias"""
    shape = (outputs, kernel, kernel, images.shape[3] // groups)
    return conv(images, weights.matrix(f"{name}.weight", shape), 1, kernel // 2, groups)


def down(weights, name, images, outputs):
    return conv(images, weights.matrix(f"{name}.weight", (outputs, 4, 4, images.shape[3])), 2, 1)


def up(weights, name, images, outputs):
    return conv_transpose(images, weights.matrix(f"{name}.weight", (images.shape[3], 4, 4, outputs)), 2, 1)


def halve(images):
    return F.avg_pool2d(images.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


def norm(weights, name, images):
    shape = (1, 1, 1, images.shape[3])
    return batch_norm(images, weights(f"{name}.scale", shape).flatten(), weights(f"{name}.shift", shape).flatten())


def standardised(images):
    mean = images.mean(dim=(0, 1, 2))
    variance = images.var(dim=(0, 1, 2), unbiased=False)
    return (images - mean) / (variance + NORM_EPSILON).sqrt()


def class_rows(weights, name, channels, case):
    """Rows of a table by label, drawn towards its mean row"""
    table = weights(name, (case.classes, channels))
    centre = table.mean(dim=0)
    return (centre + case.strength * (table[case.label] - centre))[:, None, None, :]


def class_norm(weights, name, images, case):
    """Batch norm whose scale and shift are such rows"""
    scale, shift = (class_rows(weights, f"{name}.{part}", images.shape[3], case) for part in ("scale", "shift"))
    return standardised(images) * scale + shift


def style_norm(weights, name, images, case, latent):
    """Batch norm whose scale and shift are moved by the latent numbers, and are rows by label if there are labels"""
    both = []
    for part in ("scale", "shift"):
        style = latent @ weights(f"{name}.{part}.style.weight", (case.latent, images.shape[3]))
        own = (class_rows(weights, f"{name}.{part}", images.shape[3], case) if case.classes
               else weights(f"{name}.{part}", (1, 1, 1, images.shape[3])))
        both.append(style[:, None, None, :] + own)
    return standardised(images) * both[0] + both[1]


# ---- families ---------------------------------------------------------------------------------

def dcgan_generator(case, weights, latent):
    """With the label's one-hot joined to z"""
    return dcgan_ups(case, weights, torch.cat([latent, case.one_hot()], dim=1),
                     lambda name, hidden: norm(weights, name, hidden))


def dcgan_styled_generator(case, weights, latent):
    return dcgan_ups(case, weights, latent, lambda name, hidden: style_norm(weights, name, hidden, case, latent))


def dcgan_ups(case, weights, hidden, normalise):
    doublings = (case.size // 4).bit_length() - 1
    features = case.features << (doublings - 1)
    hidden = dense(weights, "dense", hidden, 16 * features, bias=False).reshape(-1, 4, 4, features)
    for i in range(doublings):
        features //= 2
        hidden = F.relu(normalise(f"norm{i}", hidden))
        hidden = up(weights, f"up{i + 1}", hidden, features if i + 1 < doublings else case.channels)
    return torch.tanh(hidden)


def dcgan_discriminator(case, weights, images):
    """With the label's one-hot, if there is one, as constant planes"""
    hidden = images
    if case.classes:
        planes = case.one_hot()[:, None, None, :].expand(-1, case.size, case.size, -1)
        hidden = torch.cat([images, planes], dim=3)
    for i in range((case.size // 4).bit_length() - 1):
        hidden = down(weights, f"down{i + 1}", hidden, case.features << i)
        if i > 0:
            hidden = norm(weights, f"norm{i + 1}", hidden)
        hidden = case.activation(hidden)
    return dense(weights, "dense", hidden.flatten(1), 1, bias=False)


def sngan_generator(case, weights, latent):
    side, n = case.size // 8, case.features
    hidden = dense(weights, "dense", latent, side * side * 8 * n).reshape(-1, side, side, 8 * n)
    hidden = F.relu(norm(weights, "norm0", hidden))
    for i in (1, 2, 3):
        hidden = biased(weights, f"up{i}", up(weights, f"up{i}", hidden, 8 * n >> i))
        hidden = F.relu(norm(weights, f"norm{i}", hidden))
    return torch.tanh(biased(weights, "last", same(weights, "last", hidden, case.channels, 3)))


def sngan_discriminator(case, weights, images):
    hidden = images
    for i in (1, 2, 3, 4):
        features = case.features << (i - 1)
        hidden = case.activation(biased(weights, f"conv{i}", same(weights, f"conv{i}", hidden, features, 3)))
        if i < 4:
            hidden = case.activation(biased(weights, f"down{i}", down(weights, f"down{i}", hidden, 2 * features)))
    return dense(weights, "dense", hidden.flatten(1), 1)


# side: generator's seed and blocks; discriminator's blocks, and how many of them halve
RESNET = {32: (1, (1, 1, 1), (1, 1, 1, 1), 2), 64: (16, (8, 4, 2, 1), (1, 2, 4, 8, 16), 5)}


def resnet_norm(case, weights, name, hidden):
    return class_norm(weights, name, hidden, case) if case.classes else norm(weights, name, hidden)


def resnet_generator(case, weights, latent):
    """Shortcuts double before their kernel of 1, as published."""
    seed, blocks, _, _ = RESNET[case.size]
    features = seed * case.features
    hidden = dense(weights, "dense", latent, 16 * features).reshape(-1, 4, 4, features)
    for i, multiple in enumerate(blocks, 1):
        name, outputs, entry = f"block{i}", multiple * case.features, hidden
        hidden = upsample_nearest(F.relu(resnet_norm(case, weights, f"{name}.norm1", entry)))
        hidden = biased(weights, f"{name}.conv1", same(weights, f"{name}.conv1", hidden, outputs, 3))
        hidden = F.relu(resnet_norm(case, weights, f"{name}.norm2", hidden))
        hidden = biased(weights, f"{name}.conv2", same(weights, f"{name}.conv2", hidden, outputs, 3))
        shortcut = same(weights, f"{name}.shortcut", upsample_nearest(entry), outputs, 1)
        hidden = hidden + biased(weights, f"{name}.shortcut", shortcut)
    hidden = F.relu(norm(weights, "norm", hidden))
    return torch.tanh(biased(weights, "last", same(weights, "last", hidden, case.channels, 3)))


def resnet_discriminator(case, weights, images):
    """Shortcuts halve after their kernel of 1, as published, except in the first block."""
    _, _, blocks, halving = RESNET[case.size]
    hidden = images
    for i, multiple in enumerate(blocks, 1):
        name, outputs, entry = f"block{i}", multiple * case.features, hidden
        inner = outputs if i == 1 else entry.shape[3]
        hidden = entry if i == 1 else F.relu(entry)
        hidden = F.relu(biased(weights, f"{name}.conv1", same(weights, f"{name}.conv1", hidden, inner, 3)))
        hidden = biased(weights, f"{name}.conv2", same(weights, f"{name}.conv2", hidden, outputs, 3))
        shortcut = entry
        if i <= halving or entry.shape[3] != outputs:
            shortcut = halve(shortcut) if i == 1 else shortcut
            shortcut = biased(weights, f"{name}.shortcut", same(weights, f"{name}.shortcut", shortcut, outputs, 1))
            shortcut = halve(shortcut) if 1 < i <= halving else shortcut
        hidden = (halve(hidden) if i <= halving else hidden) + shortcut
    hidden = F.relu(hidden).sum(dim=(1, 2))
    logits = dense(weights, "dense", hidden, 1)
    if case.classes:
        table = weights.matrix("embedding.weight", (case.classes, hidden.shape[1]))
        logits = logits + case.strength * (table[case.label] * hidden).sum(dim=1, keepdim=True)
    return logits


def r3gan_stage(case, weights, stage, hidden):
    for i in (1, 2):
        name, entry = f"stage{stage}.block{i}", hidden
        features = entry.shape[3]
        wide = 2 * features
        hidden = same(weights, f"{name}.conv1", entry, wide, 1)
        hidden = case.activation(biased(weights, f"{name}.conv1", hidden))
        hidden = same(weights, f"{name}.conv2", hidden, wide, 3, max(wide // 16, 1))
        hidden = case.activation(biased(weights, f"{name}.conv2", hidden))
        hidden = entry + same(weights, f"{name}.conv3", hidden, features, 1)
    return hidden


def r3gan_widths(case):
    doublings = (case.size // 4).bit_length() - 1
    return [case.features * min(2**(doublings - i), 8) for i in range(doublings + 1)]


def r3gan_generator(case, weights, latent):
    widths = r3gan_widths(case)
    hidden = dense(weights, "dense", latent, widths[0], bias=False)[:, None, None, :]
    hidden = hidden * weights("basis.weight", (1, 4, 4, widths[0]))
    for stage, width in enumerate(widths, 1):
        if stage > 1:
            if hidden.shape[3] != width:
                hidden = same(weights, f"stage{stage}.width", hidden, width, 1)
            hidden = resize_bilinear(hidden, (2 * hidden.shape[1], 2 * hidden.shape[2]))
        hidden = r3gan_stage(case, weights, stage, hidden)
    return torch.tanh(same(weights, "last", hidden, case.channels, 1))


def blur_and_halve(images):
    """Each pixel is the mean of its 4x4 neighbourhood with weights [1 3 3 1], edges repeated."""
    kernel = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=torch.float64) / 8
    channels = images.shape[3]
    padded = F.pad(images.permute(0, 3, 1, 2), (1, 1, 1, 1), mode="replicate")
    weight = torch.outer(kernel, kernel).expand(channels, 1, 4, 4)
    return F.conv2d(padded, weight, stride=2, groups=channels).permute(0, 2, 3, 1)


def r3gan_discriminator(case, weights, images):
    widths = r3gan_widths(case)
    hidden = same(weights, "first", images, widths[-1], 1)
    for stage in range(len(widths), 0, -1):
        if stage < len(widths):
            hidden = blur_and_halve(hidden)
            if hidden.shape[3] != widths[stage - 1]:
                hidden = same(weights, f"stage{stage}.width", hidden, widths[stage - 1], 1)
        hidden = r3gan_stage(case, weights, stage, hidden)
    hidden = (hidden * weights("basis.weight", (1, 4, 4, widths[0]))).sum(dim=(1, 2))
    return dense(weights, "dense", hidden, 1, bias=False)


# ---- files ------------------------------------------------------------------------------------

def without_rounding(found):
    """Batch norm takes away any bias before it: by such a one the gradient is 0, and what is computed is rounding."""
    return {name: value if abs(value).max() > 1e-12 else 0 * value for name, value in found.items()}


FAMILIES = {
    "dcgan": (dcgan_generator, dcgan_discriminator, False),
    "dcgan-style": (dcgan_styled_generator, dcgan_discriminator, False),
    "sngan": (sngan_generator, sngan_discriminator, True),
    "resnet": (resnet_generator, resnet_discriminator, True),
    "r3gan": (r3gan_generator, r3gan_discriminator, False),
}

CASES = [
    Case("network_dcgan_concat", "dcgan", 16, 3, 6, 4, 4, classes=3),
    Case("network_dcgan_style", "dcgan-style", 16, 3, 6, 4, 4, classes=3, strength=1.0),
    Case("network_dcgan_style_plain", "dcgan-style", 16, 3, 6, 4, 4),
    Case("network_sngan_32", "sngan", 32, 3, 6, 2, 2, slope=0.1),
    Case("network_resnet_32", "resnet", 32, 3, 6, 4, 4, classes=3, strength=0.75),
    Case("network_resnet_64", "resnet", 64, 1, 6, 2, 2),
    Case("network_r3gan_16", "r3gan", 16, 3, 6, 4, 4),
]


def networks(case):
    """Both hinge losses of one pair of networks, and their gradients; neither network is updated in between."""
    generator, discriminator, spectral = FAMILIES[case.network]
    g, d = Weights(case.name, "g"), Weights(case.name, "d", spectral)
    latent = torch.tensor(normal(f"{case.name}/z", (case.batch, case.latent)), dtype=torch.float64)
    pictures = (case.batch, case.size, case.size, case.channels)
    real = torch.tensor(uniform(f"{case.name}/real", pictures), dtype=torch.float64)
    fake = generator(case, g, latent)
    real_logits, fake_logits = discriminator(case, d, real), discriminator(case, d, fake.detach())
    d_loss = F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()
    g_loss = -discriminator(case, d, fake).mean()
    return {"fake": plain(fake), "logits.real": plain(real_logits), "logits.fake": plain(fake_logits),
            "loss.d": plain(d_loss).reshape(1), "loss.g": plain(g_loss).reshape(1),
            **without_rounding(gradients("grad/", d_loss, d.leaf)),
            **without_rounding(gradients("grad/", g_loss, g.leaf))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    folder = parser.parse_args().folder
    torch.set_num_threads(1)  # one order of every sum
    for case in CASES:
        write_safetensors(folder / f"{case.name}.safetensors", networks(case),
                          f"{case.network}: hinge losses and their gradients")


if __name__ == "__main__":
    main()
