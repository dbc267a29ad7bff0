"""The paper's U-Net as a PyTorch module: the reference that golden values and speed comparisons are taken from."""

import math
from collections.abc import Sequence

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
    """x [B, C, S, S] in [-1, 1], t [B] in 1..T, labels [B] (-1: dropped) -> prediction [B, C, S, S].

    The defaults are the paper's. Other channels mean other depths: all but the last belong to the levels from the outermost
    inwards, the last to the bottleneck. With patch_size 2 the network sees 2x2 windows of pixels folded into channels. S is
    a multiple of patch_size * 2 ** levels.
    """

    def __init__(
        self,
        channels: Sequence[int] = PAPER_CHANNELS,
        classes: int = PAPER_CLASSES,
        image_channels: int = 1,
        time_embedding: int = 32,
        patch_size: int = 1,
    ) -> None:
        super().__init__()
        *levels, bottleneck = channels
        self.levels = len(levels)
        self.classes = classes
        self.time_embedding = time_embedding
        self.patch_size = patch_size
        inputs = pixels = image_channels * patch_size**2
        for i, width in enumerate(levels, start=1):
            self.add_module(f"down{i}", Block(inputs, width, classes, time_embedding))
            inputs = width
        self.bottleneck = Block(inputs, bottleneck, classes, time_embedding)
        inputs = bottleneck
        for i, width in enumerate(reversed(levels), start=1):
            self.add_module(f"upsample{i}", nn.ConvTranspose2d(inputs, width, 2, stride=2))
            self.add_module(f"up{i}", Block(2 * width, width, classes, time_embedding))
            inputs = width
        self.output = nn.Conv2d(inputs, pixels, 1)
        if (tuple(channels), classes, image_channels, time_embedding, patch_size) == (PAPER_CHANNELS, PAPER_CLASSES, 1, 32, 1):
            count = sum(p.numel() for p in self.parameters())
            assert count == PAPER_PARAMETERS, f"the paper's U-Net has {PAPER_PARAMETERS} parameters, this one {count}"

    def forward(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        time = sinusoidal_embedding(t.to(x.dtype), self.time_embedding)
        label = one_hot(labels, self.classes, x.dtype)
        y = nn.functional.pixel_unshuffle(x, self.patch_size) if self.patch_size > 1 else x
        skips = []
        for i in range(1, self.levels + 1):
            skips.append(self.get_submodule(f"down{i}")(y, time, label))  # [B, 64, 28, 28], then [B, 128, 14, 14]
            y = nn.functional.max_pool2d(skips[-1], 2)
        y = self.bottleneck(y, time, label)  # [B, 256, 7, 7]
        for i in range(1, self.levels + 1):
            y = torch.cat([self.get_submodule(f"upsample{i}")(y), skips.pop()], dim=1)
            y = self.get_submodule(f"up{i}")(y, time, label)  # [B, 128, 14, 14], then [B, 64, 28, 28]
        y = self.output(y)
        return nn.functional.pixel_shuffle(y, self.patch_size) if self.patch_size > 1 else y
