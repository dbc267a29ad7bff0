"""Checks .onnx files with the official checker and prints what they are made of.

    python bench/check_onnx.py FILE.onnx [...]

For each file: IR version, opsets, inputs and outputs, number of nodes per operator. Exits with 1 where the checker refuses one.
"""

import collections
import sys

import onnx


def describe_value(value: onnx.ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    shape = ",".join(d.dim_param or (str(d.dim_value) if d.HasField("dim_value") else "?") for d in tensor.shape.dim)
    return f"{value.name}: {onnx.TensorProto.DataType.Name(tensor.elem_type).lower()}[{shape}]"


def describe(model: onnx.ModelProto) -> str:
    operators = collections.Counter(f"{n.domain}.{n.op_type}" if n.domain else n.op_type for n in model.graph.node)
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    bytes_of_constants = sum(t.ByteSize() for t in model.graph.initializer)
    return "\n".join(
        [
            f"  IR {model.ir_version}, opset {opsets}, producer {model.producer_name} {model.producer_version}".rstrip(),
            f"  inputs     {'; '.join(map(describe_value, model.graph.input))}",
            f"  outputs    {'; '.join(map(describe_value, model.graph.output))}",
            f"  constants  {len(model.graph.initializer)} ({bytes_of_constants} bytes)",
            f"  nodes      {len(model.graph.node)}: " + ", ".join(f"{k} {v}" for k, v in sorted(operators.items())),
        ]
    )


def check(path: str) -> bool:
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
    except Exception as problem:  # noqa: BLE001 - whatever the checker objects to is the result
        print(f"{path}: refused by onnx {onnx.__version__}: {problem}")
        return False
    print(f"{path}: valid (onnx {onnx.__version__}, full check)\n{describe(model)}")
    return True


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not all([check(path) for path in sys.argv[1:]]):
        sys.exit(1)


if __name__ == "__main__":
    main()
