"""Writes test/golden/unet.json: outputs, losses, gradients and Adam steps of the paper's U-Net, computed by PyTorch.

Weights and inputs are exact float32 numbers from a hash of their name (deterministic.py); everything after them is
float64. Beside each value stands the error that PyTorch itself makes in float32, for tests to be gated on.

    python bench/golden/unet.py
"""

import json
import math
import platform
from pathlib import Path

import numpy
import torch
from torch import Tensor

from deterministic import deterministic_tensor, fill_deterministic, hash_name, hash_sequence
from paper_unet import PAPER_CHANNELS, PAPER_CLASSES, PaperUNet

DIGITS = 9
OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "unet.json"
PAPER = {"channels": PAPER_CHANNELS, "imageSize": 28, "classes": PAPER_CLASSES}
SMALL = {"channels": (4, 8, 16), "imageSize": 8, "classes": 3}
X_BOUND = 1.0
NOISE_BOUND = math.sqrt(3)  # unit variance
LOSSES = {"l1": torch.nn.functional.l1_loss, "l2": torch.nn.functional.mse_loss}


def rounded(values: Tensor | float) -> list | float:
    if isinstance(values, Tensor):
        return [rounded(v) for v in values.flatten().tolist()]
    return float(f"{values:.{DIGITS}g}")


def create_model(config: dict, dtype: torch.dtype) -> PaperUNet:
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

    def predict(self, model: PaperUNet, dtype: torch.dtype) -> Tensor:
        return model(self.x.to(dtype), torch.tensor(self.timesteps, dtype=dtype), torch.tensor(self.labels))

    def loss(self, model: PaperUNet, dtype: torch.dtype, loss: str) -> Tensor:
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


def adam_case(config: dict, steps: list[Inputs], loss: str, learning_rate: float) -> dict:
    def run(dtype: torch.dtype) -> tuple[list[float], dict[str, Tensor]]:
        model = create_model(config, dtype)
        optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
        losses = []
        for inputs in steps:
            optimizer.zero_grad(set_to_none=True)
            value = inputs.loss(model, dtype, loss)
            value.backward()
            optimizer.step()
            losses.append(value.item())
        return losses, {name: p.detach() for name, p in model.named_parameters()}

    losses, exact = run(torch.float64)
    _, single = run(torch.float32)
    return {
        "config": config,
        "loss": loss,
        "optimizer": {"name": "Adam", "learningRate": learning_rate, "betas": [0.9, 0.999], "epsilon": 1e-8},
        "steps": [{"inputs": s.record, "loss": rounded(v)} for s, v in zip(steps, losses)],
        "parameters": {
            name: {"shape": list(p.shape), "values": rounded(p), "float32Error": error(single[name], p)}
            for name, p in exact.items()
        },
    }


def checksums() -> list[dict]:
    """The hash and the tensor of a few names, so that a twin in another language can be checked."""
    cases = []
    for name, count, bound in [("", 5, 1.0), ("down1.conv1.weight", 576, 1 / 3), ("é", 100_000, NOISE_BOUND)]:
        sequence = hash_sequence(name, count)
        values = deterministic_tensor(name, (count,), bound).numpy()
        cases.append(
            {
                "name": name,
                "count": count,
                "bound": bound,
                "nameHash": hash_name(name),
                "first": [int(v) for v in sequence[:4]],
                "sum": int(sequence.sum(dtype="uint64")),
                "xorOfFloat32Bits": int(numpy.bitwise_xor.reduce(values.view("uint32"))),
            }
        )
    return cases


def all_values(gradient: Tensor) -> dict:
    return {"values": rounded(gradient)}


def summary(gradient: Tensor) -> dict:
    return {
        "norm": rounded(gradient.norm().item()),
        "sum": rounded(gradient.sum().item()),
        "first": rounded(gradient.flatten()[:8]),
    }


def main() -> None:
    torch.set_num_threads(1)
    small_steps = [
        Inputs("small.step1", SMALL, [5, 321, 1000], [0, 2, -1]),
        Inputs("small.step2", SMALL, [77, 640, 2], [-1, 1, 2]),
        Inputs("small.step3", SMALL, [900, 12, 450], [1, 0, -1]),
    ]
    # Of several batches tried, one whose gradients do not move when the weights do by 2e-7: in most others, float32 puts
    # some ReLU or maximum on the other side of its kink, and whole gradients differ by 0.1 %.
    paper_batch = Inputs("paper.gradients.a", PAPER, [1, 250, 600, 1000], [7, -1, 0, 9])
    golden = {
        "origin": {
            "program": "bench/golden/unet.py",
            "command": "python bench/golden/unet.py",
            "torch": torch.__version__,
            "python": platform.python_version(),
            "precision": f"float64 from float32 weights and inputs, rounded to {DIGITS} significant digits",
        },
        "checksums": checksums(),
        "output": output_case(PAPER, Inputs("paper.output", PAPER, [1, 1000], [3, -1])),
        "smallGradients": gradient_case(SMALL, Inputs("small", SMALL, [1, 500, 1000], [0, 2, -1]), ["l1", "l2"], all_values),
        "paperGradients": gradient_case(PAPER, paper_batch, ["l2"], summary),
        "adam": adam_case(SMALL, small_steps, "l2", 1e-3),
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
