"""Golden values of sampling, from diffusers' schedulers: the same model outputs and noise give the same images.

Run from the repository root:  python bench/golden/samplers.py
Needs: torch, diffusers. Writes: packages/ts-diffusion/test/golden/samplers.json

Model outputs are random numbers, one set per call. The schedulers' tables are replaced by float64 ones, and their choice of
timesteps by the lists below: they differ in it (by default DDPM, DDIM and Heun space evenly from T or from T - T/n, the multistep
solvers so that an n+1st step would end at 1). diffusers counts timesteps 0..T-1; the files written here count 1..T as the paper does.
"""

import json
import platform
from pathlib import Path

import diffusers
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    HeunDiscreteScheduler,
    RePaintScheduler,
    UniPCMultistepScheduler,
)
from diffusion import paper_betas

PIXELS = 6
KINDS = {"epsilon": "epsilon", "x0": "sample", "v": "v_prediction"}


def with_table(stock, schedule, timesteps, visited):
    """The stock scheduler with float64 tables, visiting these timesteps (counted from 1)."""
    betas = paper_betas(schedule, timesteps)
    stock.betas, stock.alphas = betas, 1.0 - betas
    stock.alphas_cumprod = torch.cumprod(stock.alphas, dim=0)
    stock.one = stock.final_alpha_cumprod = torch.tensor(1.0, dtype=torch.float64)
    stock.set_timesteps(len(visited))
    index = torch.tensor(visited) - 1
    levels = ((1 - stock.alphas_cumprod[index]) / stock.alphas_cumprod[index]).sqrt()
    stock.sigmas = torch.cat([levels, torch.zeros(1, dtype=torch.float64)])
    stock.timesteps = index
    return stock


def trajectory(sampler, stock, schedule, timesteps, visited, prediction, generator, options=None, step_options=None):
    stock = with_table(stock, schedule, timesteps, visited)
    x = torch.randn(1, PIXELS, generator=generator)
    state, outputs, noises, states = x.double(), [], [], []
    for t in stock.timesteps:
        output = torch.randn(1, PIXELS, generator=generator)
        seed = int(torch.randint(0, 2**31, (1,), generator=generator))
        kind = {"dtype": torch.float32} if sampler == "dpm-solver++-sde" else {"dtype": torch.float64}
        noises.append(torch.randn(1, PIXELS, generator=torch.Generator().manual_seed(seed), **kind))
        more = {} if sampler in ("dpm-solver++", "unipc") else {"generator": torch.Generator().manual_seed(seed)}
        state = stock.step(output.double(), t, state, **more, **(step_options or {})).prev_sample
        outputs.append(output)
        states.append(state)
    return {
        "sampler": sampler,
        "options": options or {},
        "schedule": schedule,
        "timesteps": timesteps,
        "visited": visited,
        "prediction": prediction,
        "x": x.flatten().tolist(),
        "outputs": torch.cat(outputs).tolist(),
        "noises": torch.cat(noises).tolist(),
        "states": torch.cat(states).tolist(),
    }


def heun_trajectory(schedule, timesteps, visited, prediction, generator):
    """Heun's states live at x / sqrt(abar), and each step but the last calls the model twice."""
    stock = HeunDiscreteScheduler(timesteps, prediction_type=KINDS[prediction])
    stock = with_table(stock, schedule, timesteps, visited)
    levels = stock.sigmas
    stock.sigmas = torch.cat([levels[:1], levels[1:-1].repeat_interleave(2), levels[-1:]])
    stock.timesteps = torch.cat([stock.timesteps[:1], stock.timesteps[1:].repeat_interleave(2)])
    x = torch.randn(1, PIXELS, generator=generator)
    state = x.double() * (1 + levels[0] ** 2).sqrt()
    outputs, states = [], []
    for call, t in enumerate(stock.timesteps):
        output = torch.randn(1, PIXELS, generator=generator)
        outputs.append(output)
        state = stock.step(output.double(), t, state).prev_sample
        if call % 2 == 1 or call == len(stock.timesteps) - 1:
            states.append(state / (1 + levels[len(states) + 1] ** 2).sqrt())
    return {
        "sampler": "heun",
        "options": {},
        "schedule": schedule,
        "timesteps": timesteps,
        "visited": visited,
        "prediction": prediction,
        "x": x.flatten().tolist(),
        "outputs": torch.cat(outputs).tolist(),
        "noises": [],
        "states": torch.cat(states).tolist(),
    }


