"""GFLOP of one step of each peer: matrix products and convolutions, forward and backward, as PyTorch counts them.

    python bench/peer/speedrun/flops.py packages/ts-diffusion/data
"""

import argparse
import sys
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from diffusers_course import Course
from lucidrains import Lucidrains
from peer import Digits
from same_network import SameNetwork

PEERS = {
    "same_network.py": (SameNetwork, 32, {"channels_last": 1, "compile": 0, "steps": 2700}),
    "diffusers_course.py": (Course, 128, {}),
    "lucidrains.py": (Lucidrains, 32, {"width": 64, "factors": "1,2,4,8", "rate": 8e-5, "sampling_steps": 10}),
    "lucidrains.py, smaller": (Lucidrains, 32, {"width": 32, "factors": "1,2,4", "rate": 1e-3, "sampling_steps": 20}),
}

torch.set_num_threads(1)
for name, (create, batch, options) in PEERS.items():
    peer = create(argparse.Namespace(**options), Digits(Path(sys.argv[1]), batch))
    with FlopCounterMode(display=False) as counter:
        peer.step()
    print(f"{name}: {counter.get_total_flops() / 1e9:.1f} GFLOP per step", flush=True)
