#!/usr/bin/env python3
"""Makes the golden files: what PyTorch computes, in float64, for small networks and operations.

    make_golden.py              writes the .safetensors files beside this file
    make_golden.py FOLDER       writes them there
    make_golden.py --deviation  prints how far the same computation in float32 is from the files:
                                what the tolerances of the C tests are chosen from

Needs torch and numpy; the tests that read the files need neither. README.md lists the tensors.

Inputs and initial weights are float32 values from the generator below, so they do not depend on
PyTorch's. The computation is float64 throughout and only its results are rounded to float32 for
the file: an oracle for a float32 program, not a second float32 program to agree with.

Layout is Standin's, and so is that of every leaf tensor here, gradients and Adam included; the
few functions in "operations in Standin's layout" are the only place that knows PyTorch's.

    activations                (N, H, W, C)
    convolution weight         (out, kh, kw, in / groups)
    transposed convolution     (in, kh, kw, out): the weight of the convolution it is the data
                               gradient of
    first layer of G           (z, 4 * 4 * C), columns ordered (kh, kw, channel)
    last layer of D            (4 * 4 * C, 1), rows ordered (kh, kw, channel)
"""

import argparse
import json
import pathlib
import struct

import numpy
import torch
import torch.nn.functional as F

NORM_EPSILON = 1e-5
SLOPE = 0.2


# ---- deterministic values ---------------------------------------------------------------------

