"""Golden values of noise schedules, forward process and DDPM steps, from diffusers' DDPMScheduler.

Run from the repository root:  python bench/golden/diffusion.py
Needs: torch, diffusers. Writes: packages/ts-diffusion/test/golden/diffusion.json

diffusers counts timesteps 0..T-1; the files written here count 1..T as the paper does.
"""

import json
import math
import platform
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import DDPMScheduler
from diffusers.schedulers.scheduling_ddpm import betas_for_alpha_bar, rescale_zero_terminal_snr

PIXELS = 6


def paper_betas(name, timesteps):
    """The float32 betas of diffusers, widened before the paper's clip of the cosine ones: 1 - float32(0.9999) has 4 digits."""
    if name == "linear":
        return DDPMScheduler(timesteps, beta_schedule="linear", beta_start=1e-4, beta_end=0.02).betas.double()
    return betas_for_alpha_bar(timesteps, max_beta=1.0).double().clamp(min=1e-4, max=0.9999)


def sigmoid_betas(timesteps):
    """The sigmoid schedule as Chen 2023 (section 2, Algorithm 1) writes it, evaluated in NumPy."""

    def cumulative(t, start=-3, end=3, tau=1.0, clip_min=1e-9):
        sigmoid = lambda x: 1 / (1 + np.exp(-x))
        v_start, v_end = sigmoid(start / tau), sigmoid(end / tau)
        output = (v_end - sigmoid((t * (end - start) + start) / tau)) / (v_end - v_start)
        return np.clip(output, clip_min, 1.0)

    values = cumulative(np.arange(timesteps + 1) / timesteps)
    return torch.from_numpy(1 - values[1:] / values[:-1])


