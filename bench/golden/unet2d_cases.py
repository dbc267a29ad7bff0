"""Networks of diffusers' UNet2DModel with deterministic weights: what the golden files of `unet2d` are made of."""

import platform

import diffusers
import torch
from diffusers import UNet2DModel
from diffusers.utils import logging
from torch import Tensor

from deterministic import deterministic_tensor, fill_deterministic

DIGITS = 9
logging.set_verbosity_error()
TINY = {
    "sample_size": 8,
    "in_channels": 3,
    "out_channels": 3,
    "block_out_channels": [8, 16],
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
    "layers_per_block": 1,
    "attention_head_dim": 4,
    "norm_num_groups": 4,
}

# config.json of google/ddpm-cifar10-32.
DDPM_CIFAR10_32 = {
    "_class_name": "UNet2DModel",
    "_diffusers_version": "0.0.4",
    "act_fn": "silu",
    "attention_head_dim": None,
    "block_out_channels": [128, 256, 256, 256],
    "center_input_sample": False,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
    "downsample_padding": 0,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
    "in_channels": 3,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-6,
    "norm_num_groups": 32,
    "out_channels": 3,
    "sample_size": 32,
    "time_embedding_type": "positional",
    "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
}

# By name: config.json, timesteps as diffusers counts them, labels.
CASES = {
    "defaults": (TINY, [0, 999], None),
    "asymmetric": (
        TINY
        | {
            "block_out_channels": [8, 8, 16],
            "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D"],
            "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
            "layers_per_block": 2,
            "attention_head_dim": None,
            "downsample_padding": 0,
            "norm_eps": 1e-6,
            "flip_sin_to_cos": False,
            "freq_shift": 1,
        },
        [3, 70, 900],
        None,
    ),
    "classes": (
        TINY
        | {
            "num_class_embeds": 4,
            "resnet_time_scale_shift": "scale_shift",
            "downsample_type": "resnet",
            "upsample_type": "resnet",
            "down_block_types": ["AttnDownBlock2D", "AttnDownBlock2D"],
            "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D"],
        },
        [0, 500, 999],
        [0, 2, 3],
    ),
    "scale_shift_normalised": (
        TINY | {"resnet_time_scale_shift": "scale_shift", "attn_norm_num_groups": 8, "downsample_type": "resnet"},
        [10, 20],
        None,
    ),
    "timestep_classes": (
        TINY
        | {
            "in_channels": 1,
            "out_channels": 1,
            "class_embed_type": "timestep",
            "num_class_embeds": 10,
            "mid_block_scale_factor": 1.5,
            "add_attention": False,
        },
        [1, 400],
        [0, 9],
    ),
    "fourier": (TINY | {"time_embedding_type": "fourier", "center_input_sample": True}, [1, 40, 999], None),
    "ddpm-cifar10-32": (DDPM_CIFAR10_32, [617], None),
}


def origin(program: str) -> dict:
    return {
        "program": program,
        "command": f"python {program}",
        "diffusers": diffusers.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "precision": f"float64 from float32 weights and inputs, rounded to {DIGITS} significant digits",
    }


def rounded(values: Tensor | float) -> list | float:
    if isinstance(values, Tensor):
        return [rounded(v) for v in values.flatten().tolist()]
    return float(f"{values:.{DIGITS}g}")


def create_model(config: dict, dtype: torch.dtype) -> UNet2DModel:
    model = UNet2DModel(**{key: value for key, value in config.items() if not key.startswith("_")})
    fill_deterministic(model)
    # Sines of labels stay float32 in a model of float64 otherwise, which its layers refuse.
    model.time_proj.register_forward_hook(lambda _module, _inputs, output: output.to(dtype))
    return model.to(dtype).eval()


def images(name: str, config: dict, count: int, bound: float) -> Tensor:
    return deterministic_tensor(name, (count, config["in_channels"], config["sample_size"], config["sample_size"]), bound)


def predict(name: str, model: UNet2DModel) -> Tensor:
    config, timesteps, labels = CASES[name]
    x = images(f"unet2d.{name}.x", config, len(timesteps), 1.0).to(model.dtype)
    # The last case divides by the timestep, which must not be an integer type then.
    t = torch.tensor(timesteps, dtype=model.dtype if config.get("time_embedding_type") == "fourier" else torch.int64)
    if labels is None:
        return model(x, t).sample
    is_number = config.get("class_embed_type") == "timestep"
    return model(x, t, torch.tensor(labels, dtype=model.dtype if is_number else torch.int64)).sample
