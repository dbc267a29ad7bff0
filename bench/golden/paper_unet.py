"""The paper's U-Net as a PyTorch module: the reference that golden values and speed comparisons are taken from."""

import math

import torch
from torch import Tensor, nn

PAPER_CHANNELS = (64, 128, 256)
PAPER_CLASSES = 10
PAPER_PARAMETERS = 1_889_857


def sinusoidal_embedding(timesteps: Tensor, width: int) -> Tensor:
    """[B] -> [B, width]: width/2 sines, then width/2 cosines, of t * exp(-ln(10000) i / (width/2 - 1))."""
    half = width // 2
    index = torch.arange(half, dtype=timesteps.dtype, device=timesteps.device)
    angles = timesteps[:, None] * torch.exp(-math.log(10_000) * index / (half - 1))
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def one_hot(labels: Tensor, classes: int, dtype: torch.dtype) -> Tensor:
    """[B] -> [B, classes]; a label of -1 (dropped) gives the zero vector."""
    return (labels[:, None] == torch.arange(classes, device=labels.device)).to(dtype)


class Block(nn.Module):
    """Two 3x3 convolutions; timestep and class are added, per channel, between them."""

    def __init__(self, inputs: int, outputs: int, classes: int, time_embedding: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(time_embedding, outputs)
        self.label = nn.Linear(classes, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x: Tensor, time: Tensor, label: Tensor) -> Tensor:
        x = self.conv1(x).relu()
        x = x + self.time(time).relu()[:, :, None, None] + self.label(label).relu()[:, :, None, None]
        return self.conv2(x).relu()


class PaperUNet(nn.Module):
    """x [B, 1, S, S] in [-1, 1], t [B] in 1..T, labels [B] (-1: dropped) -> predicted noise [B, 1, S, S]; 4 divides S."""

    def __init__(
        self,
        channels: tuple[int, int, int] = PAPER_CHANNELS,
        classes: int = PAPER_CLASSES,
        image_channels: int = 1,
        time_embedding: int = 32,
    ) -> None:
        super().__init__()
        a, b, c = channels
        self.classes = classes
        self.time_embedding = time_embedding
        self.down1 = Block(image_channels, a, classes, time_embedding)
        self.down2 = Block(a, b, classes, time_embedding)
        self.bottleneck = Block(b, c, classes, time_embedding)
        self.upsample1 = nn.ConvTranspose2d(c, b, 2, stride=2)
        self.up1 = Block(2 * b, b, classes, time_embedding)
        self.upsample2 = nn.ConvTranspose2d(b, a, 2, stride=2)
        self.up2 = Block(2 * a, a, classes, time_embedding)
        self.output = nn.Conv2d(a, image_channels, 1)
        if (channels, classes, image_channels, time_embedding) == (PAPER_CHANNELS, PAPER_CLASSES, 1, 32):
            count = sum(p.numel() for p in self.parameters())
            assert count == PAPER_PARAMETERS, f"the paper's U-Net has {PAPER_PARAMETERS} parameters, this one {count}"

    def forward(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        time = sinusoidal_embedding(t.to(x.dtype), self.time_embedding)
        label = one_hot(labels, self.classes, x.dtype)
        pool = nn.functional.max_pool2d
        skip1 = self.down1(x, time, label)  # [B, 64, 28, 28]
        skip2 = self.down2(pool(skip1, 2), time, label)  # [B, 128, 14, 14]
        y = self.bottleneck(pool(skip2, 2), time, label)  # [B, 256, 7, 7]
        y = self.up1(torch.cat([self.upsample1(y), skip2], dim=1), time, label)  # [B, 128, 14, 14]
        y = self.up2(torch.cat([self.upsample2(y), skip1], dim=1), time, label)  # [B, 64, 28, 28]
        return self.output(y)