def changed_schedule(name, timesteps, rescale, zero):
    """Schedules beyond the paper's, and diffusers' rescaling to zero terminal SNR, in float64."""
    if name == "sigmoid":
        betas = sigmoid_betas(timesteps)
    elif rescale:
        ends = (1e-4 * 1000 / timesteps, 0.02 * 1000 / timesteps)
        betas = DDPMScheduler(timesteps, beta_start=ends[0], beta_end=ends[1]).betas.double()
    else:
        betas = paper_betas(name, timesteps)
    if zero:
        betas = rescale_zero_terminal_snr(betas)
    at = sorted({1, 2, timesteps // 3, timesteps // 2, timesteps - 1, timesteps})
    index = [t - 1 for t in at]
    return {
        "name": name,
        "timesteps": timesteps,
        "options": {"rescaleBetas": rescale, "zeroTerminalSnr": zero},
        "at": at,
        "betas": betas[index].tolist(),
        "alphasCumprod": torch.cumprod(1 - betas, dim=0)[index].tolist(),
    }


def scheduler(name, timesteps, **options):
    """The stock scheduler, with its table in float64: it recovers beta_t as 1 - abar_t / abar_(t-1), which cancels."""
    betas = paper_betas(name, timesteps)
    stock = DDPMScheduler(timesteps, **{"variance_type": "fixed_small", "clip_sample": False, **options})
    stock.betas = betas
    stock.alphas = 1.0 - betas
    stock.alphas_cumprod = torch.cumprod(stock.alphas, dim=0)
    stock.one = torch.tensor(1.0, dtype=torch.float64)
    return stock


def schedule_values(name, timesteps):
    stock = scheduler(name, timesteps)
    picked = sorted({1, 2, 3, 10, 100, timesteps // 4, timesteps // 2, 3 * timesteps // 4, timesteps - 1, timesteps})
    index = [t - 1 for t in picked]
    return {
        "name": name,
        "timesteps": timesteps,
        "at": picked,
        "betas": stock.betas[index].tolist(),
        "alphasCumprod": stock.alphas_cumprod[index].tolist(),
        # get_variance clamps at 1e-20, which only the exact zero of t = 1 meets.
        "posteriorVariance": [float(stock._get_variance(i)) for i in index],
        "sumOfBetas": float(stock.betas.sum()),
    }


def step_values(name, timesteps, t, generator, inference_steps=None, clip=False):
    stock = scheduler(name, timesteps, clip_sample=clip, clip_sample_range=1.0)
    if inference_steps is not None:
        stock.set_timesteps(inference_steps)
    x, epsilon = (torch.randn(1, PIXELS, generator=generator) for _ in range(2))
    seed = int(torch.randint(0, 2**31, (1,), generator=generator))
    # step() draws its noise as randn(shape) from the generator it is given: the same seed shows that noise.
    noise = torch.randn(1, PIXELS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    out = stock.step(epsilon.double(), t - 1, x.double(), generator=torch.Generator().manual_seed(seed))
    previous = int(stock.previous_timestep(t - 1)) + 1
    return {
        "schedule": name,
        "timesteps": timesteps,
        "t": t,
        "previous": max(previous, 0),
        "clipX0": clip,
        "x": x.flatten().tolist(),
        "epsilon": epsilon.flatten().tolist(),
        "noise": noise.flatten().tolist(),
        "predictedX0": out.pred_original_sample.flatten().tolist(),
        "next": out.prev_sample.flatten().tolist(),
    }


def forward_values(name, timesteps, generator):
    stock = scheduler(name, timesteps)
    t = [1, timesteps // 2, timesteps]
    x0 = torch.rand(len(t), PIXELS, generator=generator) * 2 - 1
    noise = torch.randn(len(t), PIXELS, generator=generator)
    noisy = stock.add_noise(x0.double(), noise.double(), torch.tensor(t) - 1)
    return {
        "schedule": name,
        "timesteps": timesteps,
        "t": t,
        "x0": x0.flatten().tolist(),
        "noise": noise.flatten().tolist(),
        "noisy": noisy.flatten().tolist(),
    }


def gaussian_moments(name, timesteps, mean, deviation):
    """Exact moments of the images that the DDPM chain makes of data N(mean, deviation^2), given the exact denoiser.

    With E[x0 | xt] affine in xt every step is affine with Gaussian noise, so mean and variance follow a scalar recursion;
    written with the posterior mean in terms of x0 and xt (Ho et al. 2020, equation 7). Not equal to the data's moments: the
    chain's variance is the one that is exact for data without spread.
    """
    betas = scheduler(name, timesteps).betas
    cumulative = torch.cumprod(1 - betas, dim=0)
    m, v = 0.0, 1.0
    for i in reversed(range(timesteps)):
        beta, abar = float(betas[i]), float(cumulative[i])
        before = float(cumulative[i - 1]) if i > 0 else 1.0
        gain = math.sqrt(abar) * deviation**2 / (abar * deviation**2 + 1 - abar)
        offset = mean - gain * math.sqrt(abar) * mean
        on_x0 = math.sqrt(before) * beta / (1 - abar)
        on_xt = math.sqrt(1 - beta) * (1 - before) / (1 - abar)
        m = (on_x0 * gain + on_xt) * m + on_x0 * offset
        v = (on_x0 * gain + on_xt) ** 2 * v + beta * (1 - before) / (1 - abar)
    return {
        "schedule": name,
        "timesteps": timesteps,
        "data": {"mean": mean, "deviation": deviation},
        "samples": {"mean": m, "variance": v},
    }


def main():
    generator = torch.Generator().manual_seed(0)
    kinds = [(name, timesteps) for name in ("linear", "cosine") for timesteps in (1000, 4000)]
    spaced = DDPMScheduler(1000, timestep_spacing="linspace")
    spacing = []
    for count in (2, 7, 50, 1000):
        spaced.set_timesteps(count)
        spacing.append({"timesteps": 1000, "count": count, "at": (spaced.timesteps + 1).tolist()})
    golden = {
        "origin": {
            "program": "diffusers.DDPMScheduler",
            "versions": f"diffusers {diffusers.__version__}, torch {torch.__version__}, Python {platform.python_version()}",
            "command": "python bench/golden/diffusion.py",
        },
        "schedules": [schedule_values(name, timesteps) for name, timesteps in kinds],
        "changedSchedules": [
            changed_schedule("sigmoid", 1000, False, False),
            changed_schedule("sigmoid", 40, False, False),
            changed_schedule("linear", 4000, True, False),
            changed_schedule("linear", 1000, False, True),
            changed_schedule("linear", 250, True, True),
            changed_schedule("cosine", 1000, False, True),
            changed_schedule("sigmoid", 1000, False, True),
        ],
        "forward": [forward_values(name, timesteps, generator) for name, timesteps in kinds],
        "steps": [
            step_values(name, timesteps, t, generator)
            for name, timesteps in kinds
            for t in (1, 2, timesteps // 2, timesteps - 1, timesteps)
        ]
        + [step_values(name, 1000, t, generator, clip=True) for name in ("linear", "cosine") for t in (2, 500, 1000)]
        + [step_values(name, 1000, t, generator, inference_steps=50) for name in ("linear", "cosine") for t in (1, 501, 981)],
        "evenlySpaced": spacing,
        "gaussianMoments": [
            gaussian_moments(name, timesteps, mean, deviation)
            for name, timesteps in (("linear", 250), ("linear", 1000), ("cosine", 250), ("cosine", 1000))
            for mean, deviation in ((0.3, 0.5), (0.4, 0.2), (-0.2, 1.0))
        ],
    }
    assert all(math.isfinite(v) for step in golden["steps"] for v in step["next"])
    path = Path("packages/ts-diffusion/test/golden/diffusion.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
