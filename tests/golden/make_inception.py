#!/usr/bin/env python3
"""Makes inception.safetensors: what the Inception network of 2015, in the variant of FID, sees in one picture, by PyTorch
in float64 with weights that are drawn from their names.

    make_inception.py            writes the file beside itself
    make_inception.py FOLDER     writes it there
    make_inception.py --weights FILE   writes the drawn weights as a safetensors file, in the names of the PyTorch port
    make_inception.py --speed N  images per second of N at once in float32, on as many threads as PyTorch takes

The weights are not in the golden file: tests/drawn.c draws the same from "inception/NAME". README.md lists the tensors.
"""

import argparse
import pathlib
import time

import numpy
import torch
import torch.nn.functional as F

from make_golden import uniform, write_safetensors

HEIGHT, WIDTH = 12, 10
EPSILON = 0.001


class Weights:
    def __init__(self, dtype):
        self.dtype, self.drawn = dtype, {}

    def __call__(self, name, shape):
        if name not in self.drawn:
            values = uniform(f"inception/{name}", shape).astype(numpy.float64)
            if name.endswith(".conv.weight"):
                values *= numpy.sqrt(6 / numpy.prod(shape[1:]))
            elif name.endswith(".bn.weight"):
                values = 1 + 0.25 * values
            elif name.endswith(".bn.running_var"):
                values = 1 + 0.5 * values
            else:
                values *= 0.125
            self.drawn[name] = torch.tensor(values.astype(numpy.float32)).to(self.dtype)
        return self.drawn[name]


