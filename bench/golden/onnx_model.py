"""Writes packages/ts-diffusion/test/golden/onnx-model.json: a small model as the official onnx package serialises it, checked by its checker.

The graph is that of test/onnx/writer.test.ts: every kind of attribute, tensor and dimension that src/onnx/writer.ts knows.

    python bench/golden/onnx_model.py
"""

import base64
import json
import platform
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper

OUTPUT = Path(__file__).resolve().parents[2] / "packages" / "ts-diffusion" / "test" / "golden" / "onnx-model.json"


def constant(name: str, values: list, dtype: type, shape: list[int]) -> TensorProto:
    return onnx.numpy_helper.from_array(numpy.array(values, dtype).reshape(shape), name)


def node(index: int, operator: str, inputs: list[str], outputs: list[str], **attributes) -> onnx.NodeProto:
    """A node named as the writer names it, with its attributes in the order given (the helper sorts them)."""
    made = helper.make_node(operator, inputs, outputs, name=f"{operator}_{index}")
    made.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
    return made


def golden_model() -> onnx.ModelProto:
    nodes = [
        node(0, "Conv", ["x", "weight"], ["conv"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=1),
        node(1, "LeakyRelu", ["conv"], ["relu"], alpha=0.25),
        node(2, "Pad", ["relu", "pads"], ["padded"], mode="reflect"),
        node(3, "Split", ["padded", "parts"], ["left", "right"], axis=-1),
        node(4, "Clip", ["right", "", "maximum"], ["clipped"]),
        node(5, "Greater", ["left", "clipped"], ["mask"]),
    ]
    inputs = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 4, 4]),
        helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
    ]
    outputs = [helper.make_tensor_value_info("mask", TensorProto.BOOL, ["batch", 1, 4, 3])]
    initializers = [
        constant("weight", [(i - 4) / 4 for i in range(9)], numpy.float32, [1, 1, 3, 3]),
        constant("pads", [0, 0, 0, 1, 0, 0, 0, 1], numpy.int64, [8]),
        constant("parts", [3, 3], numpy.int64, [2]),
        constant("maximum", [0.5], numpy.float32, []),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "golden", inputs, outputs, initializers),
        producer_name="ts-diffusion",
        producer_version="0.1.0",
        ir_version=9,
        opset_imports=[helper.make_opsetid("", 17)],
    )
    helper.set_model_props(model, {"prediction": "x0", "note": "größer"})
    return model


def main() -> None:
    model = golden_model()
    onnx.checker.check_model(model, full_check=True)
    origin = {
        "command": "python bench/golden/onnx_model.py",
        "versions": f"onnx {onnx.__version__}, Python {platform.python_version()}",
    }
    data = base64.b64encode(model.SerializeToString()).decode()
    OUTPUT.write_text(json.dumps({"origin": origin, "base64": data}, indent=1) + "\n")


if __name__ == "__main__":
    main()
