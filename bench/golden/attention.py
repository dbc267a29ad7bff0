"""Writes attention.json: self-attention with several heads by torch.nn.MultiheadAttention, and networks that attend at several levels.

    python bench/golden/attention.py
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from denoiser_cases import Inputs, error, gradient_case, origin, output_case, rounded, summary
from deterministic import deterministic_tensor, fill_deterministic
from modern_unet import GROUPS, SelfAttention

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "attention.json"
SHAPE = (2, 16, 3, 3)
HEADS = [1, 2, 4]
NETWORK = {
    "channels": [8, 16, 16],
    "blocks": [2, 1, 1],
    "patchSize": 4,
    "imageSize": 32,
    "classes": 3,
    "timeEmbedding": 8,
    "attention": [8, 2],
    "attentionHeads": 2,
}


class MultiheadBlock(nn.Module):
    """The block with PyTorch's own multi-head attention in its middle."""

    def __init__(self, block: SelfAttention, channels: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, channels)
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        with torch.no_grad():
            self.norm.load_state_dict(block.norm.state_dict())
            self.attention.in_proj_weight.copy_(block.qkv.weight.flatten(1))
            self.attention.in_proj_bias.copy_(block.qkv.bias)
            self.attention.out_proj.weight.copy_(block.output.weight.flatten(1))
            self.attention.out_proj.bias.copy_(block.output.bias)

    def forward(self, x: Tensor) -> Tensor:
        pixels = self.norm(x).flatten(2).transpose(1, 2)  # [B, pixels, C]
        gathered, _ = self.attention(pixels, pixels, pixels, need_weights=False)
        return x + gathered.transpose(1, 2).reshape(x.shape)

    def gradients(self) -> dict[str, Tensor]:
        attention = self.attention
        return {
            "norm.weight": self.norm.weight.grad,
            "norm.bias": self.norm.bias.grad,
            "qkv.weight": attention.in_proj_weight.grad[:, :, None, None],
            "qkv.bias": attention.in_proj_bias.grad,
            "output.weight": attention.out_proj.weight.grad[:, :, None, None],
            "output.bias": attention.out_proj.bias.grad,
        }


def block_results(heads: int, dtype: torch.dtype) -> dict[str, Tensor]:
    """Output, and gradients of the sum of the output weighted by hashed numbers."""
    block = SelfAttention(SHAPE[1], heads)
    fill_deterministic(block)
    model = MultiheadBlock(block, SHAPE[1], heads).to(dtype)
    x = deterministic_tensor("attention.x", SHAPE, 1.0).to(dtype).requires_grad_()
    output = model(x)
    (output * deterministic_tensor("attention.weights", SHAPE, 1.0).to(dtype)).sum().backward()
    return {"output": output.detach(), "x": x.grad, **model.gradients()}


def block_case(heads: int) -> dict:
    exact, single = block_results(heads, torch.float64), block_results(heads, torch.float32)
    return {
        "heads": heads,
        "results": {
            name: {"shape": list(value.shape), "values": rounded(value), "float32Error": error(single[name], value)}
            for name, value in exact.items()
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    inputs = Inputs("attention.network", NETWORK, [1, 400, 1000], [0, 2, -1])
    golden = {
        "origin": origin("bench/golden/attention.py"),
        "blocks": [block_case(heads) for heads in HEADS],
        "output": output_case(NETWORK, Inputs("attention.output", NETWORK, [7], [1])),
        "gradients": gradient_case(NETWORK, inputs, ["l2"], summary),
    }
    OUTPUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