class Inception:
    def __init__(self, weights):
        self.weights = weights

    def conv(self, name, x, outputs, kernel=1, stride=1, padding=0):
        height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        w = self.weights(f"{name}.conv.weight", (outputs, x.shape[1], height, width))
        gamma, beta, mean, variance = (self.weights(f"{name}.bn.{part}", (outputs,))
                                       for part in ("weight", "bias", "running_mean", "running_var"))
        y = F.conv2d(x, w, stride=stride, padding=padding)
        return F.relu(F.batch_norm(y, mean, variance, gamma, beta, training=False, eps=EPSILON))

    def chain(self, block, x, *layers):
        for name, *arguments in layers:
            x = self.conv(f"{block}.{name}", x, *arguments)
        return x

    def pooled(self, block, x, outputs):
        average = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
        return self.conv(f"{block}.branch_pool", average, outputs)

    def a(self, block, x, outputs):
        return torch.cat([
            self.chain(block, x, ("branch1x1", 64)),
            self.chain(block, x, ("branch5x5_1", 48), ("branch5x5_2", 64, 5, 1, 2)),
            self.chain(block, x, ("branch3x3dbl_1", 64), ("branch3x3dbl_2", 96, 3, 1, 1),
                       ("branch3x3dbl_3", 96, 3, 1, 1)),
            self.pooled(block, x, outputs)], 1)

    def b(self, block, x):
        return torch.cat([
            self.chain(block, x, ("branch3x3", 384, 3, 2)),
            self.chain(block, x, ("branch3x3dbl_1", 64), ("branch3x3dbl_2", 96, 3, 1, 1), ("branch3x3dbl_3", 96, 3, 2)),
            F.max_pool2d(x, 3, stride=2)], 1)

    def c(self, block, x, inner):
        row, column = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
        return torch.cat([
            self.chain(block, x, ("branch1x1", 192)),
            self.chain(block, x, ("branch7x7_1", inner), ("branch7x7_2", inner, *row), ("branch7x7_3", 192, *column)),
            self.chain(block, x, ("branch7x7dbl_1", inner), ("branch7x7dbl_2", inner, *column),
                       ("branch7x7dbl_3", inner, *row), ("branch7x7dbl_4", inner, *column),
                       ("branch7x7dbl_5", 192, *row)),
            self.pooled(block, x, 192)], 1)

    def d(self, block, x):
        return torch.cat([
            self.chain(block, x, ("branch3x3_1", 192), ("branch3x3_2", 320, 3, 2)),
            self.chain(block, x, ("branch7x7x3_1", 192), ("branch7x7x3_2", 192, (1, 7), 1, (0, 3)),
                       ("branch7x7x3_3", 192, (7, 1), 1, (3, 0)), ("branch7x7x3_4", 192, 3, 2)),
            F.max_pool2d(x, 3, stride=2)], 1)

    def e(self, block, x, by_maximum):
        row, column = ((1, 3), 1, (0, 1)), ((3, 1), 1, (1, 0))
        once = self.chain(block, x, ("branch3x3_1", 384))
        twice = self.chain(block, x, ("branch3x3dbl_1", 448), ("branch3x3dbl_2", 384, 3, 1, 1))
        if by_maximum:
            pooled = self.conv(f"{block}.branch_pool", F.max_pool2d(x, 3, stride=1, padding=1), 192)
        else:
            pooled = self.pooled(block, x, 192)
        return torch.cat([
            self.chain(block, x, ("branch1x1", 320)),
            self.chain(block, once, ("branch3x3_2a", 384, *row)), self.chain(block, once, ("branch3x3_2b", 384, *column)),
            self.chain(block, twice, ("branch3x3dbl_3a", 384, *row)),
            self.chain(block, twice, ("branch3x3dbl_3b", 384, *column)), pooled], 1)

    def __call__(self, pictures):
        """(N, 3, H, W) in [0, 1] -> (N, 2048)"""
        x = 2 * F.interpolate(pictures, size=(299, 299), mode="bilinear", align_corners=False) - 1
        x = self.conv("Conv2d_1a_3x3", x, 32, 3, 2)
        x = self.conv("Conv2d_2a_3x3", x, 32, 3)
        x = F.max_pool2d(self.conv("Conv2d_2b_3x3", x, 64, 3, 1, 1), 3, stride=2)
        x = self.conv("Conv2d_3b_1x1", x, 80)
        x = F.max_pool2d(self.conv("Conv2d_4a_3x3", x, 192, 3), 3, stride=2)
        for block, outputs in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
            x = self.a(block, x, outputs)
        x = self.b("Mixed_6a", x)
        for block, inner in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
            x = self.c(block, x, inner)
        x = self.d("Mixed_7a", x)
        x = self.e("Mixed_7c", self.e("Mixed_7b", x, False), True)
        return x.mean((2, 3))


def picture():
    """8-bit samples (1, 3, HEIGHT, WIDTH)."""
    values = uniform("inception/picture", (1, HEIGHT, WIDTH, 3)).astype(numpy.float64)
    return torch.tensor(numpy.floor((values + 1) * 127.5)).permute(0, 3, 1, 2)


def speed(count):
    network = Inception(Weights(torch.float32))
    pictures = torch.rand((count, 3, 64, 64)).to(memory_format=torch.channels_last)
    seconds = []
    for _ in range(4):
        begun = time.perf_counter()
        network(pictures)
        seconds.append(time.perf_counter() - begun)
    print(f"{count / min(seconds[1:]):.2f} images/s on {torch.get_num_threads()} threads")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=pathlib.Path(__file__).parent, type=pathlib.Path)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--speed", type=int)
    arguments = parser.parse_args()
    with torch.no_grad():
        if arguments.speed:
            return speed(arguments.speed)
        network = Inception(Weights(torch.float64))
        features = network(picture() / 255)
        if arguments.weights:
            return write_safetensors(arguments.weights, {k: v.float().numpy() for k, v in network.weights.drawn.items()},
                                     "drawn, not trained: weights of Inception in the names of the PyTorch port")
        write_safetensors(arguments.folder / "inception.safetensors", {"features": features[0].float().numpy()},
                          "features of one picture by Inception with drawn weights")


if __name__ == "__main__":
    main()
