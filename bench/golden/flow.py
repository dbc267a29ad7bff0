"""Golden values of flow matching: diffusers' schedulers and its own way of drawing times and noising images.

Run from the repository root:  python bench/golden/flow.py
Needs: torch, diffusers. Writes: packages/ts-diffusion/test/golden/flow.json

States are points of the linear path, z = (1 - s) x_0 + s eps; model outputs are random numbers, one set per call, as in samplers.py. Times
are the lists below over 1000, in float64, where diffusers interpolates in float32.
"""

import json
import platform
from pathlib import Path

import diffusers
import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    UniPCMultistepScheduler,
)

PIXELS = 6
TIMESTEPS = 1000
UNEVEN = [1000, 870, 700, 431, 190, 52, 1]


def visiting(stock, visited, calls=1):
    """The stock scheduler, visiting these timesteps; all but the first and the end twice where a step calls the model twice."""
    stock.set_timesteps(len(visited))
    levels = torch.tensor([*visited, 0], dtype=torch.float64) / TIMESTEPS
    timesteps = torch.tensor(visited, dtype=torch.float64)
    if calls == 2:
        levels = torch.cat([levels[:1], levels[1:-1].repeat_interleave(2), levels[-1:]])
        timesteps = torch.cat([timesteps[:1], timesteps[1:].repeat_interleave(2)])
    stock.sigmas, stock.timesteps = levels, timesteps
    return stock


def trajectory(sampler, stock, visited, generator, calls=1):
    stock = visiting(stock, visited, calls)
    z = torch.randn(1, PIXELS, generator=generator)
    state, outputs, states = z.double(), [], []
    for call, t in enumerate(stock.timesteps):
        output = torch.randn(1, PIXELS, generator=generator)
        outputs.append(output)
        # diffusers' flow matching schedulers give back the dtype of the model's output.
        state = stock.step(output.double(), t, state).prev_sample
        if calls == 1 or call % 2 == 1 or call == len(stock.timesteps) - 1:
            states.append(state)
    return {
        "sampler": sampler,
        "visited": visited,
        "z": z.flatten().tolist(),
        "outputs": torch.cat(outputs).tolist(),
        "states": torch.cat(states).tolist(),
    }


def trajectories(generator):
    yield trajectory("flow-euler", FlowMatchEulerDiscreteScheduler(TIMESTEPS), UNEVEN, generator)
    yield trajectory("flow-heun", FlowMatchHeunDiscreteScheduler(TIMESTEPS), UNEVEN, generator, calls=2)
    flow = {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
    # These divide by 1 - s, which is 0 at s = 1: they begin below.
    yield trajectory("dpm-solver++", DPMSolverMultistepScheduler(TIMESTEPS, **flow), UNEVEN[1:], generator)
    yield trajectory("unipc", UniPCMultistepScheduler(TIMESTEPS, **flow), UNEVEN[1:], generator)


def spacings():
    """The timesteps that FlowMatchEulerDiscreteScheduler visits by itself, where they are whole numbers."""
    for steps in (10, 28, 112):
        stock = FlowMatchEulerDiscreteScheduler(TIMESTEPS)
        stock.set_timesteps(steps)
        yield {"steps": steps, "timesteps": [round(t, 3) for t in stock.timesteps.tolist()]}


def training(generator):
    """A batch of rectified flow's training as diffusers' SD3 example makes it, its loss for some prediction, and the loss's gradient."""
    stock = FlowMatchEulerDiscreteScheduler(TIMESTEPS)
    timesteps = [1, 137, 500, 875, 1000]
    x0 = torch.rand(len(timesteps), PIXELS, generator=generator) * 2 - 1
    noise = torch.randn(len(timesteps), PIXELS, generator=generator)
    prediction = torch.randn(len(timesteps), PIXELS, generator=generator, requires_grad=True)
    noisy = stock.scale_noise(x0, torch.tensor(timesteps, dtype=torch.float32), noise)
    target = noise - x0
    loss = torch.nn.functional.mse_loss(prediction, target)
    loss.backward()
    # The same noisy images by hand, in case the scheduler's table is not what it is taken for.
    s = torch.tensor(timesteps)[:, None] / TIMESTEPS
    assert torch.allclose(noisy, (1 - s) * x0 + s * noise, atol=1e-6)
    return {
        "timesteps": timesteps,
        "x0": x0.flatten().tolist(),
        "noise": noise.flatten().tolist(),
        "noisy": noisy.flatten().tolist(),
        "target": target.flatten().tolist(),
        "prediction": prediction.flatten().tolist(),
        "loss": loss.item(),
        "gradient": prediction.grad.flatten().tolist(),
    }


def main():
    generator = torch.Generator().manual_seed(15)
    golden = {
        "origin": {
            "program": "diffusers' flow matching schedulers",
            "versions": f"diffusers {diffusers.__version__}, torch {torch.__version__}, Python {platform.python_version()}",
            "command": "python bench/golden/flow.py",
        },
        "trajectories": list(trajectories(generator)),
        "spacings": list(spacings()),
        "training": training(generator),
    }
    path = Path("packages/ts-diffusion/test/golden/flow.json")
    path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
    print(f"wrote {path}, {len(golden['trajectories'])} trajectories")


if __name__ == "__main__":
    main()
