"""Writes packages/ts-diffusion/test/golden/parquet.json: Parquet files of images by datasets and PyArrow, in base64, for the reader
of data sets.

    python bench/golden/parquet.py > packages/ts-diffusion/test/golden/parquet.json
"""

import base64
import io
import json
import os
import tempfile

import datasets
import numpy
import PIL
import pyarrow
import pyarrow.parquet
from PIL import Image

generator = numpy.random.default_rng(5)
images = generator.integers(0, 256, (7, 8, 8, 3), dtype=numpy.uint8)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def encoded(path):
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


def by_datasets(columns, features, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "it.parquet")
        datasets.Dataset.from_dict(columns, features=datasets.Features(features)).to_parquet(path, **options)
        return encoded(path)


def by_arrow(table, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "it.parquet")
        pyarrow.parquet.write_table(table, path, **options)
        return encoded(path)


def cells(rows):
    return [{"bytes": png(images[row]), "path": f"{row}.png"} for row in rows]


def table(rows, labels, **others):
    return pyarrow.table({"image": cells(rows), "label": labels, **others})


image = datasets.Image()
pets = datasets.ClassLabel(names=["dog", "cat", "ant"])
train = table(range(5), [2, 0, 2, 1, 0])
print(
    json.dumps(
        {
            "origin": f"datasets {datasets.__version__}, PyArrow {pyarrow.__version__}, Pillow {PIL.__version__}, "
            "bench/golden/parquet.py",
            "pixels": base64.b64encode(images.tobytes()).decode(),
            # As the Hub stores a data set: two files of the train split, one of the test split.
            "train0": by_datasets(
                {"image": cells([0, 1, 2]), "label": [2, 0, 2]}, {"image": image, "label": pets}, batch_size=2
            ),
            "train1": by_datasets({"image": cells([3, 4]), "label": [1, 0]}, {"image": image, "label": pets}),
            "test": by_datasets({"image": cells([5, 6]), "label": [1, 1]}, {"image": image, "label": pets}),
            # As CIFAR-100 is stored: other names, two columns of classes.
            "twoLabels": by_datasets(
                {"img": cells([0, 1, 2]), "fine_label": [1, 0, 1], "coarse_label": [0, 0, 0]},
                {
                    "img": image,
                    "fine_label": datasets.ClassLabel(names=["apple", "bee"]),
                    "coarse_label": datasets.ClassLabel(names=["living"]),
                },
            ),
            "unlabelled": by_datasets({"image": cells([0, 1])}, {"image": image}),
            # Without the Hub's metadata.
            "plain": by_arrow(train, row_group_size=2),
            "names": by_arrow(table([0, 1, 2], ["b", "a", "b"])),
            "bytesAlone": by_arrow(pyarrow.table({"picture": [png(images[0]), png(images[1])], "label": [0, 1]})),
            "compressed": {
                codec: by_arrow(train, compression=codec)
                for codec in ["NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"]
            },
            "version2": by_arrow(train, data_page_version="2.0", version="2.6"),
            # Values that are missing or wrong.
            "missingImage": by_arrow(
                pyarrow.table({"image": [*cells([0]), {"bytes": None, "path": "far/away.png"}], "label": [0, 1]})
            ),
            "missingLabel": by_arrow(table([0, 1], [0, None])),
            "noClass": by_datasets({"image": cells([0, 1]), "label": [0, None]}, {"image": image, "label": pets}),
            "broken": by_arrow(pyarrow.table({"image": [*cells([0]), {"bytes": b"no picture", "path": None}], "label": [0, 1]})),
            "noImages": by_arrow(pyarrow.table({"text": ["a", "b"], "label": [0, 1]})),
            "metadata": by_arrow(pyarrow.table({"file_name": ["b.png", "a.png"], "label": ["x", "y"]})),
            "empty": by_arrow(train.slice(0, 0)),
        },
        indent=1,
    )
)
