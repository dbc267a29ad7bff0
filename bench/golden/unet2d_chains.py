"""Writes packages/ts-diffusion/test/golden/unet2d-chains.json: betas of diffusers' schedulers, and whole chains of its DDPM and DDIM with UNet2DModel.

    python bench/golden/unet2d_chains.py
"""

import json
import math
from pathlib import Path

import torch
from diffusers import DDIMScheduler, DDPMScheduler
from diffusers.schedulers import scheduling_ddim, scheduling_ddpm

from deterministic import deterministic_tensor
from unet2d_cases import CASES, create_model, origin, rounded

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "unet2d-chains.json"
COUNT = 2
LABELS = [0, 2]

# By name: network, scheduler_config.json, steps (None: all), eta of DDIM.
CHAINS = {
    "ddpm, all steps, cosine": (
        "defaults",
        {
            "_class_name": "DDPMScheduler",
            "num_train_timesteps": 40,
            "beta_schedule": "squaredcos_cap_v2",
            "prediction_type": "v_prediction",
            "variance_type": "fixed_large",
        },
        None,
        0,
    ),
    "ddpm, leading, linear": (
        "asymmetric",
        {"_class_name": "DDPMScheduler", "clip_sample": True, "variance_type": "fixed_small", "trained_betas": None},
        20,
        0,
    ),
    "ddim, leading, scaled": (
        "classes",
        {"_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"},
        25,
        0,
    ),
    "ddim, trailing, zero terminal SNR": (
        "defaults",
        {
            "_class_name": "DDIMScheduler",
            "num_train_timesteps": 100,
            "rescale_betas_zero_snr": True,
            "prediction_type": "v_prediction",
            "timestep_spacing": "trailing",
            "clip_sample": False,
            "thresholding": True,
        },
        10,
        0.5,
    ),
    "ddim, given betas, x0": (
        "defaults",
        {
            "_class_name": "DDIMScheduler",
            "num_train_timesteps": 8,
            "trained_betas": [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6],
            "prediction_type": "sample",
            "clip_sample": False,
        },
        8,
        0,
    ),
}
SCHEDULERS = {"DDPMScheduler": DDPMScheduler, "DDIMScheduler": DDIMScheduler}


def chain(name: str) -> dict:
    case, config, steps, eta = CHAINS[name]
    network = CASES[case][0]
    model = create_model(network, torch.float32)
    scheduler = SCHEDULERS[config["_class_name"]](**{k: v for k, v in config.items() if not k.startswith("_")})
    scheduler.set_timesteps(steps or scheduler.config.num_train_timesteps)
    shape = (COUNT, network["in_channels"], network["sample_size"], network["sample_size"])
    drawn = 0

    def noise(*_args, **_kwargs) -> torch.Tensor:
        nonlocal drawn
        drawn += 1
        return deterministic_tensor(f"unet2d.chain.{drawn - 1}", shape, math.sqrt(3))

    # Both schedulers draw their noise by this function.
    scheduling_ddpm.randn_tensor = scheduling_ddim.randn_tensor = noise
    x = noise()
    with torch.no_grad():
        for t in scheduler.timesteps:
            labels = torch.tensor(LABELS) if "num_class_embeds" in network else None
            prediction = model(x, t, labels).sample
            options = {"eta": eta} if config["_class_name"] == "DDIMScheduler" else {}
            x = scheduler.step(prediction, t, x, **options).prev_sample
    return {
        "case": case,
        "scheduler": config,
        "steps": steps,
        "eta": eta,
        "timesteps": scheduler.timesteps.tolist(),
        "alphasCumprod": rounded(scheduler.alphas_cumprod[:: max(1, len(scheduler.alphas_cumprod) // 20)]),
        "images": rounded(x),
    }


def main() -> None:
    torch.set_num_threads(1)
    golden = {
        "origin": origin("bench/golden/unet2d_chains.py") | {"precision": "float32, as diffusers computes"},
        "labels": LABELS,
        "chains": {name: chain(name) for name in CHAINS},
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
    for name, each in golden["chains"].items():
        print(name, max(map(abs, each["images"])))


if __name__ == "__main__":
    main()
