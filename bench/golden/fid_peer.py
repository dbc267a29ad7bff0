"""pytorch-fid beside this program's FID (bench/fid-parity.ts runs it).

    python bench/golden/fid_peer.py weights DIRECTORY    writes random weights in both formats of torch.save
    python bench/golden/fid_peer.py features JOB.json    {weights, sets: [{folder, batchSize, output}]}: features of PNG folders, as float32
    python bench/golden/fid_peer.py distances JOB.json   {pairs: [{files: [a, b], count}]}: FID between the first images of such files

Answers in one line of JSON. OMP_NUM_THREADS says with how many threads to compute.
"""

import hashlib
import json
import math
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from pytorch_fid import fid_score
from pytorch_fid.inception import InceptionV3

from pytorch_fid_model import empty_state_dict, inception_with

DIMENSION = 2048


def random_weights() -> dict[str, torch.Tensor]:
    """He-normal filters, random affine parts, and the running statistics that noise images of many scales really have."""
    torch.manual_seed(0)
    state = empty_state_dict()
    for name, tensor in state.items():
        if tensor.dim() == 4:
            torch.nn.init.normal_(tensor, std=math.sqrt(2 / math.prod(tensor.shape[1:])))
        elif name.endswith("bn.weight"):
            torch.nn.init.uniform_(tensor, 0.5, 1.5)
        elif name.endswith("bn.bias"):
            torch.nn.init.normal_(tensor, std=0.3)
    model: InceptionV3 = inception_with(state).train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # a plain average over the batches
    with torch.no_grad():
        for size in (3, 7, 14, 28, 60):
            model(torch.rand(8, 3, size, size))
    calibrated = model.state_dict()
    blocks = ["Conv2d_1a_3x3 Conv2d_2a_3x3 Conv2d_2b_3x3", "Conv2d_3b_1x1 Conv2d_4a_3x3"]
    blocks.append(" ".join(f"Mixed_{n}" for n in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e")))
    blocks.append("Mixed_7a Mixed_7b Mixed_7c")
    # InceptionV3 numbers the layers that Inception names.
    names = {f"blocks.{i}.{j}": name for i, block in enumerate(blocks) for j, name in enumerate(block.split())}
    for key, tensor in calibrated.items():
        prefix = ".".join(key.split(".")[:3])
        state[names[prefix] + key.removeprefix(prefix)] = tensor
    return state


def write_weights(directory: str) -> dict[str, str]:
    state = random_weights()
    files = {}
    for format, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
        path = Path(directory) / "weights.pth"
        torch.save(state, path, **options)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files[format] = str(path.rename(path.with_name(f"{format}-{digest[:8]}.pth")))
    return files


def write_features(job: dict) -> list[dict]:
    model = inception_with(torch.load(job["weights"], weights_only=True))
    answers = []
    for image_set in job["sets"]:
        files = sorted(Path(image_set["folder"]).glob("*.png"))
        start, processor_start = time.perf_counter(), time.process_time()
        features = fid_score.get_activations(files, model, image_set["batchSize"], DIMENSION, "cpu", num_workers=0)
        seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor_start
        answers.append({"seconds": seconds, "processorSeconds": processor_seconds})
        features.astype("<f4").tofile(image_set["output"])
    return answers


def statistics(path: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    features = np.fromfile(path, "<f4").reshape(-1, DIMENSION)[:count].astype(np.float64)
    return np.mean(features, axis=0), np.cov(features, rowvar=False)


def distances(job: dict) -> list[float]:
    return [
        float(fid_score.calculate_frechet_distance(*statistics(a, pair["count"]), *statistics(b, pair["count"])))
        for pair in job["pairs"]
        for a, b in [pair["files"]]
    ]


def versions() -> dict[str, str]:
    packages = ("pytorch-fid", "torch", "torchvision", "numpy", "scipy", "pillow")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def main() -> None:
    command, argument = sys.argv[1:]
    if command == "weights":
        answer = {**write_weights(argument), "versions": versions()}
    else:
        job = json.loads(Path(argument).read_text())
        answer = {"features": write_features, "distances": distances}[command](job)
    # pytorch-fid prints its warnings: the answer is the last line.
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
