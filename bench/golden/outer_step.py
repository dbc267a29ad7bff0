"""Golden values of the outer step of DiLoCo: PyTorch's SGD with Nesterov's momentum on outer gradients.

Run from the repository root:  python bench/golden/outer_step.py
Needs: torch. Writes: packages/ts-diffusion/test/golden/outer-step.json

In each of five rounds three replicas end at random distances from the weights; the outer gradient is the weights minus the replicas' mean
(Douillard et al. 2023, Algorithm 1). All in float64.
"""

import json
import platform
from pathlib import Path

import torch

ROUNDS, REPLICAS, SIZE = 5, 3, 6
RATE, MOMENTUM = 0.7, 0.9

generator = torch.Generator().manual_seed(0)
weights = torch.nn.Parameter(torch.randn(SIZE, generator=generator, dtype=torch.float64))
optimizer = torch.optim.SGD([weights], lr=RATE, momentum=MOMENTUM, nesterov=True)
begin = weights.tolist()
rounds = []
for _ in range(ROUNDS):
    moved = 0.1 * torch.randn(REPLICAS, SIZE, generator=generator, dtype=torch.float64)
    replicas = weights.detach() + moved
    weights.grad = weights.detach() - replicas.mean(0)
    optimizer.step()
    rounds.append({"replicas": replicas.tolist(), "weights": weights.tolist()})

origin = {
    "program": "torch.optim.SGD(nesterov=True)",
    "versions": f"torch {torch.__version__}, Python {platform.python_version()}",
    "command": "python bench/golden/outer_step.py",
}
path = Path("packages/ts-diffusion/test/golden/outer-step.json")
value = {"origin": origin, "rate": RATE, "momentum": MOMENTUM, "begin": begin, "rounds": rounds}
path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
