/**
 * Bytes of the graph that writer.test.ts builds, as the official Python package writes them. Origin: onnx 1.23.2,
 * `onnx.helper.make_model(make_graph(...), opset_imports=[make_opsetid('', 17)], ir_version=9)` with the same node names
 * and raw_data tensors, `SerializeToString()`; `onnx.checker.check_model(model, full_check=True)` passed.
 */
export const goldenModel = Buffer.from(
  [
    'CAkSDHRzLWRpZmZ1c2lvbhoFMC4xLjA6gwUKVwoBeAoGd2VpZ2h0EgRjb252GgZDb252XzAiBENvbnYqFQoMa2VybmVsX3NoYXBl',
    'QANAA6ABByoRCgRwYWRzQAFAAUABQAGgAQcqDAoFZ3JvdXAYAaABAgo1CgRjb252EgRyZWx1GgtMZWFreVJlbHVfMSIJTGVha3lS',
    'ZWx1Kg8KBWFscGhhFQAAgD6gAQEKNAoEcmVsdQoEcGFkcxIGcGFkZGVkGgVQYWRfMiIDUGFkKhIKBG1vZGUiB3JlZmxlY3SgAQMK',
    'QgoGcGFkZGVkCgVwYXJ0cxIEbGVmdBIFcmlnaHQaB1NwbGl0XzMiBVNwbGl0KhQKBGF4aXMY////////////AaABAgopCgVyaWdo',
    'dAoACgdtYXhpbXVtEgdjbGlwcGVkGgZDbGlwXzQiBENsaXAKKQoEbGVmdAoHY2xpcHBlZBIEbWFzaxoJR3JlYXRlcl81IgdHcmVh',
    'dGVyEgZnb2xkZW4qOAgBCAEIAwgDEAFCBndlaWdodEokAACAvwAAQL8AAAC/AACAvgAAAAAAAIA+AAAAPwAAQD8AAIA/KkwICBAH',
    'QgRwYWRzSkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAKh0I',
    'AhAHQgVwYXJ0c0oQAwAAAAAAAAADAAAAAAAAACoREAFCB21heGltdW1KBAAAAD9aIAoBeBIbChkIARIVCgcSBWJhdGNoCgIIAQoC',
    'CAQKAggEWhgKBWxhYmVsEg8KDQgHEgkKBxIFYmF0Y2hiIwoEbWFzaxIbChkICRIVCgcSBWJhdGNoCgIIAQoCCAQKAggDQgQKABAR',
  ].join(''),
  'base64',
);
