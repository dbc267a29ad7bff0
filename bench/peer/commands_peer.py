"""What whole commands of this program do, as a Python program would: started anew for each measurement by bench/commands.ts.

    python bench/peer/commands_peer.py picture MODERN.safetensors OUT.png
    python bench/peer/commands_peer.py scores IMAGES.idx REAL.idx TRAINING.idx NETWORKS_FOLDER
"""

import gzip
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

TIMESTEPS, STEPS, GUIDANCE_WEIGHT = 1000, 10, 0.3
NEIGHBOURS, RESAMPLES, SUBSETS, SUBSET = 5, 100, 100, 1000


@torch.no_grad()
def picture(weights: str, out: str) -> None:
    """Ten of each digit by the model `modern`: DDIM in 10 trailing steps, with classifier-free guidance."""
    from modern_unet import ModernUNet
    from PIL import Image

    network = ModernUNet([64, 128], [1, 2], classes=10, patch_size=2, time_embedding=64).eval()
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    t = torch.arange(TIMESTEPS + 1, dtype=torch.float64)
    f = torch.cos((t / TIMESTEPS + 0.008) / 1.008 * torch.pi / 2) ** 2
    alphas = torch.cat([torch.ones(1), torch.cumprod(1 - (1 - f[1:] / f[:-1]).clip(1e-4, 0.9999), 0)]).float()
    labels = torch.arange(10).repeat_interleave(10)
    twice = torch.cat([labels, torch.full_like(labels, -1)])
    x = torch.randn(100, 1, 28, 28)
    visited = [TIMESTEPS * (STEPS - i) // STEPS for i in range(STEPS + 1)]
    for now, then in zip(visited, visited[1:]):
        conditional, without = network(x.repeat(2, 1, 1, 1), torch.full((200,), float(now)), twice).chunk(2)
        x0 = (1 + GUIDANCE_WEIGHT) * conditional - GUIDANCE_WEIGHT * without
        noise = (x - alphas[now].sqrt() * x0) / (1 - alphas[now]).sqrt()
        x = alphas[then].sqrt() * x0 + (1 - alphas[then]).sqrt() * noise
    grid = ((x.clip(-1, 1) + 1) * 127.5).byte().reshape(10, 10, 28, 28).permute(0, 2, 1, 3).reshape(280, 280)
    Image.fromarray(grid.numpy()).save(out)


def images_of(path: str, count: int | None = None) -> Tensor:
    """An IDX file, plain or gzip: [N, 1, 28, 28] in [-1, 1]."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)[:count]
    return torch.from_numpy(pixels.copy()).float() / 127.5 - 1


@torch.no_grad()
def features_of(network: torch.nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Class probabilities and features."""
    outputs = [network(batch) for batch in images.split(256)]
    return torch.cat([logits for logits, _ in outputs]).softmax(1), torch.cat([features for _, features in outputs])


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return features.mean(0), np.cov(features, rowvar=False)


def frechet(a: np.ndarray, b: tuple[np.ndarray, np.ndarray]) -> float:
    from pytorch_fid.fid_score import calculate_frechet_distance

    return float(calculate_frechet_distance(*moments(a), *b))


def inception_score(probabilities: Tensor) -> float:
    return float((probabilities * (probabilities.log() - probabilities.mean(0).log())).sum(1).mean().exp())


def kernel_distance(a: Tensor, b: Tensor, generator: torch.Generator) -> float:
    """Unbiased MMD² of the cubic kernel over random subsets (Binkowski et al. 2018)."""
    kernel = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    total = 0.0
    for _ in range(SUBSETS):
        x = a[torch.randperm(len(a), generator=generator)[:SUBSET]]
        y = b[torch.randperm(len(b), generator=generator)[:SUBSET]]
        m = len(x)
        within = sum((k.sum() - k.diagonal().sum()) / (m * (m - 1)) for k in (kernel(x, x), kernel(y, y)))
        total += float(within - 2 * kernel(x, y).mean())
    return total / SUBSETS


def neighbourhoods(real: Tensor, fake: Tensor) -> tuple[float, float, float, float]:
    """Precision, recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020)."""
    radius = lambda x: torch.cdist(x, x).kthvalue(NEIGHBOURS + 1, dim=1).values
    real_radius, fake_radius, between = radius(real), radius(fake), torch.cdist(real, fake)
    inside = between < real_radius[:, None]
    return (
        float(inside.any(0).float().mean()),
        float((between < fake_radius[None]).any(1).float().mean()),
        float(inside.float().sum(0).mean() / NEIGHBOURS),
        float((between.min(1).values < real_radius).float().mean()),
    )


def scores(images: str, real: str, training: str, networks: str) -> None:
    """The scores that `diffusion evaluate` takes with --no-thorough --judges 0 --near-copies 0, and their floors."""
    from classifier_networks import Evaluator, FeatureNetwork

    evaluator, feature_network = Evaluator().eval(), FeatureNetwork().eval()
    evaluator.load_state_dict(load_file(f"{networks}/evaluator.safetensors"))
    # Batch normalisation is folded into the convolutions of the file: that of the module is left as it is, which computes as much.
    file = load_file(f"{networks}/feature-network.safetensors")
    feature_network.load_state_dict({name: tensor for name, tensor in file.items() if "bias" not in name}, strict=False)
    reference = images_of(real)
    _, of_reference = features_of(feature_network, reference)
    b = moments(of_reference.numpy())
    generator = torch.Generator().manual_seed(0)
    samples = images_of(images)
    for batch in (samples, images_of(training, len(samples))):
        probabilities, _ = features_of(evaluator, batch)
        _, features = features_of(feature_network, batch)
        a = features.numpy()
        distances = [frechet(a, b)]
        for _ in range(RESAMPLES):
            rows = torch.randint(len(a), (len(a),), generator=generator)
            distances.append(frechet(a[rows], b))
            inception_score(probabilities[rows])
        print(
            inception_score(probabilities),
            distances[0],
            kernel_distance(features, of_reference, generator),
            *neighbourhoods(of_reference, features),
        )


if __name__ == "__main__":
    torch.manual_seed(0)
    what, *arguments = sys.argv[1:]
    {"picture": picture, "scores": scores}[what](*arguments)
