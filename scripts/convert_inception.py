#!/usr/bin/env python3
"""Turns the PyTorch port of the FID's Inception weights into a file that Standin reads.

    convert_inception.py pt_inception-2015-12-05-6726825d.pth inception.safetensors

Needs torch and safetensors, once, on any machine. The result says which file it was made from (SHA-256) and what its
tensors are (SHA-256 over names and numbers), by which Standin decides whether values may be called FID.
docs/notes/inception.md says what that is worth.
"""

import hashlib
import sys

import torch
from safetensors.torch import save_file


def file_hash(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tensors_hash(tensors):
    digest = hashlib.sha256()
    for name in sorted(tensors, key=str.encode):
        digest.update(name.encode() + b"\0")
        digest.update(tensors[name].numpy().astype("<f4").tobytes())
    return digest.hexdigest()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = sys.argv[1:]
    state = torch.load(source, map_location="cpu", weights_only=True)
    tensors = {name: value.float().contiguous() for name, value in state.items()
               if ".conv." in name or (".bn." in name and not name.endswith("num_batches_tracked"))}
    save_file(tensors, target, {"origin_sha256": file_hash(source), "tensors_sha256": tensors_hash(tensors)})
    print(f"{target}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
