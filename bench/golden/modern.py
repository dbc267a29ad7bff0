"""Writes packages/ts-diffusion/test/golden/modern-unet.json: outputs, losses and gradients of the modern U-Net, computed by PyTorch.

    python bench/golden/modern.py
"""

import json
from pathlib import Path

import torch

from denoiser_cases import Inputs, all_values, gradient_case, origin, output_case, summary

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "modern-unet.json"
PRESET = {"channels": [64, 128], "blocks": [1, 2], "patchSize": 2, "imageSize": 28, "classes": 10, "timeEmbedding": 64}
PATCHED = {"channels": [8, 16], "blocks": [1, 2], "patchSize": 2, "imageSize": 8, "classes": 3, "timeEmbedding": 8}
DEEP = {"channels": [8, 8, 16], "blocks": [2, 1, 1], "patchSize": 1, "imageSize": 8, "classes": 3, "timeEmbedding": 8}


def main() -> None:
    torch.set_num_threads(1)
    golden = {
        "origin": origin("bench/golden/modern.py"),
        "output": output_case(PRESET, Inputs("modern.output", PRESET, [1, 1000], [3, -1])),
        "patchedGradients": gradient_case(
            PATCHED, Inputs("modern.patched", PATCHED, [1, 500, 1000], [0, 2, -1]), ["l2"], all_values
        ),
        "deepGradients": gradient_case(DEEP, Inputs("modern.deep", DEEP, [3, 70, 900], [1, -1, 2]), ["l2"], summary),
        "presetGradients": gradient_case(
            PRESET, Inputs("modern.preset", PRESET, [1, 250, 600, 1000], [7, -1, 0, 9]), ["l2"], summary
        ),
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