def trajectories(generator):
    uneven = [1000, 870, 700, 431, 190, 52, 1]
    even = [801, 601, 401, 201, 1]  # DDPM and DDIM take the step from their number
    for prediction, kind in KINDS.items():
        common = {"prediction_type": kind}
        for schedule in ("linear", "cosine"):
            if schedule == "cosine" and prediction == "epsilon":
                continue  # abar is 2.4e-9 at T: random noise predictions give images of 2e4
            ddpm = {"variance_type": "fixed_small", "clip_sample": False, **common}
            yield trajectory("ddpm", DDPMScheduler(1000, **ddpm), schedule, 1000, even, prediction, generator)
            ddpm["variance_type"] = "fixed_large"
            large = DDPMScheduler(1000, **ddpm)
            yield trajectory("ddpm", large, schedule, 1000, even, prediction, generator, {"variance": "beta"})
            for eta in (0.0, 0.6, 1.0):
                ddim = DDIMScheduler(1000, clip_sample=False, **common)
                more = ({"eta": eta}, {"eta": eta})
                yield trajectory("ddim", ddim, schedule, 1000, even, prediction, generator, *more)
            for name, algorithm in (("dpm-solver++", "dpmsolver++"), ("dpm-solver++-sde", "sde-dpmsolver++")):
                solver = DPMSolverMultistepScheduler(1000, algorithm_type=algorithm, **common)
                yield trajectory(name, solver, schedule, 1000, uneven, prediction, generator)
            unipc = UniPCMultistepScheduler(1000, **common)
            yield trajectory("unipc", unipc, schedule, 1000, uneven, prediction, generator)
            if prediction != "x0":  # not supported by HeunDiscreteScheduler
                yield heun_trajectory(schedule, 1000, uneven, prediction, generator)


def thresholds(generator):
    for ratio in (0.5, 0.9, 0.995):
        stock = DDPMScheduler(thresholding=True, dynamic_thresholding_ratio=ratio, sample_max_value=1e9)
        x0 = torch.randn(3, 1, 4, 5, generator=generator) * torch.tensor([0.3, 1.0, 4.0])[:, None, None, None]
        out = stock._threshold_sample(x0.double())
        yield {"percentile": ratio, "x0": x0.flatten().tolist(), "out": out.flatten().tolist()}


def rescaled_guidance(generator):
    """rescale_noise_cfg of diffusers' pipelines, whose import needs other packages, in one line (Lin et al. 2023, section 3.4)."""
    conditional, unconditional = torch.randn(2, 3, 20, generator=generator, dtype=torch.float32).double()
    for omega, rescale in ((2.0, 0.7), (7.5, 1.0)):
        guided = unconditional + (1 + omega) * (conditional - unconditional)
        scaled = guided * (conditional.std(dim=1, keepdim=True) / guided.std(dim=1, keepdim=True))
        yield {
            "omega": omega,
            "rescale": rescale,
            "conditional": conditional.flatten().tolist(),
            "unconditional": unconditional.flatten().tolist(),
            "guided": (rescale * scaled + (1 - rescale) * guided).flatten().tolist(),
        }


def repaint_walk(steps, jump, times):
    """The states RePaintScheduler passes through, as steps left; a run of single steps back is one jump."""
    stock = RePaintScheduler(steps)
    stock.set_timesteps(steps, jump_length=jump, jump_n_sample=times)
    walk, last, rising = [steps], steps, False
    for t in stock.timesteps.tolist():
        if t < last:
            walk.append(t)
            rising = False
        else:
            walk.append(walk.pop() + 1 if rising else walk[-1] + 1)
            rising = True
        last = t
    return {"steps": steps, "jump": jump, "times": times, "walk": walk}


def main():
    generator = torch.Generator().manual_seed(1)
    golden = {
        "origin": {
            "program": "diffusers' schedulers",
            "versions": f"diffusers {diffusers.__version__}, torch {torch.__version__}, Python {platform.python_version()}",
            "command": "python bench/golden/samplers.py",
        },
        "trajectories": list(trajectories(generator)),
        "thresholds": list(thresholds(generator)),
        "rescaledGuidance": list(rescaled_guidance(generator)),
        "repaintWalks": [repaint_walk(*args) for args in ((10, 1, 1), (10, 1, 3), (10, 3, 2), (12, 4, 3), (9, 9, 2))],
    }
    path = Path("packages/ts-diffusion/test/golden/samplers.json")
    path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
    print(f"wrote {path}, {len(golden['trajectories'])} trajectories")


if __name__ == "__main__":
    main()
