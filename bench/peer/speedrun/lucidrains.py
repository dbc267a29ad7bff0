"""denoising-diffusion-pytorch with labels, as its README and the example of its classifier_free_guidance.py have it.

Network of width 64 with factors 1, 2, 4, 8, labels dropped with probability 0.5, 1,000 timesteps of the cosine schedule; its Trainer's Adam
with 8e-5 and betas 0.9, 0.99, two batches of 32 per update, gradients of at most norm 1, EMA 0.995 every ten updates. Digits are padded to
32x32, and drawn with the guidance of the example. --width, --factors and --rate change network and learning rate.
"""

import argparse

import torch
from denoising_diffusion_pytorch.classifier_free_guidance import GaussianDiffusion, Unet
from ema_pytorch import EMA
from torch import Tensor, nn

from peer import CLASSES, Digits, run

SIDE = 32
PADDING = (SIDE - 28) // 2
ACCUMULATED = 2


class Lucidrains:
    def __init__(self, options: argparse.Namespace, digits: Digits) -> None:
        self.options, self.digits = options, digits
        factors = tuple(int(factor) for factor in options.factors.split(","))
        network = Unet(dim=options.width, dim_mults=factors, num_classes=CLASSES, channels=1, cond_drop_prob=0.5)
        steps = options.sampling_steps
        self.diffusion = GaussianDiffusion(network, image_size=SIDE, timesteps=1000, sampling_timesteps=steps)
        self.optimizer = torch.optim.Adam(self.diffusion.parameters(), lr=options.rate, betas=(0.9, 0.99))
        self.ema = EMA(self.diffusion, beta=0.995, update_every=10)

    def step(self) -> float:
        losses = []
        for _ in range(ACCUMULATED):
            images, labels = self.digits.next()
            loss = self.diffusion(nn.functional.pad(images, [PADDING] * 4), classes=labels) / ACCUMULATED
            loss.backward()
            losses.append(loss.item())
        nn.utils.clip_grad_norm_(self.diffusion.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.ema.update()
        return sum(losses)

    def sample(self, labels: Tensor) -> Tensor:
        images = self.ema.ema_model.sample(classes=labels, cond_scale=self.options.guidance)
        return images[:, :, PADDING:-PADDING, PADDING:-PADDING]


if __name__ == "__main__":
    settings = [("--width", 64), ("--factors", "1,2,4,8"), ("--rate", 8e-5), ("--sampling-steps", 25), ("--guidance", 6.0)]
    run(Lucidrains, 32, *settings)
