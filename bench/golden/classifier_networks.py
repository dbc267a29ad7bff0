"""The two MNIST classifiers as PyTorch modules: images [B, 1, 28, 28] in [-1, 1] -> logits [B, 10] and features."""

from torch import Tensor, nn
from torch.nn.functional import max_pool2d


class Evaluator(nn.Module):
    """The paper's: two 5x5 convolutions with ReLU and 2x2 max pooling, one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.linear = nn.Linear(64 * 7 * 7, 10)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = max_pool2d(self.conv1(images).relu(), 2)
        features = max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        return self.linear(features), features


class FeatureNetwork(nn.Module):
    """Five 3x3 convolutions with batch normalisation, global average pooling, one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.conv4 = nn.Conv2d(32, 64, 3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(64)
        self.conv5 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(128)
        self.linear = nn.Linear(128, 10)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = (images + 1) / 2
        x = max_pool2d(self.norm1(self.conv1(x)).relu(), 2)
        x = self.norm2(self.conv2(x)).relu()
        x = max_pool2d(self.norm3(self.conv3(x)).relu(), 2)
        x = self.norm4(self.conv4(x)).relu()
        x = self.norm5(self.conv5(x)).relu()
        features = x.mean(dim=(2, 3))
        return self.linear(features), features
