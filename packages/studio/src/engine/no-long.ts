/** In place of `long`: without it, protobufjs reads 64-bit integers as numbers, which is what the ONNX schema makes of them. */
export default null;
