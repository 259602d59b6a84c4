#!/usr/bin/env python3
"""What PyTorch needs for an epoch of the classifier that bench/measures times: the same network, optimiser, batch and
augmentations, on the same images.

    peer_classifier.py FOLDER      one line: name, seconds, parameters

FOLDER holds images-idx3-ubyte. As in peer_torch.py the peer gets what its manual offers: both layouts of memory, the
compiler, fused AdamW, memory that is kept; the fastest counts.
"""

import math
import os
import sys
import time

THREADS, BATCH, CLASSES, FEATURES, WARM_UP = 2, 64, 6, 32, 3
ARENA = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 33)}
LAYOUTS = {"eager-nchw": (False, False), "eager-nhwc": (True, False), "compile-nhwc": (True, True)}


def network(torch):
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
            self.path = nn.Sequential(
                nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            return torch.relu(self.path(x) + self.shortcut(x))

    return nn.Sequential(
        nn.Conv2d(3, FEATURES, 4, 2, 1, bias=False), nn.BatchNorm2d(FEATURES), nn.ReLU(),
        *[Block(FEATURES << i, FEATURES << i + 1) for i in range(3)],
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8 * FEATURES, CLASSES))


def augmented(torch, images):
    """Turn, zoom, shift, contrast and brightness, each by its own amount for each image."""
    def either_side(maximum):
        return (2 * torch.rand(len(images)) - 1) * maximum
    turn, zoom = either_side(math.radians(12)), torch.exp(either_side(0.12))
    rows = torch.stack([zoom * turn.cos(), -zoom * turn.sin(), either_side(0.2), zoom * turn.sin(), zoom * turn.cos(), either_side(0.2)], 1)
    grid = torch.nn.functional.affine_grid(rows.view(-1, 2, 3), images.shape, align_corners=False)
    moved = torch.nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    return moved * torch.exp(either_side(0.2)).view(-1, 1, 1, 1) + either_side(0.2).view(-1, 1, 1, 1)


def epoch_seconds(torch, images, labels, channels_last, compiled):
    torch.manual_seed(1)
    model = network(torch)
    parameters = sum(weight.numel() for weight in model.parameters())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = model.to(memory_format=layout)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.02, fused=True)
    forward = torch.compile(model) if compiled else model

    def step(chosen):
        batch = augmented(torch, images[chosen].float() / 127.5 - 1).contiguous(memory_format=layout)
        loss = torch.nn.functional.cross_entropy(forward(batch), labels[chosen], label_smoothing=0.1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return loss.item()

    for _ in range(WARM_UP):
        step(torch.randperm(len(images))[:BATCH])
    start = time.perf_counter()
    for chosen in torch.randperm(len(images)).split(BATCH):
        step(chosen)
    return time.perf_counter() - start, parameters


def main():
    if "OMP_NUM_THREADS" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ARENA, "OMP_NUM_THREADS": str(THREADS)})
    import numpy as np
    import torch
    grey = np.fromfile(os.path.join(sys.argv[1], "images-idx3-ubyte"), np.uint8)[16:].reshape(-1, 1, 64, 64)
    images, labels = torch.from_numpy(grey).repeat(1, 3, 1, 1), torch.arange(len(grey)) % CLASSES
    seconds, parameters = min(epoch_seconds(torch, images, labels, *layout) for layout in LAYOUTS.values())
    print(f"classifier-epoch {seconds:.6f} {parameters}")


if __name__ == "__main__":
    main()
