"""Writes packages/ts-diffusion/test/golden/npz.json: .npz files by NumPy, in base64, for the reader of data sets.

    python bench/golden/npz.py > packages/ts-diffusion/test/golden/npz.json
"""

import base64
import io
import json

import numpy

generator = numpy.random.default_rng(3)
colour = generator.integers(0, 256, (4, 2, 3, 3), dtype=numpy.uint8)
gray = generator.integers(0, 256, (3, 2, 3), dtype=numpy.uint8)


def saved(save=numpy.savez_compressed, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()


medmnist = {
    "train_images": colour,
    "train_labels": numpy.array([[0], [2], [1], [0]], dtype=numpy.uint8),
    "val_images": colour[:1],
    "val_labels": numpy.array([[1]], dtype=numpy.uint8),
    "test_images": colour[2:],
    "test_labels": numpy.array([[4], [0]], dtype=numpy.uint8),
}
print(
    json.dumps(
        {
            "origin": f"NumPy {numpy.__version__}, bench/golden/npz.py",
            "planes": colour.transpose(0, 3, 1, 2).reshape(-1).tolist(),
            "gray": gray.reshape(-1).tolist(),
            "medmnist": saved(**medmnist),
            "stored": saved(numpy.savez, **medmnist),
            "keras": saved(x_train=gray, y_train=numpy.array([7, 0, 3]), x_test=gray[:1], y_test=numpy.array([1])),
            "unlabelled": saved(images=gray),
            "float": saved(images=gray / 255),
            "several": saved(train_images=gray, train_labels=numpy.zeros((3, 14), dtype=numpy.uint8)),
            "volumes": saved(train_images=numpy.zeros((2, 9, 9, 9), dtype=numpy.uint8)),
            "negative": saved(images=gray, labels=numpy.array([0, -1, 2])),
            "fortran": saved(images=numpy.asfortranarray(gray)),
            "uneven": saved(images=gray, labels=numpy.array([0, 1])),
            "other": saved(weights=gray),
        },
        indent=1,
    )
)
