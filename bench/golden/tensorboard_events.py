"""Reads the event files of a run with TensorBoard and writes what it sees, beside the files themselves.

    npx tsx bench/golden/tensorboard_events.ts /tmp/run
    python bench/golden/tensorboard_events.py /tmp/run packages/ts-diffusion/test/golden/tensorboard-events.json
"""

import base64
import json
import pathlib
import sys

import tensorboard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_accumulator import (
    EventAccumulator as PluginEventAccumulator,
)
from tensorboard.util import tensor_util

folder, out = sys.argv[1:]
seen = EventAccumulator(folder).Reload()
# What the program itself uses: scalars and images become tensors.
plugin = PluginEventAccumulator(folder).Reload()
names = sorted(path.name for path in pathlib.Path(folder).glob("events.*"))
json.dump(
    {
        "origin": f"TensorBoard {tensorboard.__version__}, bench/golden/tensorboard_events.py",
        "files": {
            name: base64.b64encode(pathlib.Path(folder, name).read_bytes()).decode() for name in names
        },
        "fileVersion": seen.file_version,
        "scalars": {
            tag: [[event.step, event.value] for event in seen.Scalars(tag)] for tag in seen.Tags()["scalars"]
        },
        "pluginScalars": {
            tag: [
                [event.step, float(tensor_util.make_ndarray(event.tensor_proto))] for event in plugin.Tensors(tag)
            ]
            for tag in plugin.Tags()["tensors"]
            if plugin.SummaryMetadata(tag).plugin_data.plugin_name == "scalars"
        },
        "images": {
            tag: [
                {
                    "step": event.step,
                    "width": event.width,
                    "height": event.height,
                    "png": base64.b64encode(event.encoded_image_string).decode(),
                }
                for event in seen.Images(tag)
            ]
            for tag in seen.Tags()["images"]
        },
    },
    open(out, "w"),
    indent=1,
)
print(f"wrote {out}: TensorBoard {tensorboard.__version__}")
