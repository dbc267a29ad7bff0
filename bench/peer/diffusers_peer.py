"""Times a UNet2DModel of diffusers: a line of JSON in, {"config": config.json} first and then {}, a line of JSON out."""

import json
import resource
import sys
import time

import diffusers
import torch
from diffusers import UNet2DModel


def main() -> None:
    config = json.loads(sys.stdin.readline())["config"]
    model = UNet2DModel(**{key: value for key, value in config.items() if not key.startswith("_")}).eval()
    x = torch.randn(1, config["in_channels"], config["sample_size"], config["sample_size"])
    versions = f"diffusers {diffusers.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    print(json.dumps({"versions": versions}), flush=True)
    for _line in sys.stdin:
        begun = time.perf_counter()
        with torch.inference_mode():
            model(x, 500)
        milliseconds = 1000 * (time.perf_counter() - begun)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"ms": milliseconds, "peak": peak * 1024}), flush=True)


if __name__ == "__main__":
    main()