def uniforms(name, count):
    """count float64 values in [0, 1) with 24 bits, from SplitMix64 seeded by FNV-1a of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with numpy.errstate(over="ignore"):
        state = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        state = state ^ (state >> numpy.uint64(31))
    return (state >> numpy.uint64(40)).astype(numpy.float64) / 2.0**24


def uniform(name, shape, low=-1.0, high=1.0):
    values = low + (high - low) * uniforms(name, int(numpy.prod(shape)))
    return values.reshape(shape).astype(numpy.float32)


def normal(name, shape, mean=0.0, deviation=1.0):
    """Twelve uniforms minus six: nearly normal, and without a logarithm whose last bit differs between machines."""
    values = uniforms(name, 12 * int(numpy.prod(shape))).reshape(-1, 12).sum(axis=1) - 6.0
    return (mean + deviation * values).reshape(shape).astype(numpy.float32)


# ---- safetensors ------------------------------------------------------------------------------

def write_safetensors(path, tensors, description):
    """8-byte little-endian header length, JSON header padded to 8 bytes, data; names sorted, all F32."""
    header, data, offset = {"__metadata__": {"description": description}}, [], 0
    for name in sorted(tensors):
        values = numpy.ascontiguousarray(tensors[name], dtype="<f4")
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
        data.append(values.tobytes())
        offset += values.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


# ---- operations in Standin's layout -----------------------------------------------------------

def to_nchw(images):
    return images.permute(0, 3, 1, 2)


def to_nhwc(images):
    return images.permute(0, 2, 3, 1)


def conv(images, weight, stride, padding, groups=1):
    """(N, H, W, in), (out, kh, kw, in / groups) -> (N, H', W', out)"""
    return to_nhwc(F.conv2d(to_nchw(images), weight.permute(0, 3, 1, 2), None, stride, padding, 1, groups))


def conv_transpose(images, weight, stride, padding):
    """(N, H, W, in), (in, kh, kw, out) -> (N, H', W', out)"""
    return to_nhwc(F.conv_transpose2d(to_nchw(images), weight.permute(0, 3, 1, 2), None, stride, padding))


def dense_to_image(latent, weight):
    """(N, z), (z, 4 * 4 * C) -> (N, 4, 4, C), as the transposed convolution k4 s1 p0 that DCGAN begins with"""
    return conv_transpose(latent[:, None, None, :], weight.reshape(weight.shape[0], 4, 4, -1), 1, 0)


def dense_to_logit(images, weight):
    """(N, 4, 4, C), (4 * 4 * C, 1) -> (N), as the convolution k4 s1 p0 that DCGAN ends with"""
    return conv(images, weight.reshape(1, 4, 4, -1), 1, 0).reshape(-1)


def batch_norm(images, scale, shift):
    """Training mode: statistics of this batch, biased variance."""
    return to_nhwc(F.batch_norm(to_nchw(images), None, None, scale, shift, training=True, eps=NORM_EPSILON))


def resize_bilinear(images, size):
    return to_nhwc(F.interpolate(to_nchw(images), size=size, mode="bilinear", align_corners=False, antialias=False))


def upsample_nearest(images):
    return to_nhwc(F.interpolate(to_nchw(images), scale_factor=2, mode="nearest"))


def affine_sample(images, matrix, size):
    """(N, H, W, C), (N, 2, 3), (H', W') -> (N, H', W', C)"""
    grid = F.affine_grid(matrix, [images.shape[0], images.shape[3], *size], align_corners=False)
    return to_nhwc(F.grid_sample(to_nchw(images), grid, mode="bilinear", padding_mode="zeros", align_corners=False))


# ---- tensors of one computation ---------------------------------------------------------------

def leaves(values, dtype):
    """numpy arrays by name -> tensors by name that collect gradients"""
    return {name: torch.tensor(value, dtype=dtype).requires_grad_() for name, value in values.items()}


def plain(tensor):
    return tensor.detach().numpy().astype(numpy.float64)


def collect(prefix, tensors):
    """A copy of each tensor, its name prefixed."""
    return {prefix + name: plain(tensor).copy() for name, tensor in tensors.items()}


def gradients(prefix, value, tensors):
    """The gradient of a scalar with respect to each tensor, by name."""
    found = torch.autograd.grad(value, list(tensors.values()), retain_graph=True)
    return collect(prefix, dict(zip(tensors, found)))


# ---- dcgan_step -------------------------------------------------------------------------------

BATCH, LATENT, WIDTH, CHANNELS, SIZE, STEPS = 8, 8, 4, 3, 64, 10
DEVIATION = 0.1  # not 0.02: so narrow a network would have a signal of the size of rounding errors


def dcgan_generator_values():
    n, values = WIDTH, {}
    values["g.dense.weight"] = normal("g.dense.weight", (LATENT, 4 * 4 * 8 * n), 0, DEVIATION)
    widths = [8 * n, 4 * n, 2 * n, n, CHANNELS]
    for i in range(4):
        values[f"g.norm{i}.scale"] = normal(f"g.norm{i}.scale", (widths[i],), 1, DEVIATION)
        values[f"g.norm{i}.shift"] = normal(f"g.norm{i}.shift", (widths[i],), 0, DEVIATION)
        values[f"g.up{i + 1}.weight"] = normal(f"g.up{i + 1}.weight", (widths[i], 4, 4, widths[i + 1]), 0, DEVIATION)
    return values


def discriminator_values(downs, norms, deviation):
    widths, values = [CHANNELS] + [WIDTH * 2**i for i in range(downs)], {}
    for i in range(1, downs + 1):
        values[f"d.down{i}.weight"] = normal(f"d.down{i}.weight", (widths[i], 4, 4, widths[i - 1]), 0, deviation)
        if norms and i > 1:
            values[f"d.norm{i}.scale"] = normal(f"d.norm{i}.scale", (widths[i],), 1, deviation)
            values[f"d.norm{i}.shift"] = normal(f"d.norm{i}.shift", (widths[i],), 0, deviation)
    values["d.dense.weight"] = normal("d.dense.weight", (4 * 4 * widths[downs], 1), 0, deviation)
    return values


def generator(weights, latent):
    """(N, z) -> (N, 64, 64, 3)"""
    hidden = dense_to_image(latent, weights["g.dense.weight"])
    for i in range(4):
        hidden = F.relu(batch_norm(hidden, weights[f"g.norm{i}.scale"], weights[f"g.norm{i}.shift"]))
        hidden = conv_transpose(hidden, weights[f"g.up{i + 1}.weight"], 2, 1)
    return torch.tanh(hidden)


def discriminator(weights, images, downs):
    """(N, H, W, 3) -> (N); batch norm where the weights have one"""
    hidden = images
    for i in range(1, downs + 1):
        hidden = conv(hidden, weights[f"d.down{i}.weight"], 2, 1)
        if f"d.norm{i}.scale" in weights:
            hidden = batch_norm(hidden, weights[f"d.norm{i}.scale"], weights[f"d.norm{i}.shift"])
        hidden = F.leaky_relu(hidden, SLOPE)
    return dense_to_logit(hidden, weights["d.dense.weight"])


def cross_entropy(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def adam_step(optimizer, weights, loss):
    found = torch.autograd.grad(loss, list(weights.values()))
    for weight, gradient in zip(weights.values(), found):
        weight.grad = gradient
    optimizer.step()


def dcgan_step(dtype):
    """Ten steps of a DCGAN on one latent batch and one batch of images; everything about the first is kept."""
    g, d = leaves(dcgan_generator_values(), dtype), leaves(discriminator_values(4, True, DEVIATION), dtype)
    average = {name: weight.detach().clone() for name, weight in g.items()}
    latent = torch.tensor(normal("z", (BATCH, LATENT)), dtype=dtype)
    real = torch.tensor(uniform("real", (BATCH, SIZE, SIZE, CHANNELS)), dtype=dtype)
    result = {**collect("", g), **collect("", d), "z": plain(latent), "real": plain(real)}
    settings = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-8}
    g_adam = torch.optim.Adam(list(g.values()), **settings)
    d_adam = torch.optim.Adam(list(d.values()), **settings)
    d_losses, g_losses = [], []

    for step in range(STEPS):
        first = step == 0
        fake = generator(g, latent)
        real_logits, fake_logits = discriminator(d, real, 4), discriminator(d, fake.detach(), 4)
        d_loss = cross_entropy(real_logits, 1.0) + cross_entropy(fake_logits, 0.0)
        if first:
            result.update({"fake": plain(fake), "logits.real": plain(real_logits), "logits.fake": plain(fake_logits)})
            result.update(gradients("grad/", d_loss, d))
        adam_step(d_adam, d, d_loss)

        updated_logits = discriminator(d, fake, 4)
        g_loss = cross_entropy(updated_logits, 1.0)
        if first:
            result["logits.updated"] = plain(updated_logits)
            result.update(gradients("grad/", g_loss, g))
        adam_step(g_adam, g, g_loss)
        with torch.no_grad():
            for name, weight in g.items():
                average[name].lerp_(weight, 1 - 0.9)

        d_losses.append(float(d_loss.detach()))
        g_losses.append(float(g_loss.detach()))
        if first:
            result.update({**collect("adam1/", g), **collect("adam1/", d)})

    result.update({**collect("adam10/", g), **collect("adam10/", d), **collect("ema10/", average)})
    result.update({"loss.d": numpy.array(d_losses), "loss.g": numpy.array(g_losses)})
    return result


# ---- penalty ----------------------------------------------------------------------------------

R1_GAMMA = 10.0


def penalty(dtype):
    """WGAN-GP and R1 of a discriminator without batch norm, and their gradients through the gradient."""
    d = leaves(discriminator_values(3, False, 0.13), dtype)
    images = torch.tensor(uniform("penalty.images", (4, 32, 32, CHANNELS)), dtype=dtype).requires_grad_()
    logits = discriminator(d, images, 3)
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    squares = gradient.square().sum(dim=(1, 2, 3))
    wgan_gp = (squares.sqrt() - 1).square().mean()
    r1 = R1_GAMMA / 2 * squares.mean()
    return {**collect("", d), "images": plain(images), "logits": plain(logits), "gradient": plain(gradient),
            "norm": plain(squares.sqrt()), "wgan_gp": plain(wgan_gp).reshape(1), "r1": plain(r1).reshape(1),
            **gradients("grad.wgan_gp/", wgan_gp, d), **gradients("grad.r1/", r1, d)}


# ---- ops --------------------------------------------------------------------------------------

# name: (operation, its inputs by name). Sizes differ between height and width, and channels
# between in and out, so that no mistaken order of dimensions can go unseen.
OPERATIONS = {
    "conv_k4s2p1": (lambda input, weight: conv(input, weight, 2, 1),
                    {"input": (2, 6, 8, 3), "weight": (5, 4, 4, 3)}),
    "conv_k4s2p1_odd": (lambda input, weight: conv(input, weight, 2, 1),
                        {"input": (2, 7, 9, 3), "weight": (5, 4, 4, 3)}),
    "conv_k3s1p1": (lambda input, weight: conv(input, weight, 1, 1),
                    {"input": (2, 5, 7, 3), "weight": (4, 3, 3, 3)}),
    "conv_k1s1p0": (lambda input, weight: conv(input, weight, 1, 0),
                    {"input": (2, 5, 7, 3), "weight": (4, 1, 1, 3)}),
    "conv_k3s1p1_groups2": (lambda input, weight: conv(input, weight, 1, 1, 2),
                            {"input": (2, 5, 7, 8), "weight": (6, 3, 3, 4)}),
    "conv_transpose_k4s2p1": (lambda input, weight: conv_transpose(input, weight, 2, 1),
                              {"input": (2, 3, 4, 5), "weight": (5, 4, 4, 3)}),
    "batch_norm": (batch_norm, {"input": (4, 3, 5, 6), "scale": (6,), "shift": (6,)}),
    "resize_bilinear_up": (lambda input: resize_bilinear(input, (9, 11)), {"input": (2, 5, 4, 3)}),
    "resize_bilinear_double": (lambda input: resize_bilinear(input, (10, 8)), {"input": (2, 5, 4, 3)}),
    "resize_bilinear_down": (lambda input: resize_bilinear(input, (4, 5)), {"input": (2, 9, 11, 3)}),
    "resize_bilinear_half": (lambda input: resize_bilinear(input, (4, 6)), {"input": (2, 8, 12, 3)}),
    "upsample_nearest": (upsample_nearest, {"input": (2, 3, 4, 5)}),
    "affine_sample": (lambda input, matrix: affine_sample(input, matrix, (7, 8)),
                      {"input": (2, 7, 8, 3), "matrix": (2, 2, 3)}),
}

# Turned, stretched and shifted so far that part of the result lies outside the image and is 0.
AFFINE_MATRICES = [[[0.9, -0.35, 0.15], [0.4, 1.1, -0.25]], [[-1.2, 0.3, 0.35], [0.2, 0.7, 0.45]]]


def operation_values(operation, name, shape):
    if name == "matrix":
        return numpy.array(AFFINE_MATRICES, dtype=numpy.float32)
    return uniform(f"{operation}/{name}", shape)


def ops(dtype):
    """Each operation's output, and the gradients of sum(output * R) with respect to its inputs."""
    result = {}
    for operation, (function, shapes) in OPERATIONS.items():
        inputs = leaves({name: operation_values(operation, name, shape) for name, shape in shapes.items()}, dtype)
        output = function(*inputs.values())
        weighting = torch.tensor(uniform(f"{operation}/R", tuple(output.shape)), dtype=dtype)
        prefix = operation + "/"
        result.update({**collect(prefix, inputs), prefix + "output": plain(output), prefix + "R": plain(weighting)})
        result.update(gradients(prefix + "grad.", (output * weighting).sum(), inputs))
    return result


# ---- command ----------------------------------------------------------------------------------

FILES = {
    "dcgan_step": (dcgan_step, "a small DCGAN: one training step in full, the state after ten"),
    "penalty": (penalty, "WGAN-GP and R1 gradient penalties of a small discriminator, gamma 10"),
    "ops": (ops, "single operations and their gradients"),
}


def print_deviation(name, make):
    """Relative to the largest value of each tensor: what a float32 program cannot help."""
    exact, single = make(torch.float64), make(torch.float32)
    print(f"{name}: largest |float32 - float64| / largest |float64|")
    for tensor in sorted(exact):
        largest = float(numpy.abs(exact[tensor]).max())
        error = float(numpy.abs(exact[tensor] - single[tensor]).max())
        if error > 0:
            print(f"  {tensor:42} {error / largest:8.1e}   largest {largest:8.2e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--deviation", action="store_true", help="write nothing, print what float32 would lose")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # one order of every sum
    for name, (make, description) in FILES.items():
        if arguments.deviation:
            print_deviation(name, make)
        else:
            write_safetensors(arguments.folder / f"{name}.safetensors", make(torch.float64), description)


if __name__ == "__main__":
    main()
