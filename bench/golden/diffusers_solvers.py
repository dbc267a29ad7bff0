"""Writes packages/ts-diffusion/test/golden/diffusers-solvers.json: chains of diffusers' multistep solvers with a formula as network.

    python bench/golden/diffusers_solvers.py
"""

import json
from pathlib import Path

import diffusers
import torch

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "diffusers-solvers.json"
CONFIGS = [
    {"timestep_spacing": "trailing"},
    {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "prediction_type": "sample"},
    {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"},
    {"timestep_spacing": "leading", "thresholding": True, "prediction_type": "v_prediction"},
]


def network(x):
    return 0.8 * torch.tanh(0.7 * x) + 0.05 * torch.cos(3 * x)


def chain(name, config, steps):
    scheduler = getattr(diffusers, name)(**config)
    scheduler.set_timesteps(steps)
    x = torch.linspace(-2, 2, 8, dtype=torch.float64).reshape(1, 1, 2, 4)
    start = x.flatten().tolist()
    for t in scheduler.timesteps:
        x = scheduler.step(network(x), t, x).prev_sample
    timesteps = scheduler.timesteps.tolist()
    return {
        "scheduler": {"_class_name": name, **config},
        "timesteps": timesteps,
        "start": start,
        "end": x.flatten().tolist(),
    }


if __name__ == "__main__":
    names = ["DPMSolverMultistepScheduler", "UniPCMultistepScheduler"]
    chains = [chain(name, config, steps) for name in names for config in CONFIGS for steps in (10, 25)]
    origin = f"diffusers {diffusers.__version__}, torch {torch.__version__}"
    OUTPUT.write_text(json.dumps({"origin": origin, "chains": chains}, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
