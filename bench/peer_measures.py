#!/usr/bin/env python3
"""What numpy, scipy and scikit-image need for the measures that bench/measures times, on the same inputs.

    peer_measures.py FOLDER NAME...      one line for each: name, seconds, value

Written as somebody who knows numpy would: distances and kernels by matrix products, cubes by
multiplication, np.partition instead of sorting, both cores for everything (BLAS threads; two
processes for SSIM). The Frechet distance is measured by both usual routes, scipy.linalg.sqrtm and
two symmetric eigenproblems, and the faster one counts.
"""

import multiprocessing
import os
import sys
import time

import numpy as np

THREADS = 2
SIDE = 224


def sets(folder, size):
    width = int(size.split("x")[1])
    return [np.fromfile(os.path.join(folder, f"{size}-{side}")).reshape(-1, width) for side in "ab"]


def squared_distances(a, b):
    squares = (a * a).sum(1)[:, None] + (b * b).sum(1)[None]
    squares -= 2 * (a @ b.T)
    return np.maximum(squares, 0, out=squares)


def prdc(a, b, k=5):
    def radii(x):
        return np.partition(squared_distances(x, x), k, axis=1)[:, k]
    radius_a, radius_b, between = radii(a), radii(b), squared_distances(a, b)
    inside = between < radius_a[:, None]
    precision = inside.any(0).mean()
    recall = (between < radius_b[None]).any(1).mean()
    density = inside.sum(0).mean() / k
    coverage = (between.min(1) < radius_a).mean()
    return precision + recall + density + coverage


def kernel_sum(a, b):
    base = a @ b.T
    base /= a.shape[1]
    base += 1
    cube = base * base
    cube *= base
    return cube.sum() - (np.trace(cube) if a is b else 0)


def unbiased(a, b):
    m, n = len(a), len(b)
    return kernel_sum(a, a) / (m * (m - 1)) + kernel_sum(b, b) / (n * (n - 1)) - 2 * kernel_sum(a, b) / (m * n)


def kid(a, b, subsets=100):
    random = np.random.default_rng(1)
    size = min(1000, min(len(a), len(b)) // 2)
    for _ in range(subsets):
        unbiased(a[random.choice(len(a), size, replace=False)], b[random.choice(len(b), size, replace=False)])
    return unbiased(a, b)


def moments(x):
    return x.mean(0), np.cov(x, rowvar=False)


def root_by_sqrtm(s1, s2):
    import scipy.linalg
    return np.trace(scipy.linalg.sqrtm(s1 @ s2)).real


def root_by_eigenvalues(s1, s2):
    values, vectors = np.linalg.eigh(s1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return np.sqrt(np.maximum(np.linalg.eigvalsh(root @ s2 @ root), 0)).sum()


def frechet(a, b, root):
    (m1, s1), (m2, s2) = moments(a), moments(b)
    return ((m1 - m2) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * root(s1, s2)


def ssim_of_part(part):
    from skimage.metrics import structural_similarity
    a, b = part
    return sum(structural_similarity(x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255)
               for x, y in zip(a, b))


def timed(work, repeats):
    least, value = None, None
    for _ in range(repeats):
        start = time.perf_counter()
        value = work()
        seconds = time.perf_counter() - start
        least = seconds if least is None else min(least, seconds)
    return least, float(value)


def measure(folder, name):
    kind, size = name.split("-")
    if kind == "ssim":
        a, b = [np.fromfile(os.path.join(folder, f"images-{side}"), np.uint8).reshape(-1, SIDE, SIDE) for side in "ab"]
        parts = [(a[i::THREADS], b[i::THREADS]) for i in range(THREADS)]
        with multiprocessing.Pool(THREADS) as pool:
            pool.map(ssim_of_part, [(a[:1], b[:1])] * THREADS)  # imports are not what is measured
            return timed(lambda: sum(pool.map(ssim_of_part, parts)) / len(a), 1)
    a, b = sets(folder, size)
    repeats = 1 if size == "5000x2048" else 2
    if kind == "fd":
        return min(timed(lambda: frechet(a, b, root), repeats) for root in (root_by_eigenvalues, root_by_sqrtm))
    return timed(lambda: {"prdc": prdc, "kid": kid}[kind](a, b), repeats)


def main():
    for name in sys.argv[2:]:
        seconds, value = measure(sys.argv[1], name)
        print(f"{name} {seconds:.6f} {value:.15g}", flush=True)


if __name__ == "__main__":
    main()
