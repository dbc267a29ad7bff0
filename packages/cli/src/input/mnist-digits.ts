/** `Dataset.sha256` of MNIST's training digits. */
export const MNIST_DIGITS = 'c5097fdd51cfdbe7695fd9df3612695696864b5c424f58d843ffdc5d335e9914';
