"""The network and the recipe of the preset `quick` in PyTorch: modern-unet 48,96 on patches of 2x2, Muon, 32 images a step."""

import argparse
import copy
import math
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "golden"))
from modern_unet import ModernUNet, ResidualBlock, SelfAttention

from muon import MuonWithAdam
from peer import CLASSES, Digits, run

TIMESTEPS, WARM_UP, RATE, EMA, LABEL_DROPOUT = 500, 50, 6e-3, 0.995, 0.1
GUIDANCE_WEIGHT = 0.8


def create_network() -> ModernUNet:
    """With the initial weights of modern-unet: PyTorch's, and zero where a residual branch or the prediction ends."""
    network = ModernUNet([48, 96], [1, 1], classes=CLASSES, patch_size=2, time_embedding=64)
    last = [block.conv2 for block in network.modules() if isinstance(block, ResidualBlock)]
    last += [block.output for block in network.modules() if isinstance(block, SelfAttention)]
    for layer in [*last, network.output]:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return network


def cosine_alphas_cumprod() -> Tensor:
    """ᾱ_t for t = 1..T at index t - 1 (Nichol & Dhariwal 2021)."""
    t = torch.arange(TIMESTEPS + 1, dtype=torch.float64)
    f = torch.cos((t / TIMESTEPS + 0.008) / 1.008 * torch.pi / 2) ** 2
    return torch.cumprod(1 - (1 - f[1:] / f[:-1]).clip(1e-4, 0.9999), 0)


def learning_rate_at(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine to zero; step is 1-based."""
    if step <= WARM_UP:
        return RATE * step / WARM_UP
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - 1 - WARM_UP) / (steps - WARM_UP)))


class SameNetwork:
    def __init__(self, options: argparse.Namespace, digits: Digits) -> None:
        self.options, self.digits = options, digits
        self.format = torch.channels_last if options.channels_last else torch.contiguous_format
        self.network = create_network().to(memory_format=self.format)
        self.averaged = copy.deepcopy(self.network).eval().requires_grad_(False)
        if options.compile:
            self.network.compile()
        self.optimizer = MuonWithAdam(self.network, beta1=0.95)
        self.alphas_cumprod = cosine_alphas_cumprod()
        self.steps = 0

    def step(self) -> float:
        self.steps += 1
        images, labels = self.digits.next()
        x0 = images * 2 - 1
        t = torch.randint(1, TIMESTEPS + 1, (len(x0),))
        a = self.alphas_cumprod[t - 1].float()[:, None, None, None]
        x = a.sqrt() * x0 + (1 - a).sqrt() * torch.randn_like(x0)
        labels = torch.where(torch.rand(len(x0)) < LABEL_DROPOUT, -1, labels)
        prediction = self.network(x.contiguous(memory_format=self.format), t.float(), labels)
        loss = nn.functional.mse_loss(prediction, x0)
        for parameter in self.network.parameters():
            parameter.grad = None
        loss.backward()
        self.optimizer.step(learning_rate_at(self.steps, self.options.steps))
        rate = 1 - min(EMA, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.network.parameters()), rate)
        return loss.item()

    def predict_x0(self, x: Tensor, t: int, labels: Tensor) -> Tensor:
        """With classifier-free guidance."""
        twice = torch.cat([labels, torch.full_like(labels, -1)])
        prediction = self.averaged(torch.cat([x, x]), torch.full((len(twice),), float(t)), twice)
        conditional, unconditional = prediction.chunk(2)
        return (1 + GUIDANCE_WEIGHT) * conditional - GUIDANCE_WEIGHT * unconditional

    def sample(self, labels: Tensor) -> Tensor:
        """DPM-Solver++(2M) (Lu et al. 2022b, Algorithm 2) on trailing timesteps."""
        count = self.options.sampling_steps
        visited = [round(TIMESTEPS * (count - i) / count) for i in range(count)]
        x = torch.randn(len(labels), 1, 28, 28)
        before, step_before = None, 0.0
        for t, following in zip(visited, [*visited[1:], 0]):
            x0 = self.predict_x0(x, t, labels)
            if following == 0:
                return (x0 + 1) / 2
            (signal, noise), (next_signal, next_noise) = self.levels(t), self.levels(following)
            h = math.log(next_signal / next_noise) - math.log(signal / noise)
            slope = 0.0 if before is None else h / (2 * step_before)
            direction = x0 if before is None else (1 + slope) * x0 - slope * before
            x = next_noise / noise * x - next_signal * math.expm1(-h) * direction
            before, step_before = x0, h
        return x

    def levels(self, t: int) -> tuple[float, float]:
        """√ᾱ and √(1 − ᾱ)."""
        a = float(self.alphas_cumprod[t - 1])
        return math.sqrt(a), math.sqrt(1 - a)


if __name__ == "__main__":
    run(SameNetwork, 32, ("--channels-last", 0), ("--compile", 0), ("--sampling-steps", 10))
