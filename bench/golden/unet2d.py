"""Writes packages/ts-diffusion/test/golden/unet2d.json: outputs, losses and gradients of networks of diffusers' UNet2DModel.

    python bench/golden/unet2d.py
"""

import json
import math
from pathlib import Path

import torch
from torch import Tensor

from unet2d_cases import CASES, create_model, images, origin, predict, rounded

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "unet2d.json"
GRADIENT_CASES = ["defaults", "asymmetric", "classes", "timestep_classes"]


def error(actual: Tensor, expected: Tensor) -> dict:
    difference = actual.double() - expected
    norm = expected.norm().item()
    relative = difference.norm().item() / norm if norm > 0 else difference.norm().item()
    return {"relative": float(f"{relative:.3g}"), "maxAbsolute": float(f"{difference.abs().max().item():.3g}")}


def gradients(name: str, dtype: torch.dtype) -> tuple[float, dict[str, Tensor]]:
    model = create_model(CASES[name][0], dtype)
    prediction = predict(name, model)
    noise = images(f"unet2d.{name}.noise", CASES[name][0], len(prediction), math.sqrt(3)).to(dtype)
    loss = torch.nn.functional.mse_loss(prediction, noise)
    loss.backward()
    return loss.item(), {name: p.grad for name, p in model.named_parameters()}


def gradient_case(name: str) -> dict:
    loss, exact = gradients(name, torch.float64)
    _, single = gradients(name, torch.float32)
    return {
        "loss": rounded(loss),
        "gradients": {
            parameter: {
                "norm": rounded(g.norm().item()),
                "first": rounded(g.flatten()[:4]),
                "float32Error": error(single[parameter], g),
            }
            for parameter, g in exact.items()
        },
    }


def output_case(name: str) -> dict:
    config, timesteps, labels = CASES[name]
    with torch.no_grad():
        exact_model = create_model(config, torch.float64)
        exact = predict(name, exact_model)
        single = predict(name, create_model(config, torch.float32))
    return {
        "config": config,
        "parameters": sum(p.numel() for p in exact_model.parameters()),
        "timesteps": timesteps,
        "labels": labels,
        "output": rounded(exact),
        "float32Error": error(single, exact),
    }


def main() -> None:
    torch.set_num_threads(1)
    golden = {
        "origin": origin("bench/golden/unet2d.py"),
        "outputs": {name: output_case(name) for name in CASES},
        "gradients": {name: gradient_case(name) for name in GRADIENT_CASES},
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")
    for name, case in golden["outputs"].items():
        print(name, case["parameters"], case["float32Error"])


if __name__ == "__main__":
    main()
