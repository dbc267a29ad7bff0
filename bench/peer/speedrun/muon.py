"""Muon (Jordan et al. 2024) for matrices and Adam for the rest, with the arithmetic of packages/ts-diffusion/src/training/muon.ts.

torch.optim.Muon takes no convolutions, and iterates in bfloat16.
"""

import torch
from torch import Tensor, nn

A, B, C = 3.4445, -4.775, 2.0315
ITERATIONS = 5
SMALLEST_SIDE = 16


def orthogonal_update(matrix: Tensor) -> Tensor:
    """About U Vᵀ of the singular value decomposition U S Vᵀ, times 0.2 √max(rows, columns)."""
    rows, columns = matrix.shape
    x = matrix / (matrix.norm() + 1e-7)
    gram = x @ x.T if rows <= columns else x.T @ x
    unit = torch.eye(len(gram))
    factor = None
    for iteration in range(ITERATIONS):
        step = torch.addmm(A * unit + B * gram, gram, gram, alpha=C)
        factor = step if factor is None else step @ factor
        if iteration < ITERATIONS - 1:
            gram = step @ gram @ step
    return (factor @ x if rows <= columns else x @ factor) * (0.2 * max(rows, columns) ** 0.5)


def transposed(module: nn.Module) -> bool:
    return isinstance(module, nn.ConvTranspose2d)


class MuonWithAdam:
    """Muon's momentum is Adam's first moment, and its learning rate Adam's."""

    def __init__(self, network: nn.Module, beta1: float) -> None:
        self.beta1 = beta1
        self.matrices: list[tuple[nn.Parameter, bool, Tensor]] = []
        others = []
        for module in network.modules():
            for parameter in module.parameters(recurse=False):
                if parameter.ndim >= 2 and min(self.matrix(parameter, transposed(module)).shape) >= SMALLEST_SIDE:
                    self.matrices.append((parameter, transposed(module), torch.zeros_like(parameter)))
                else:
                    others.append(parameter)
        self.adam = torch.optim.Adam(others, betas=(beta1, 0.999), fused=True)

    @staticmethod
    def matrix(weight: Tensor, is_transposed: bool) -> Tensor:
        """[outputs, all that enters each of them]; a transposed convolution has as many outputs for each pixel of its window."""
        return weight.flatten(1).T if is_transposed else weight.flatten(1)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        for group in self.adam.param_groups:
            group["lr"] = learning_rate
        self.adam.step()
        for parameter, is_transposed, moment in self.matrices:
            moment.lerp_(parameter.grad, 1 - self.beta1)
            momentum = parameter.grad.lerp(moment, self.beta1)
            update = orthogonal_update(self.matrix(momentum, is_transposed))
            update = update.T if is_transposed else update
            parameter.sub_(update.reshape(parameter.shape), alpha=learning_rate)
