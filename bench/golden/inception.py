"""Writes packages/ts-diffusion/test/golden/inception.json: features of Inception-v3 by pytorch-fid, in float64, with weights made of hashes.

Weights and images are exact numbers from a hash of their name (deterministic.py), so that none has to be stored.

    python bench/golden/inception.py
"""

import json
import math
import platform
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from deterministic import deterministic_tensor, hash_sequence
from pytorch_fid_model import empty_state_dict, inception_with

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "inception.json"
DIGITS = 9
STEP = 16  # every 16th feature is recorded
CASES = [
    {"name": "RGB, enlarged and reduced", "count": 1, "height": 19, "width": 401, "channels": 3},
    {"name": "gray", "count": 2, "height": 28, "width": 28, "channels": 1},
]


def weight(name: str, shape: tuple[int, ...]) -> Tensor:
    """Filters keep the variance behind a ReLU (He et al. 2015); batch normalisation is far from the identity."""
    if len(shape) == 4:
        return deterministic_tensor(name, shape, math.sqrt(6 / math.prod(shape[1:])))
    centre, bound = {"weight": (1, 0.5), "bias": (0, 0.3), "running_mean": (0, 0.3), "running_var": (1, 0.5)}[name.rsplit(".", 1)[1]]
    return centre + deterministic_tensor(name, shape, bound)


def images(name: str, count: int, height: int, width: int, channels: int) -> Tensor:
    """uint8 [N, H, W, C]: noise whose contrast and brightness differ from image to image."""
    noise = hash_sequence(name, count * height * width * channels) >> 24
    pixels = torch.from_numpy(noise.astype("int64")).reshape(count, height, width, channels)
    divisors = torch.arange(1, count + 1).reshape(count, 1, 1, 1)
    return torch.div(pixels, divisors, rounding_mode="floor").to(torch.uint8)


def main() -> None:
    state = {
        name: weight(name, tuple(tensor.shape)) if tensor.is_floating_point() and not name.startswith("fc.") else tensor
        for name, tensor in empty_state_dict().items()
    }
    model = inception_with(state).double()
    cases = []
    for case in CASES:
        batch = images(**case).permute(0, 3, 1, 2).expand(-1, 3, -1, -1).double() / 255
        with torch.no_grad():
            features = model(batch)[0].flatten(1)
        cases.append(
            {
                **case,
                "norms": [float(f"{n:.{DIGITS}g}") for n in features.norm(dim=1).tolist()],
                "features": [float(f"{v:.{DIGITS}g}") for v in features[:, ::STEP].flatten().tolist()],
            }
        )
    golden = {
        "origin": {
            "program": "bench/golden/inception.py",
            "command": "python bench/golden/inception.py",
            "pytorch-fid": version("pytorch-fid"),
            "torch": torch.__version__,
            "torchvision": version("torchvision"),
            "python": platform.python_version(),
            "precision": "float64",
        },
        "step": STEP,
        "cases": cases,
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
