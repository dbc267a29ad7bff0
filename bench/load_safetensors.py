"""Loads exported weights into their PyTorch module and compares it with the exported ONNX denoiser.

    python bench/load_safetensors.py MODEL.safetensors DENOISER.onnx

Exits with 1 where the largest absolute difference over random inputs (two batch sizes, dropped labels included) exceeds 1e-4,
or where the two files say different things of themselves.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors import safe_open
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).resolve().parent / "golden"))
from modern_unet import ModernUNet
from paper_unet import PaperUNet

TOLERANCE = 1e-4


def read_metadata(path: str) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return file.metadata()


def load_model(path: str) -> PaperUNet | ModernUNet:
    """The architecture is told by the metadata; strict loading refuses a missing, surplus or misshapen tensor."""
    config = json.loads(read_metadata(path)["model"])
    common = {
        "channels": config["channels"],
        "classes": config["classes"],
        "image_channels": config["imageChannels"],
        "time_embedding": config["timeEmbedding"],
        "patch_size": config.get("patchSize", 1),
    }
    if config["architecture"] == "modern-unet":
        model = ModernUNet(
            **common,
            blocks=config["blocks"],
            attention=config["attention"],
            attention_heads=config.get("attentionHeads", 1),
            image_size=config["imageSize"],
        )
    else:
        model = PaperUNet(**common)
    model.load_state_dict(load_file(path), strict=True)
    return model.eval()


def image_shape(session: onnxruntime.InferenceSession) -> list[int]:
    """[C, H, W] of input x."""
    return next(i.shape for i in session.get_inputs() if i.name == "x")[1:]


def difference(
    model: PaperUNet | ModernUNet, session: onnxruntime.InferenceSession, timesteps: int, batch: int, seed: int
) -> tuple[float, float]:
    """Largest absolute difference between the two predictions, and the largest absolute value predicted."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((batch, *image_shape(session)), dtype=np.float32)
    t = random.integers(1, timesteps + 1, batch).astype(np.float32)
    label = random.integers(-1, model.classes, batch)
    (actual,) = session.run(None, {"x": x, "t": t, "label": label})
    with torch.inference_mode():
        expected = model(torch.from_numpy(x), torch.from_numpy(t), torch.from_numpy(label)).numpy()
    return float(np.abs(actual - expected).max()), float(np.abs(expected).max())


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    weights, denoiser = sys.argv[1:]
    model = load_model(weights)
    metadata = read_metadata(weights)
    session = onnxruntime.InferenceSession(denoiser, providers=["CPUExecutionProvider"])
    count = sum(p.numel() for p in model.parameters())
    print(f"{weights}: {count} parameters, every name and shape accepted (torch {torch.__version__})")
    told = {**session.get_modelmeta().custom_metadata_map, "format": "pt"}
    described = {name: value for name, value in metadata.items() if name != "sha256"}  # the checksum of that file alone
    if told != described:
        sys.exit(f"{denoiser} and {weights} say different things of themselves: {told} and {described}.")
    print("both: predict {prediction}, {schedule} schedule, T = {timesteps}, {classes} classes".format(**metadata))
    timesteps = int(metadata["timesteps"])
    worst = 0.0
    for batch in (1, 16):
        largest, scale = difference(model, session, timesteps, batch, seed=batch)
        worst = max(worst, largest)
        print(f"{denoiser}: batch {batch}: max abs difference {largest:.3g}, of values up to {scale:.3g}")
    print(f"max abs difference {worst:.3g} (onnxruntime {onnxruntime.__version__})")
    if not worst <= TOLERANCE:
        sys.exit(f"The exported denoiser differs from PyTorch by {worst:.3g}; expected at most {TOLERANCE:g}.")


if __name__ == "__main__":
    main()
