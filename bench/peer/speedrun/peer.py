"""What the peers of bench/speedrun.ts have in common: digits in, a budget of processor time, samples out as IDX pairs."""

import argparse
import gzip
import json
import resource
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

CLASSES = 10


class Peer(Protocol):
    """A program that trains and samples. Images are [B, 1, 28, 28] in [0, 1], labels [B] in 0..9."""

    def step(self) -> float:
        """One update of the weights; returns its loss."""

    def sample(self, labels: Tensor) -> Tensor:
        """An image for each label."""


class Digits:
    """Batches of an IDX pair, each digit once per epoch in an order drawn anew."""

    def __init__(self, folder: Path, batch: int) -> None:
        self.images = torch.from_numpy(read_idx(folder / "digits-images-idx3-ubyte.gz"))[:, None].float() / 255
        self.labels = torch.from_numpy(read_idx(folder / "digits-labels-idx1-ubyte.gz")).long()
        self.batch, self.order = batch, torch.empty(0, dtype=torch.long)

    def next(self) -> tuple[Tensor, Tensor]:
        """Images [B, 1, 28, 28] in [0, 1] and labels [B]."""
        if len(self.order) < self.batch:
            self.order = torch.cat([self.order, torch.randperm(len(self.labels))])
        index, self.order = self.order.split([self.batch, len(self.order) - self.batch])
        return self.images[index], self.labels[index]


def read_idx(path: Path) -> np.ndarray:
    data = gzip.decompress(path.read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape).copy()


def write_idx(path: Path, values: Tensor) -> None:
    """values: uint8."""
    header = struct.pack(f">{1 + values.ndim}I", 0x0800 + values.ndim, *values.shape)
    path.write_bytes(header + values.contiguous().numpy().tobytes())


def draw(peer: Peer, count: int, chunk: int, folder: Path) -> None:
    """`count` samples, as many of each class, as an IDX pair."""
    labels = torch.arange(count) % CLASSES
    torch.manual_seed(0)
    with torch.inference_mode():
        images = torch.cat([peer.sample(part) for part in labels.split(chunk)])
    folder.mkdir(parents=True, exist_ok=True)
    write_idx(folder / "train-images-idx3-ubyte", (images[:, 0].clamp(0, 1) * 255).round().to(torch.uint8))
    write_idx(folder / "train-labels-idx1-ubyte", labels.to(torch.uint8))


def say(**values: object) -> None:
    print(json.dumps(values), flush=True)


def run(create: Callable[[argparse.Namespace, Digits], Peer], batch: int, *flags: tuple[str, object]) -> None:
    """Trains one peer on one thread and draws from it at each of --seconds of processor time, or after --steps.

    One line of JSON per drawing: {"seconds", "steps", "loss" (mean of the last 50 steps), "samples", "samplingSeconds", "peakMegabytes"}.
    Seconds are processor time since the program began, without that of drawing.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--digits", type=Path, required=True, help="folder of the embedded digits")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--chunk", type=int, default=100, help="images drawn together")
    parser.add_argument("--batch", type=int, default=batch)
    for flag, default in flags:
        parser.add_argument(flag, type=type(default), default=default)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    peer = create(options, Digits(options.digits, options.batch))
    losses: list[float] = []
    apart = 0.0

    def report() -> None:
        nonlocal apart
        seconds, begun = time.process_time() - apart, time.process_time()
        samples = options.out / f"{len(losses)}-steps"
        if options.samples > 0:
            draw(peer, options.samples, options.chunk, samples)
        sampling = time.process_time() - begun
        apart += sampling
        loss, peak = float(np.mean(losses[-50:])), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        numbers = {"seconds": seconds, "loss": loss, "samplingSeconds": sampling, "peakMegabytes": peak}
        say(steps=len(losses), samples=str(samples), **{key: round(value, 4) for key, value in numbers.items()})

    if options.steps > 0:
        while len(losses) < options.steps:
            losses.append(peer.step())
        report()
    for seconds in sorted(options.seconds):
        while time.process_time() - apart < seconds:
            losses.append(peer.step())
        report()
