"""Writes packages/ts-diffusion/test/golden/unet.json: outputs, losses, gradients and Adam steps of the paper's U-Net, computed by PyTorch.

    python bench/golden/unet.py
"""

import json
import math
from pathlib import Path

import numpy
import torch
from torch import Tensor

from denoiser_cases import (
    NOISE_BOUND,
    Inputs,
    all_values,
    create_model,
    error,
    gradient_case,
    origin,
    output_case,
    rounded,
    summary,
)
from deterministic import deterministic_tensor, hash_name, hash_sequence
from paper_unet import PAPER_CHANNELS, PAPER_CLASSES

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "unet.json"
PAPER = {"channels": PAPER_CHANNELS, "imageSize": 28, "classes": PAPER_CLASSES}
SMALL = {"channels": (4, 8, 16), "imageSize": 8, "classes": 3}
CLIP = 0.6  # between the norms of the first two steps and that of the third


def adam_case(
    config: dict, steps: list[Inputs], loss: str, learning_rate: float, weight_decay: float, clip: float, describe
) -> dict:
    """Steps of AdamW (without decay: Adam), each after the gradient's norm was clipped, unless `clip` is 0."""

    def run(dtype: torch.dtype) -> tuple[list[float], list[float], dict[str, Tensor]]:
        model = create_model(config, dtype)
        optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
        losses, norms = [], []
        for inputs in steps:
            optimizer.zero_grad(set_to_none=True)
            value = inputs.loss(model, dtype, loss)
            value.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip if clip > 0 else math.inf).item())
            optimizer.step()
            losses.append(value.item())
        return losses, norms, {name: p.detach() for name, p in model.named_parameters()}

    losses, norms, exact = run(torch.float64)
    _, _, single = run(torch.float32)
    return {
        "config": config,
        "loss": loss,
        "optimizer": {
            "name": "AdamW",
            "learningRate": learning_rate,
            "betas": [0.9, 0.999],
            "epsilon": 1e-8,
            "weightDecay": weight_decay,
            "gradientClip": clip,
        },
        "steps": [{"inputs": s.record, "loss": rounded(v), "gradientNorm": rounded(n)} for s, v, n in zip(steps, losses, norms)],
        "parameters": {
            name: {"shape": list(p.shape), **describe(p), "float32Error": error(single[name], p)}
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
        "origin": origin("bench/golden/unet.py"),
        "checksums": checksums(),
        "output": output_case(PAPER, Inputs("paper.output", PAPER, [1, 1000], [3, -1])),
        "smallGradients": gradient_case(SMALL, Inputs("small", SMALL, [1, 500, 1000], [0, 2, -1]), ["l1", "l2"], all_values),
        "paperGradients": gradient_case(PAPER, paper_batch, ["l2"], summary),
        "adam": adam_case(SMALL, small_steps, "l2", 1e-3, 0, 0, all_values),
        "adamW": adam_case(SMALL, small_steps, "l2", 1e-2, 0.5, CLIP, summary),
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
