"""PyTorch as a process that measures on request, so that one benchmark can alternate between it and this project.

Reads one JSON object per line from stdin and answers each with one on stdout (`{"error": ...}` for a bad request):

    {"cmd": "info"}
        -> {"torch": ..., "python": ..., "threads": ..., "cores": ..., "mkldnn": ..., "cpuCapability": ...}
    {"cmd": "train", "batch": 32, "threads": 2, "iterations": 3}
        -> {"ms": [...], "loss": ...}   one full training step each: timesteps, noise, x_t, label dropout, L1 loss, Adam
    {"cmd": "forward", "batch": 256, "threads": 2, "iterations": 1, "chunk": 64}
        -> {"ms": [...]}                the denoiser under inference_mode, the batch in chunks (default: in one piece)
    {"cmd": "exit"}

"train" and "forward" also take "channels_last" and "compile" (both false by default). Measured fastest with AVX-512:
channels_last, all cores, no compile, "forward" in chunks of 64. The last four combinations of settings stay alive between
requests; the first request for a combination runs one warm-up pass that is not reported.
"""

import functools
import json
import os
import platform
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))
from paper_unet import PAPER_CLASSES, PaperUNet

TIMESTEPS = 1000
IMAGE_SIZE = 28
LABEL_DROPOUT = 0.5
LEARNING_RATE = 1e-4


def memory_format(channels_last: bool) -> torch.memory_format:
    return torch.channels_last if channels_last else torch.contiguous_format


def create_model(channels_last: bool, compiled: bool) -> torch.nn.Module:
    torch.manual_seed(0)
    model = PaperUNet().to(memory_format=memory_format(channels_last))
    if compiled:
        model.compile()
    return model


class Training:
    """Algorithm 1 with the paper's settings on random images (the time does not depend on what they show)."""

    def __init__(self, batch: int, channels_last: bool, compiled: bool) -> None:
        self.model = create_model(channels_last, compiled)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE)
        self.alphas_cumprod = torch.cumprod(1 - torch.linspace(1e-4, 0.02, TIMESTEPS, dtype=torch.float64), 0).float()
        self.format = memory_format(channels_last)
        self.x0 = torch.rand(batch, 1, IMAGE_SIZE, IMAGE_SIZE) * 2 - 1
        self.labels = torch.randint(0, PAPER_CLASSES, (batch,))
        self.loss = float("nan")

    def step(self) -> None:
        batch = len(self.labels)
        t = torch.randint(1, TIMESTEPS + 1, (batch,))
        noise = torch.randn_like(self.x0)
        alpha = self.alphas_cumprod[t - 1][:, None, None, None]
        x = alpha.sqrt() * self.x0 + (1 - alpha).sqrt() * noise
        labels = torch.where(torch.rand(batch) < LABEL_DROPOUT, -1, self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        prediction = self.model(x.contiguous(memory_format=self.format), t.float(), labels)
        loss = torch.nn.functional.l1_loss(prediction, noise)
        loss.backward()
        self.optimizer.step()
        self.loss = loss.item()


class Forward:
    """One prediction for a whole batch, as a sampler asks for it."""

    def __init__(self, batch: int, channels_last: bool, compiled: bool, chunk: int) -> None:
        self.model = create_model(channels_last, compiled).eval()
        x = torch.randn(batch, 1, IMAGE_SIZE, IMAGE_SIZE)
        x = x.contiguous(memory_format=memory_format(channels_last))
        inputs = x, torch.full((batch,), 500.0), torch.arange(batch) % PAPER_CLASSES
        self.chunks = list(zip(*(tensor.split(chunk) for tensor in inputs)))

    def step(self) -> None:
        with torch.inference_mode():
            torch.cat([self.model(*chunk) for chunk in self.chunks])


WORK = {"train": Training, "forward": Forward}


@functools.lru_cache(maxsize=4)
def warm_work(kind: str, threads: int, *settings: int | bool) -> Training | Forward:
    work = WORK[kind](*settings)
    work.step()
    return work


def measure(request: dict) -> dict:
    threads = int(request.get("threads", torch.get_num_threads()))
    torch.set_num_threads(threads)
    kind, batch = request["cmd"], int(request["batch"])
    settings = [batch, bool(request.get("channels_last", False)), bool(request.get("compile", False))]
    if kind == "forward":
        settings.append(int(request.get("chunk", batch)))
    work = warm_work(kind, threads, *settings)
    times = []
    for _ in range(int(request.get("iterations", 1))):
        start = time.perf_counter()
        work.step()
        times.append((time.perf_counter() - start) * 1000)
    return {"ms": times, "loss": work.loss} if isinstance(work, Training) else {"ms": times}


def info() -> dict:
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "mkldnn": torch.backends.mkldnn.is_available(),
        "cpuCapability": torch.backends.cpu.get_cpu_capability(),
    }


def main() -> None:
    # Denormal moments of Adam would slow PyTorch down for reasons that have nothing to do with its kernels.
    torch.set_flush_denormal(True)
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            if request["cmd"] == "exit":
                return
            answer = info() if request["cmd"] == "info" else measure(request)
        except Exception as problem:  # noqa: BLE001 - the caller decides what a failed request means
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
