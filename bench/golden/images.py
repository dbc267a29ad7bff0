"""Writes test/golden/images.json: small PNG files of every kind by Pillow, with Pillow's own conversions to gray and RGB.

    python bench/golden/images.py
"""

import base64
import io
import json
import platform
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from deterministic import hash_sequence

OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "images.json"
HEIGHT, WIDTH = 3, 5
CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}


def picture(mode: str) -> Image.Image:
    channels = CHANNELS[mode]
    values = (hash_sequence(mode, HEIGHT * WIDTH * channels) >> 24).astype(np.uint8)
    return Image.fromarray(values.reshape(HEIGHT, WIDTH, channels).squeeze(), mode)


def encode(image: Image.Image, **options: object) -> str:
    file = io.BytesIO()
    image.save(file, "png", **options)
    return base64.b64encode(file.getvalue()).decode()


def main() -> None:
    pictures = {mode: picture(mode) for mode in CHANNELS}
    pictures["palette"] = pictures["RGB"].quantize(6)
    golden = {
        "origin": {
            "program": "bench/golden/images.py",
            "command": "python bench/golden/images.py",
            "pillow": PIL.__version__,
            "python": platform.python_version(),
        },
        "height": HEIGHT,
        "width": WIDTH,
        "read": {
            name: {
                "file": encode(image),
                "gray": np.asarray(image.convert("L")).flatten().tolist(),
                "rgb": np.asarray(image.convert("RGB")).flatten().tolist(),
            }
            for name, image in pictures.items()
        },
        "refused": {
            "16": encode(Image.fromarray(np.arange(15, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 4369)),
            "1": encode(pictures["L"].convert("1")),
        },
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
