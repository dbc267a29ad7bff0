"""Writes packages/ts-diffusion/test/golden/safetensors.json: well-formed and malformed files, and whether the reference parser takes them.

    pip install safetensors==0.8.0
    python bench/golden/safetensors_files.py > packages/ts-diffusion/test/golden/safetensors.json

Files in base64; `accepted` is what `safetensors.deserialize` said.
"""

import base64
import json
import struct
import sys
from importlib.metadata import version

from safetensors import SafetensorError, deserialize


def file(header, data=b"\0" * 8, length=None):
    header = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(shape="[2]", offsets="[0,8]", dtype='"F32"', more="", name="a"):
    return f'"{name}":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}'


A = tensor()
CASES = {
    "one tensor": file("{%s}" % A),
    "a tensor twice": file("{%s,%s}" % (A, A)),
    "a tensor twice, once escaped": file("{%s,%s}" % (A, tensor(name="\\u0061"))),
    "a metadata key twice": file('{"__metadata__":{"k":"1","k":"2"},%s}' % A),
    "the metadata twice": file('{"__metadata__":{"k":"1"},"__metadata__":{"k":"2"},%s}' % A),
    "byte-order mark": file(b"\xef\xbb\xbf" + b"{%s}" % A.encode()),
    "leading space": file(" {%s}" % A),
    "trailing spaces": file("{%s}  " % A),
    "trailing newline": file("{%s}\n\t" % A),
    "trailing zero byte": file("{%s}\0" % A),
    "dtype twice": file("{%s}" % tensor(more=',"dtype":"F32"')),
    "shape twice": file("{%s}" % tensor(more=',"shape":[2]')),
    "another field": file("{%s}" % tensor(more=',"x":1')),
    "another field twice": file("{%s}" % tensor(more=',"x":1,"x":2')),
    "another field with a fraction": file("{%s}" % tensor(more=',"x":1.5')),
    "fraction in a shape": file("{%s}" % tensor("[2.0]")),
    "exponent in a shape": file("{%s}" % tensor("[2e0]")),
    "-0": file("{%s}" % tensor(offsets="[-0,8]")),
    "negative size": file("{%s}" % tensor("[-2]")),
    "size as text": file("{%s}" % tensor('["2"]')),
    "leading zero": file("{%s}" % tensor("[02]")),
    "metadata null": file('{"__metadata__":null,%s}' % A),
    "metadata with a number": file('{"__metadata__":{"k":1},%s}' % A),
    "metadata with an object": file('{"__metadata__":{"k":{}},%s}' % A),
    "metadata a list": file('{"__metadata__":[],%s}' % A),
    "metadata a text": file('{"__metadata__":"x",%s}' % A),
    "metadata empty": file('{"__metadata__":{},%s}' % A),
    "header a list": file("[]", b""),
    "header null": file("null", b""),
    "header empty": file("", b""),
    "no tensors": file("{}", b""),
    "no tensors but data": file("{}", b"x"),
    "a hole": file("{%s}" % tensor("[1]", "[4,8]")),
    "bytes left over": file("{%s}" % A, b"\0" * 9),
    "bytes missing": file("{%s}" % A, b"\0" * 7),
    "overlap": file("{%s,%s}" % (A, tensor("[1]", "[4,8]", name="b"))),
    "the same bytes twice": file("{%s,%s}" % (A, tensor(name="b"))),
    "shape and offsets disagree": file("{%s}" % tensor("[3]")),
    "offsets reversed": file("{%s}" % tensor(offsets="[8,0]")),
    "three offsets": file("{%s}" % tensor(offsets="[0,8,8]")),
    "one offset": file("{%s}" % tensor(offsets="[8]")),
    "scalar": file("{%s}" % tensor("[]", "[0,4]"), b"\0" * 4),
    "empty tensor first": file("{%s,%s}" % (tensor("[0]", "[0,0]"), tensor(name="b"))),
    "empty tensor last": file("{%s,%s}" % (A, tensor("[0]", "[8,8]", name="b"))),
    "size overflows": file("{%s}" % tensor("[4294967296,4294967296]", "[0,0]"), b""),
    "unknown dtype": file("{%s}" % tensor(dtype='"F33"')),
    "dtype a number": file("{%s}" % tensor(dtype="1")),
    "dtype in lower case": file("{%s}" % tensor(dtype='"f32"')),
    "no dtype": file('{"a":{"shape":[2],"data_offsets":[0,8]}}'),
    "no shape": file('{"a":{"dtype":"F32","data_offsets":[0,8]}}'),
    "tensor null": file('{"a":null}'),
    "tensor a list": file('{"a":["F32",[2],[0,8]]}'),
    "unpaired surrogate in a name": file("{%s}" % tensor(name="\\ud800")),
    "unpaired surrogate in the metadata": file('{"__metadata__":{"k":"\\ud800"},%s}' % A),
    "surrogate pair": file("{%s}" % tensor(name="\\ud83d\\ude00")),
    "not UTF-8": file(b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'),
    "control character": file("{%s}" % tensor(name="a\n")),
    "trailing comma": file("{%s,}" % A),
    "comment": file("{%s}//" % A),
    "single quotes": file(("{%s}" % A).replace('"', "'")),
    "empty name": file("{%s}" % tensor(name="")),
    "a name of JavaScript's": file("{%s}" % tensor(name="__proto__")),
    "header longer than the file": file("{%s}" % A, length=1000),
    "header of 2^63 bytes": file("{%s}" % A, length=2**63),
    "seven bytes": b"\0" * 7,
    "no bytes": b"",
    "nested 200 deep": file("{%s}" % tensor(more=',"x":%s%s' % ("[" * 200, "]" * 200))),
    "nested 100 deep": file("{%s}" % tensor(more=',"x":%s%s' % ("[" * 100, "]" * 100))),
}


def accepted(content):
    try:
        deserialize(content)
        return True
    except SafetensorError:
        return False


json.dump(
    {
        "origin": f"safetensors {version('safetensors')} (Python), bench/golden/safetensors_files.py",
        "cases": {
            name: {"file": base64.b64encode(content).decode(), "accepted": accepted(content)}
            for name, content in CASES.items()
        },
    },
    sys.stdout,
    indent=1,
)
print()
