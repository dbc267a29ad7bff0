"""Golden values of the evaluation's mathematics, from the programs that published numbers are made with.

Run from the repository root:  python bench/golden/evaluation.py
Needs: numpy, scipy, scikit-learn, mpmath, torch, pytorch-fid, torch-fidelity, prdc, and OpenAI's guided-diffusion (on PyPI as
guided-diffusion-sdk). Writes: packages/ts-diffusion/test/golden/evaluation.json. The largest matrices take minutes.

All inputs are deterministic tensors (deterministic.py) that packages/ts-diffusion/test/golden/evaluation.ts makes alike.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.linalg
import torch
from deterministic import deterministic_tensor, hash_sequence
from guided_diffusion import gaussian_diffusion, losses
from guided_diffusion.gaussian_diffusion import LossType, ModelMeanType, ModelVarType
from guided_diffusion.respace import SpacedDiffusion
from mpmath import mp
from prdc import compute_prdc
from pytorch_fid.fid_score import calculate_frechet_distance
from scipy.special import log_ndtr
from sklearn.neighbors import NearestNeighbors
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

PACKAGES = (
    "numpy scipy scikit-learn mpmath torch pytorch-fid torch-fidelity prdc guided-diffusion-sdk".split()
)

SMALL = 24


def uniform(name, *shape, bound=1.0):
    """float32 values, as float64."""
    return deterministic_tensor(name, shape, bound).double().numpy()


def features(name, count, dimension, offset=0.0, scale=1.0):
    """float32: features that differ in variance from one dimension to the next, and are correlated."""
    mixing = uniform(f"mixing {dimension}", dimension, dimension) + np.eye(dimension)
    return (scale * uniform(name, count, dimension) @ mixing + offset).astype(np.float32)


# ---- linear algebra ----


def factor(name, n, columns, decay):
    """F [n, columns] with columns that fall to 10^-decay; A = F F^T then has a condition of about 10^(2 decay) and more."""
    return uniform(name, n, columns) * 10.0 ** (-decay * np.arange(columns) / (columns - 1))


def square_root_traces(n, columns, decay):
    """tr sqrtm(A B), B with the same spectrum in other directions."""
    f, g = (factor(f"{name} {n} {columns} {decay}", n, columns, decay) for name in ("f", "g"))
    a, b = f @ f.T, g @ g.T
    values, vectors = scipy.linalg.eigh(a)
    root = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    result = {
        "n": n,
        "columns": columns,
        "decay": decay,
        # The sum of singular values needs no square root of rounding errors: the reference where A is close to singular.
        "svd": float(scipy.linalg.svdvals(f.T @ g).sum()),
        "eigh": float(np.sqrt(np.clip(scipy.linalg.eigvalsh(root @ b @ root), 0, None)).sum()),
        "sqrtm": float(np.trace(scipy.linalg.sqrtm(a @ b)).real),
    }
    if n > SMALL:
        return result
    # With 60 digits even the eigenvalues of the product do, and show which of the three is right.
    mp.dps = 60
    eigenvalues = mp.eig(mp.matrix(a.tolist()) * mp.matrix(b.tolist()), left=False, right=False)
    return {**result, "exact": float(sum(mp.sqrt(max(mp.re(value), 0)) for value in eigenvalues))}


def tridiagonal_values(n):
    diagonal, off_diagonal = uniform("diagonal", n), uniform("off-diagonal", n - 1)
    return {"n": n, "values": scipy.linalg.eigh_tridiagonal(diagonal, off_diagonal, eigvals_only=True).tolist()}


def singular_values(m, n):
    return {"m": m, "n": n, "values": scipy.linalg.svdvals(uniform(f"matrix {m} {n}", m, n))[::-1].tolist()}


# ---- scores ----


def frechet(name, count_a, count_b, dimension, offset):
    a = features(f"{name} a", count_a, dimension).astype(np.float64)
    b = features(f"{name} b", count_b, dimension, offset, scale=1.25).astype(np.float64)
    sides = [(x.mean(axis=0), np.cov(x, rowvar=False)) for x in (a, b)]
    return {
        "name": name,
        "counts": [count_a, count_b],
        "dimension": dimension,
        "offset": offset,
        "scale": 1.25,
        "distance": float(calculate_frechet_distance(*sides[0], *sides[1])),
        "mean": sides[1][0].tolist()[:4],
        "covariance": sides[1][1].flatten().tolist()[: 2 * dimension : dimension - 1],
    }


def inception_scores(count, classes):
    logits = deterministic_tensor("logits", (count, classes), 4.0)
    result = []
    for splits in (1, 7):
        score = isc_features_to_metric(logits, splits=splits, shuffle=False)
        result.append(
            {"splits": splits, "mean": score["inception_score_mean"], "deviation": score["inception_score_std"]}
        )
    return {"count": count, "classes": classes, "bound": 4.0, "scores": result}


def kernel_distance(count, dimension):
    """Subsets as large as the sets: no choice of images to agree upon."""
    x, y = features("kernel x", count, dimension).astype(np.float64), features("kernel y", count, dimension, 0.1)
    score = kid_features_to_metric(
        torch.from_numpy(x), torch.from_numpy(y.astype(np.float64)), kid_subsets=1, kid_subset_size=count, verbose=False
    )
    return {"count": count, "dimension": dimension, "offset": 0.1, "distance": score["kernel_inception_distance_mean"]}


def neighbourhoods(real_count, sample_count, dimension, k):
    real, samples = features("real", real_count, dimension), features("samples", sample_count, dimension, 0.2, 0.9)
    scores = compute_prdc(real.astype(np.float64), samples.astype(np.float64), nearest_k=k)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(real.astype(np.float64))
    distances, indices = search.kneighbors(samples.astype(np.float64))
    return {
        "counts": [real_count, sample_count],
        "dimension": dimension,
        "offset": 0.2,
        "scale": 0.9,
        "neighbours": k,
        **{name: float(value) for name, value in scores.items()},
        "nearest": {"indices": indices[:12, 0].tolist(), "distances": distances[:12, 0].tolist()},
    }


# ---- likelihood ----


def normal_tails():
    x = [-12.0, -6.5, -2.0, -0.1, 0.0, 0.3, 1.0, 2.7, 8.0, 25.0, 60.0, 1e4]
    return {"x": x, "logUpperTail": log_ndtr(-np.array(x)).tolist()}


def betas_of(schedule, timesteps):
    if schedule == "linear":
        return np.linspace(1e-4, 0.02, timesteps)
    f = np.cos((np.arange(timesteps + 1) / timesteps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.clip(1 - f[1:] / f[:-1], 1e-4, 0.9999)


def bits_per_dim(schedule, timesteps, visited, variance, clip):
    """calc_bpd_loop with a model that predicts x_0 plus an error that depends on the timestep only: no noise to agree upon."""
    # The exact function in place of an approximation to 3 digits, and float64 in place of float32 tables.
    losses.approx_standard_normal_cdf = torch.special.ndtr
    gaussian_diffusion._extract_into_tensor = lambda table, t, shape: torch.from_numpy(table)[t].view(-1, 1, 1, 1).expand(shape)
    images, side = 2, 5
    bytes_ = (hash_sequence("bytes", images * side * side) % 256).astype(np.uint8)
    bytes_[:3] = [0, 255, 128]
    x0 = torch.from_numpy(bytes_.astype(np.float64) / 127.5 - 1).reshape(images, 1, side, side)

    def model(x, t):
        error = deterministic_tensor(f"error {int(t[0]) + 1}", tuple(x.shape), 0.03).double()
        return (x0 + error).float().double()

    diffusion = SpacedDiffusion(
        use_timesteps=[t - 1 for t in visited],
        betas=betas_of(schedule, timesteps),
        model_mean_type=ModelMeanType.START_X,
        model_var_type={"posterior": ModelVarType.FIXED_SMALL, "beta": ModelVarType.FIXED_LARGE}[variance],
        loss_type=LossType.MSE,
    )
    out = diffusion.calc_bpd_loop(model, x0, clip_denoised=clip)
    return {
        "schedule": schedule,
        "timesteps": timesteps,
        "visited": visited,
        "variance": variance,
        "clipX0": clip,
        "shape": [images, 1, side, side],
        "errorBound": 0.03,
        "perImage": out["total_bpd"].tolist(),
        "prior": float(out["prior_bpd"].mean()),
        "steps": out["vb"].mean(dim=0).tolist(),
    }


def main():
    every = list(range(20, 0, -1))
    golden = {
        "origin": {
            "programs": "scipy.linalg, mpmath, pytorch-fid, torch-fidelity, prdc, scikit-learn, OpenAI's guided-diffusion",
            "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES)
            + f", Python {platform.python_version()}",
            "command": "python bench/golden/evaluation.py",
        },
        "squareRootTraces": [
            square_root_traces(n, columns, decay)
            for n in (SMALL, 200, 256, 1024, 2048)
            for columns, decay in ((2 * n, 0), (n, 2), (n, 6), (n // 2, 0))
        ],
        "tridiagonal": tridiagonal_values(40),
        "singularValues": [singular_values(m, n) for m, n in ((1, 1), (7, 7), (90, 70), (33, 32))],
        "frechet": [
            frechet("more images than features", 300, 250, 24, 0.1),
            frechet("far from the origin", 300, 250, 24, 1000.0),
        ],
        "inceptionScore": inception_scores(200, 10),
        "kernelDistance": kernel_distance(300, 40),
        "neighbourhoods": [neighbourhoods(400, 300, 8, k) for k in (3, 5)] + [neighbourhoods(90, 300, 300, 5)],
        "normalTails": normal_tails(),
        "bitsPerDim": [
            bits_per_dim("linear", 20, every, "posterior", False),
            bits_per_dim("linear", 20, every, "beta", True),
            bits_per_dim("cosine", 20, every, "posterior", True),
            bits_per_dim("linear", 1000, [1000, 700, 400, 100, 50, 2], "posterior", True),
            bits_per_dim("cosine", 1000, [990, 700, 400, 100, 50, 1], "beta", False),
        ],
    }
    path = Path("packages/ts-diffusion/test/golden/evaluation.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
