"""Pseudo-random tensors that Python and TypeScript make bit for bit alike (twin: packages/ts-diffusion/test/golden/deterministic-weights.ts)."""

import math

import numpy as np
import torch
from torch import Tensor, nn


def hash_name(name: str) -> int:
    """FNV-1a, 32 bits, of the UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def hash_sequence(name: str, count: int) -> np.ndarray:
    """uint32 [count]: the finaliser of MurmurHash3 over hash_name(name) + (i + 1) * 0x9E3779B9, modulo 2^32."""
    i = np.arange(1, count + 1, dtype=np.uint64)
    h = (np.uint64(hash_name(name)) + i * np.uint64(0x9E3779B9)).astype(np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h


def deterministic_tensor(name: str, shape: tuple[int, ...], bound: float) -> Tensor:
    """Uniform in [-bound, bound), row-major, every value rounded once from float64 to float32; returned as float32."""
    unit = hash_sequence(name, math.prod(shape)) / 2.0**32
    return torch.from_numpy((bound * (2 * unit - 1)).astype(np.float32).reshape(shape))


def fan_in(name: str, parameters: dict[str, Tensor]) -> int:
    """PyTorch's fan-in: weight.shape[1] times the kernel's area (for transposed convolutions too); a bias has its weight's."""
    weight = parameters[name.removesuffix(".bias") + ".weight" if name.endswith(".bias") else name]
    return math.prod(weight.shape[1:])


@torch.no_grad()
def fill_deterministic(module: nn.Module) -> None:
    """Sets every parameter to deterministic_tensor(name, shape, 1 / sqrt(fan_in))."""
    parameters = dict(module.named_parameters())
    for name, parameter in parameters.items():
        bound = 1 / math.sqrt(fan_in(name, parameters))
        parameter.copy_(deterministic_tensor(name, tuple(parameter.shape), bound))
