"""UNet2DModel of diffusers on digits with labels, as the Hugging Face diffusion course trains it.

Network, noise schedule, batch of 128 and Adam with 1e-3: unit 2 of the course, "Making a class-conditioned diffusion model". Drawn by
DPMSolverMultistepScheduler, which diffusers recommends for 20 to 25 steps, instead of the 1,000 steps of the course.
"""

import argparse

import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DModel
from torch import Tensor, nn

from peer import CLASSES, Digits, run

TIMESTEPS = 1000
CLASS_CHANNELS = 4


class ClassConditionedUNet(nn.Module):
    """The class's embedding as further channels of the input."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(CLASSES, CLASS_CHANNELS)
        self.model = UNet2DModel(
            sample_size=28,
            in_channels=1 + CLASS_CHANNELS,
            out_channels=1,
            layers_per_block=2,
            block_out_channels=(32, 64, 64),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        )

    def forward(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        condition = self.embedding(labels)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return self.model(torch.cat([x, condition], 1), t).sample


class Course:
    def __init__(self, options: argparse.Namespace, digits: Digits) -> None:
        self.options, self.digits = options, digits
        self.network = ClassConditionedUNet()
        self.schedule = DDPMScheduler(num_train_timesteps=TIMESTEPS, beta_schedule="squaredcos_cap_v2")
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3)

    def step(self) -> float:
        images, labels = self.digits.next()
        x0 = images * 2 - 1
        noise, t = torch.randn_like(x0), torch.randint(0, TIMESTEPS, (len(x0),))
        prediction = self.network(self.schedule.add_noise(x0, noise, t), t, labels)
        loss = nn.functional.mse_loss(prediction, noise)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def sample(self, labels: Tensor) -> Tensor:
        solver = DPMSolverMultistepScheduler.from_config(self.schedule.config)
        solver.set_timesteps(self.options.sampling_steps)
        x = torch.randn(len(labels), 1, 28, 28)
        for t in solver.timesteps:
            x = solver.step(self.network(x, t, labels), t, x).prev_sample
        return (x + 1) / 2


if __name__ == "__main__":
    run(Course, 128, ("--sampling-steps", 25))
