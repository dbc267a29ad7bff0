"""Writes packages/ts-diffusion/test/golden/unet2d-export.json: what diffusers makes of folders that `diffusion export --format diffusers` writes.

    python bench/golden/unet2d_export.py

Each folder is written by bench/golden/unet2d-export.ts with weights of a seeded formula. It is loaded with from_pretrained; the network is
asked once; then the Python program of the model card runs as it is, with the noise of a formula in place of PyTorch's.
"""

import hashlib
import json
import math
import os
import subprocess
import tempfile
from pathlib import Path

import torch
from diffusers import DDIMScheduler, DDPMPipeline, DDPMScheduler, DiffusionPipeline, UNet2DModel

from deterministic import deterministic_tensor
from unet2d_cases import origin, rounded

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "packages" / "ts-diffusion" / "test" / "golden" / "unet2d-export.json"
FILES = [
    "model_index.json",
    "unet/config.json",
    "unet/diffusion_pytorch_model.safetensors",
    "scheduler/scheduler_config.json",
]


def ask(unet: UNet2DModel) -> dict:
    config = unet.config
    count = 2
    shape = (count, config.in_channels, config.sample_size, config.sample_size)
    timesteps = [0, 7]
    has_classes = config.num_class_embeds is not None or config.class_embed_type is not None
    labels = [1, 2] if has_classes else None
    x = deterministic_tensor("unet2d.export.x", shape, 1.0)
    with torch.no_grad():
        output = unet(x, torch.tensor(timesteps), None if labels is None else torch.tensor(labels)).sample
    return {"timesteps": timesteps, "labels": labels, "output": output}


def run_program(folder: Path) -> dict:
    """Runs the model card's program in its folder. Its noise is that of the formula; what its last step gives is kept."""
    drawn = 0
    steps = []
    labels = None

    def noise(*size, generator=None, **_options) -> torch.Tensor:
        nonlocal drawn
        assert generator is not None, "noise without the seed"
        shape = tuple(size[0]) if isinstance(size[0], (tuple, list, torch.Size)) else size
        drawn += 1
        return deterministic_tensor(f"unet2d.export.chain.{drawn - 1}", shape, math.sqrt(3))

    def keeping(step):
        def wrapped(self, prediction, t, x, **options):
            result = step(self, prediction, t, x, **options)
            steps.append((int(t), result.prev_sample))
            return result

        return wrapped

    original = torch.randn, DDPMScheduler.step, DDIMScheduler.step, os.getcwd()
    torch.randn = noise
    DDPMScheduler.step, DDIMScheduler.step = keeping(original[1]), keeping(original[2])
    os.chdir(folder)
    try:
        scope = {"__name__": "__main__"}
        exec(compile((folder / "program.py").read_text(), "program.py", "exec"), scope)
        labels = scope["labels"].tolist() if "labels" in scope else None
    finally:
        torch.randn, DDPMScheduler.step, DDIMScheduler.step = original[:3]
        os.chdir(original[3])
    assert len(list(folder.glob("image-*.png"))) == len(steps[-1][1])
    return {"visited": [t for t, _ in steps], "chainLabels": labels, "images": rounded(steps[-1][1])}


def check_fields(owner: type, path: Path) -> None:
    _, unknown, _ = owner.extract_init_dict(json.loads(path.read_text()))
    assert not unknown, f"{path}: {owner.__name__} does not know {unknown}"


def case(folder: Path) -> dict:
    pipeline = DDPMPipeline.from_pretrained(folder)
    by_index = DiffusionPipeline.from_pretrained(folder)
    index = json.loads((folder / "model_index.json").read_text())
    assert type(by_index).__name__ == index["_class_name"], type(by_index)
    assert type(pipeline.scheduler).__name__ == index["scheduler"][1]
    check_fields(UNet2DModel, folder / FILES[1])
    check_fields(type(pipeline.scheduler), folder / FILES[3])
    asked = ask(UNet2DModel.from_pretrained(folder / "unet"))
    half = ask(UNet2DModel.from_pretrained(Path(f"{folder}-half") / "unet"))
    error = (half["output"] - asked["output"]).abs().max().item()
    print(f"float16 weights differ by {error:.2g}")
    assert 0 < error < 1e-2
    sha256 = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    return {
        "files": sha256,
        "program": hashlib.sha256((folder / "program.py").read_bytes()).hexdigest(),
        **asked,
        "output": rounded(asked["output"]),
        "alphasCumprod": rounded(pipeline.scheduler.alphas_cumprod),
        **run_program(folder),
    }


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npx", "tsx", "bench/golden/unet2d-export.ts", folder]
        names = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)
        cases = {name: case(Path(folder) / str(i)) for i, name in enumerate(names)}
    golden = {"origin": origin("bench/golden/unet2d_export.py") | {"precision": "float32"}, "cases": cases}
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
