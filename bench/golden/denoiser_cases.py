"""What the golden files of both U-Nets are made of: models, inputs, outputs, losses and gradients with their float32 errors.

Weights and inputs are exact float32 numbers from a hash of their name (deterministic.py); everything after them is
float64. Beside each value stands the error that PyTorch itself makes in float32, for tests to be gated on.
"""

import math
import platform

import torch
from torch import Tensor, nn

from deterministic import deterministic_tensor, fill_deterministic
from modern_unet import ModernUNet
from paper_unet import PaperUNet

DIGITS = 9
X_BOUND = 1.0
NOISE_BOUND = math.sqrt(3)  # unit variance
LOSSES = {"l1": torch.nn.functional.l1_loss, "l2": torch.nn.functional.mse_loss}


def origin(program: str) -> dict:
    return {
        "program": program,
        "command": f"python {program}",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "precision": f"float64 from float32 weights and inputs, rounded to {DIGITS} significant digits",
    }


def rounded(values: Tensor | float) -> list | float:
    if isinstance(values, Tensor):
        return [rounded(v) for v in values.flatten().tolist()]
    return float(f"{values:.{DIGITS}g}")


def create_model(config: dict, dtype: torch.dtype) -> nn.Module:
    """The paper's U-Net, or the modern one where the configuration counts blocks, with deterministic weights."""
    if "blocks" in config:
        model = ModernUNet(
            config["channels"],
            config["blocks"],
            config["classes"],
            config["patchSize"],
            config["timeEmbedding"],
            config.get("attention", "bottleneck"),
            attention_heads=config.get("attentionHeads", 1),
            image_size=config["imageSize"],
        )
    else:
        model = PaperUNet(config["channels"], config["classes"])
    fill_deterministic(model)
    return model.to(dtype)


class Inputs:
    """x, noise (both [B, 1, S, S], hashed from `name.x` and `name.noise`), timesteps and labels."""

    def __init__(self, name: str, config: dict, timesteps: list[int], labels: list[int]) -> None:
        shape = (len(labels), 1, config["imageSize"], config["imageSize"])
        self.x = deterministic_tensor(f"{name}.x", shape, X_BOUND)
        self.noise = deterministic_tensor(f"{name}.noise", shape, NOISE_BOUND)
        self.timesteps = timesteps
        self.labels = labels
        self.record = {
            "x": {"name": f"{name}.x", "bound": X_BOUND},
            "noise": {"name": f"{name}.noise", "bound": NOISE_BOUND},
            "timesteps": timesteps,
            "labels": labels,
        }

    def predict(self, model: nn.Module, dtype: torch.dtype) -> Tensor:
        return model(self.x.to(dtype), torch.tensor(self.timesteps, dtype=dtype), torch.tensor(self.labels))

    def loss(self, model: nn.Module, dtype: torch.dtype, loss: str) -> Tensor:
        return LOSSES[loss](self.predict(model, dtype), self.noise.to(dtype))


def error(actual: Tensor, expected: Tensor) -> dict:
    """The float32 error: |actual - expected|_2 / |expected|_2 (0 where both vanish), and the largest absolute difference."""
    difference = actual.double() - expected
    norm = expected.norm().item()
    relative = difference.norm().item() / norm if norm > 0 else difference.norm().item()
    return {"relative": float(f"{relative:.3g}"), "maxAbsolute": float(f"{difference.abs().max().item():.3g}")}


def gradients(config: dict, inputs: Inputs, loss: str, dtype: torch.dtype) -> tuple[float, dict[str, Tensor]]:
    model = create_model(config, dtype)
    value = inputs.loss(model, dtype, loss)
    value.backward()
    return value.item(), {name: p.grad for name, p in model.named_parameters()}


def output_case(config: dict, inputs: Inputs) -> dict:
    with torch.no_grad():
        exact = inputs.predict(create_model(config, torch.float64), torch.float64)
        single = inputs.predict(create_model(config, torch.float32), torch.float32)
    return {
        "config": config,
        "inputs": inputs.record,
        "shape": list(exact.shape),
        "output": rounded(exact),
        "float32Error": error(single, exact),
    }


def gradient_case(config: dict, inputs: Inputs, losses: list[str], describe) -> dict:
    case = {"config": config, "inputs": inputs.record, "losses": {}}
    for loss in losses:
        value, exact = gradients(config, inputs, loss, torch.float64)
        single_value, single = gradients(config, inputs, loss, torch.float32)
        case["losses"][loss] = {
            "loss": rounded(value),
            "float32LossError": float(f"{abs(single_value - value) / abs(value):.3g}"),
            "gradients": {
                name: {"shape": list(g.shape), **describe(g), "float32Error": error(single[name], g)}
                for name, g in exact.items()
            },
        }
    return case


def all_values(gradient: Tensor) -> dict:
    return {"values": rounded(gradient)}


def summary(gradient: Tensor) -> dict:
    return {
        "norm": rounded(gradient.norm().item()),
        "sum": rounded(gradient.sum().item()),
        "first": rounded(gradient.flatten()[:8]),
    }
