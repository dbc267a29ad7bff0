"""Times steps of same_network.py on request, so that a benchmark can alternate between them and its own.

The only argument is the folder of the embedded digits. A line {"channels_last": 0, "steps": 10} of JSON in, a line {"ms": ...} out: mean
processor time of a step.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

from peer import Digits
from same_network import SameNetwork


def main() -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    digits = Digits(Path(sys.argv[1]), 32)
    peers = [
        SameNetwork(argparse.Namespace(channels_last=layout, compile=0, steps=2700), digits) for layout in (0, 1)
    ]
    print(json.dumps({"version": f"PyTorch {torch.__version__}"}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        begun = time.process_time()
        for _ in range(request["steps"]):
            peers[request["channels_last"]].step()
        print(json.dumps({"ms": 1000 * (time.process_time() - begun) / request["steps"]}), flush=True)


if __name__ == "__main__":
    main()
