"""Writes packages/ts-diffusion/test/golden/torch-archives.json: small files of torch.save with what they hold, and pickles that must be refused.

    python bench/golden/torch_archives.py
"""

import base64
import io
import json
import os
import pickle
import platform
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "torch-archives.json"


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def save(value: object, **options: object) -> str:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return encode(file.getvalue())


def state_dict() -> OrderedDict:
    """Every element type, a parameter, a scalar, an empty tensor, and views: transposed, sliced, sharing one storage."""
    torch.manual_seed(0)
    base = torch.randn(3, 4)
    values = torch.tensor([0, 1, -2, 100])
    tensors = OrderedDict(
        parameter=nn.Parameter(torch.randn(2, 3, 1)),
        scalar=torch.tensor(7),
        empty=torch.zeros(0, 3),
        base=base,
        transposed=base.T,
        columns=base[:, 1:3],
        half=torch.tensor([1.5, -0.25, 65504, 6e-8, float("inf"), 0.1]).half(),
    )
    for dtype in (torch.float64, torch.int64, torch.int32, torch.int16, torch.int8):
        tensors[str(dtype)] = values.to(dtype)
    tensors["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
    tensors["bool"] = torch.tensor([True, False])
    return tensors


class Malicious:
    """Unpickling it the ordinary way would run a command."""

    def __reduce__(self) -> tuple:
        return os.system, ("echo pwned",)


def main() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))  # its state dict carries `_metadata`
    torch.manual_seed(1)
    for parameter in module.parameters():
        nn.init.normal_(parameter)
    contents = {"tensors": state_dict(), "module": module.state_dict()}
    formats = {"zip": {}, "zip, protocol 4": {"pickle_protocol": 4}, "legacy": {"_use_new_zipfile_serialization": False}}
    golden = {
        "origin": {
            "program": "bench/golden/torch_archives.py",
            "command": "python bench/golden/torch_archives.py",
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "contents": {
            name: {k: {"shape": list(v.shape), "values": v.float().flatten().tolist()} for k, v in tensors.items()}
            for name, tensors in contents.items()
        },
        "files": [
            {"name": f"{name}, {format}", "content": name, "file": save(tensors, **options)}
            for name, tensors in contents.items()
            for format, options in formats.items()
        ],
        "refused": {
            "a command, protocol 2": encode(pickle.dumps(Malicious(), protocol=2)),
            "a command, protocol 4": encode(pickle.dumps(Malicious(), protocol=4)),
            "a command in a zip archive": save({"weight": Malicious()}),
            "a command in a legacy file": save({"weight": Malicious()}, _use_new_zipfile_serialization=False),
            "a whole module": save(nn.Linear(1, 1)),
            "a dtype": save({"dtype": torch.float32}),
        },
        "no state dict": {
            "a tensor": save(torch.zeros(2)),
            "a checkpoint with a step": save({"step": 3, "weight": torch.zeros(2)}),
        },
    }
    # JSON has no infinity.
    OUTPUT.write_text(json.dumps(golden, indent=1).replace("Infinity", '"Infinity"') + "\n")


if __name__ == "__main__":
    main()
