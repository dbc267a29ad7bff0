"""pytorch-fid's own Inception-v3, with other weights than the published ones: nothing is downloaded."""

from collections.abc import Mapping
from unittest import mock

import torch
from pytorch_fid import inception
from torch import Tensor

POOL3 = inception.InceptionV3.BLOCK_INDEX_BY_DIM[2048]


def empty_state_dict() -> dict[str, Tensor]:
    """The names and shapes of the published file's tensors; the values are arbitrary."""
    patched = mock.patch.multiple(
        inception,
        load_state_dict_from_url=lambda *_, **__: {},
    )
    with patched, mock.patch.object(torch.nn.Module, "load_state_dict"):
        return inception.fid_inception_v3().state_dict()


def inception_with(state_dict: Mapping[str, Tensor]) -> inception.InceptionV3:
    """InceptionV3([3]), for pool3 features, with the given weights in place of those it would download."""
    with mock.patch.object(inception, "load_state_dict_from_url", lambda *_, **__: state_dict):
        return inception.InceptionV3([POOL3]).eval()
