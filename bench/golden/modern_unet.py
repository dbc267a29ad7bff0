"""The modern U-Net (src/models/modern-unet.ts) as a PyTorch module: the reference that golden values are taken from."""

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention, silu

from paper_unet import one_hot, sinusoidal_embedding

GROUPS = 8


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions after normalisation and SiLU; the conditions scale and shift what the second one sees."""

    def __init__(self, inputs: int, outputs: int, conditions: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.embedding = nn.Linear(conditions, 2 * outputs)
        self.norm2 = nn.GroupNorm(GROUPS, outputs, affine=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, conditions: Tensor) -> Tensor:
        scale, shift = self.embedding(conditions)[:, :, None, None].chunk(2, dim=1)
        hidden = self.norm2(self.conv1(silu(self.norm1(x))))
        return self.skip(x) + self.conv2(silu(hidden * (1 + scale) + shift))


class SelfAttention(nn.Module):
    """Attention of all pixels to each other, added to its input; each head has channels / heads of its own."""

    def __init__(self, channels: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.output = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        projected = self.qkv(self.norm(x)).flatten(2).chunk(3, dim=1)  # each [B, C, pixels]
        queries, keys, values = (each.unflatten(1, (self.heads, -1)).transpose(2, 3) for each in projected)
        gathered = scaled_dot_product_attention(queries, keys, values)  # [B, heads, pixels, C / heads]
        return x + self.output(gathered.transpose(2, 3).reshape(x.shape))


class ModernUNet(nn.Module):
    """x [B, 1, S, S] in [-1, 1], t [B] in 1..T, labels [B] (-1: dropped) -> prediction [B, 1, S, S]."""

    def __init__(
        self,
        channels: list[int],
        blocks: list[int],
        classes: int,
        patch_size: int,
        time_embedding: int,
        attention: str | list[int] = "bottleneck",
        image_channels: int = 1,
        attention_heads: int = 1,
        image_size: int = 28,
    ) -> None:
        """attention: "none", "bottleneck", or the sides of the feature maps that attend, for which image_size is needed."""
        super().__init__()
        sides = [image_size // patch_size // 2**level for level in range(len(channels))]
        if isinstance(attention, str):
            attending = {"none": [], "bottleneck": [len(channels) - 1]}[attention]
        else:
            attending = [level for level, side in enumerate(sides) if side in attention]

        def attend(level: int, stage: nn.Module) -> None:
            if level in attending:
                stage.attention = SelfAttention(channels[level], attention_heads)

        width = 4 * channels[0]
        levels = list(enumerate(zip(channels[:-1], blocks[:-1]), start=1))
        self.classes, self.patch_size, self.time_embedding = classes, patch_size, time_embedding
        self.time1 = nn.Linear(time_embedding, width)
        self.label = nn.Linear(classes, width, bias=False)
        self.time2 = nn.Linear(width, width)
        self.stem = nn.Conv2d(image_channels * patch_size**2, channels[0], 3, padding=1)
        for level, (own, count) in levels:
            stage = nn.Module()
            for block in range(1, count + 1):
                stage.add_module(f"block{block}", ResidualBlock(own, own, width))
                if block == 1:
                    attend(level - 1, stage)
            stage.downsample = nn.Conv2d(own, channels[level], 2, stride=2)
            self.add_module(f"down{level}", stage)
        self.bottleneck = nn.Module()
        self.bottleneck.block1 = ResidualBlock(channels[-1], channels[-1], width)
        attend(len(channels) - 1, self.bottleneck)
        for block in range(2, blocks[-1] + 1):
            self.bottleneck.add_module(f"block{block}", ResidualBlock(channels[-1], channels[-1], width))
        for index, (level, (own, count)) in enumerate(reversed(levels), start=1):
            stage = nn.Module()
            stage.upsample = nn.ConvTranspose2d(channels[level], own, 2, stride=2)
            for block in range(1, count + 1):
                stage.add_module(f"block{block}", ResidualBlock(2 * own if block == 1 else own, own, width))
                if block == 1:
                    attend(level - 1, stage)
            self.add_module(f"up{index}", stage)
        self.norm = nn.GroupNorm(GROUPS, channels[0])
        self.output = nn.Conv2d(channels[0], image_channels * patch_size**2, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        time = self.time2(silu(self.time1(sinusoidal_embedding(t.to(x.dtype), self.time_embedding))))
        conditions = silu(time + self.label(one_hot(labels, self.classes, x.dtype)))
        y = self.stem(nn.functional.pixel_unshuffle(x, self.patch_size))
        skips = []
        for name, stage in self.named_children():
            if name.startswith("up"):
                y = torch.cat([stage.upsample(y), skips.pop()], dim=1)
            if name.startswith(("down", "bottleneck", "up")):
                for part, module in stage.named_children():
                    if part.startswith("block"):
                        y = module(y, conditions)
                    elif part == "attention":
                        y = module(y)
            if name.startswith("down"):
                skips.append(y)
                y = stage.downsample(y)
        return nn.functional.pixel_shuffle(self.output(silu(self.norm(y))), self.patch_size)
