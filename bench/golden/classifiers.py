"""Writes packages/ts-diffusion/test/golden/classifiers.json: outputs, losses and gradients of the two MNIST classifiers, computed by PyTorch.

The upper half of each image is flat, as much of a digit is: where all pixels of a pooling window are equal, its gradient
must not count several times.

    python bench/golden/classifiers.py
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from classifier_networks import Evaluator, FeatureNetwork
from denoiser_cases import error, origin, rounded, summary
from deterministic import deterministic_tensor, fill_deterministic

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "classifiers.json"
BATCH = 4
FLAT_ROWS = 14
LABELS = [7, 0, 9, 7]
SMOOTHING = 0.2  # so that targets are not one-hot


def images() -> Tensor:
    batch = deterministic_tensor("classifiers.images", (BATCH, 1, 28, 28), 1.0)
    batch[:, :, :FLAT_ROWS] = -1
    return batch


def targets() -> Tensor:
    one_hot = nn.functional.one_hot(torch.tensor(LABELS), 10).double()
    return (1 - SMOOTHING) * one_hot + SMOOTHING / 10


def run(network: type[nn.Module], dtype: torch.dtype) -> dict:
    model = network()
    fill_deterministic(model)
    model = model.to(dtype)
    logits, features = model(images().to(dtype))
    loss = cross_entropy(logits, targets().to(dtype))
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    return {"logits": logits.detach(), "features": features.detach(), "loss": loss.item(), "gradients": gradients}


def case(network: type[nn.Module]) -> dict:
    exact, single = run(network, torch.float64), run(network, torch.float32)
    return {
        "logits": rounded(exact["logits"]),
        "features": summary(exact["features"]),
        "loss": rounded(exact["loss"]),
        "float32LossError": float(f"{abs(single['loss'] / exact['loss'] - 1):.3g}"),
        "gradients": {
            name: {"shape": list(g.shape), **summary(g), "float32Error": error(single["gradients"][name], g)}
            for name, g in exact["gradients"].items()
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    golden = {
        "origin": origin("bench/golden/classifiers.py"),
        "inputs": {
            "images": {"name": "classifiers.images", "bound": 1, "flatRows": FLAT_ROWS},
            "labels": LABELS,
            "smoothing": SMOOTHING,
        },
        "evaluator": case(Evaluator),
        "featureNetwork": case(FeatureNetwork),
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
