import protobuf from 'protobufjs/minimal.js';

/**
 * The part of ONNX's protobuf schema (onnx.proto, IR version 9) that this project writes and reads, over the reader and
 * writer of `protobufjs/minimal`. Its reflection API is not used: that compiles each message type with `Function`, which
 * a page whose content security policy lacks `unsafe-eval` refuses.
 */
export interface ModelProto {
  irVersion?: number;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphProto;
  opsetImport?: readonly OperatorSetIdProto[];
  metadataProps?: readonly StringStringEntryProto[];
}

export interface StringStringEntryProto {
  key?: string;
  value?: string;
}

export interface OperatorSetIdProto {
  domain?: string;
  version?: number;
}

export interface GraphProto {
  node?: readonly NodeProto[];
  name?: string;
  initializer?: readonly TensorProto[];
  input?: readonly ValueInfoProto[];
  output?: readonly ValueInfoProto[];
}

export interface NodeProto {
  input?: readonly string[];
  output?: readonly string[];
  name?: string;
  opType?: string;
  attribute?: readonly AttributeProto[];
  domain?: string;
}

export interface AttributeProto {
  name?: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  floats?: readonly number[];
  ints?: readonly number[];
  /** One of `AttributeType`. */
  type?: number;
}

export interface TensorProto {
  dims?: readonly number[];
  /** One of `DataType`. */
  dataType?: number;
  name?: string;
  /** Row-major elements, little-endian. */
  rawData?: Uint8Array;
}

export interface ValueInfoProto {
  name?: string;
  type?: TypeProto;
}

export interface TypeProto {
  tensorType?: TensorTypeProto;
}

export interface TensorTypeProto {
  elemType?: number;
  shape?: TensorShapeProto;
}

export interface TensorShapeProto {
  dim?: readonly DimensionProto[];
}

/** Either a fixed extent or the name of a dynamic one. */
export interface DimensionProto {
  dimValue?: number;
  dimParam?: string;
}

/** TensorProto.DataType, also the values of the `to` attribute of Cast. */
export const DataType = { float32: 1, int64: 7, bool: 9 } as const;
export type DataTypeName = keyof typeof DataType;

/** AttributeProto.AttributeType. */
export const AttributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

type Scalar = 'int64' | 'int32' | 'float' | 'string' | 'bytes';

interface Field {
  readonly id: number;
  readonly type: Scalar | MessageType;
  readonly repeated?: boolean;
}

interface MessageType {
  readonly fields: Readonly<Record<string, Field>>;
}

/** Ties the table of fields to the interface: a field missing in either does not compile. */
const message = <T>(fields: Readonly<Record<keyof T & string, Field>>): MessageType => ({ fields });

const operatorSetId = message<OperatorSetIdProto>({
  domain: { id: 1, type: 'string' },
  version: { id: 2, type: 'int64' },
});

const stringStringEntry = message<StringStringEntryProto>({
  key: { id: 1, type: 'string' },
  value: { id: 2, type: 'string' },
});

const dimension = message<DimensionProto>({
  dimValue: { id: 1, type: 'int64' },
  dimParam: { id: 2, type: 'string' },
});

const tensorShape = message<TensorShapeProto>({ dim: { id: 1, type: dimension, repeated: true } });

const tensorType = message<TensorTypeProto>({
  elemType: { id: 1, type: 'int32' },
  shape: { id: 2, type: tensorShape },
});

const typeProto = message<TypeProto>({ tensorType: { id: 1, type: tensorType } });

const valueInfo = message<ValueInfoProto>({
  name: { id: 1, type: 'string' },
  type: { id: 2, type: typeProto },
});

const tensor = message<TensorProto>({
  dims: { id: 1, type: 'int64', repeated: true },
  dataType: { id: 2, type: 'int32' },
  name: { id: 8, type: 'string' },
  rawData: { id: 9, type: 'bytes' },
});

const attribute = message<AttributeProto>({
  name: { id: 1, type: 'string' },
  f: { id: 2, type: 'float' },
  i: { id: 3, type: 'int64' },
  s: { id: 4, type: 'bytes' },
  floats: { id: 7, type: 'float', repeated: true },
  ints: { id: 8, type: 'int64', repeated: true },
  type: { id: 20, type: 'int32' },
});

const node = message<NodeProto>({
  input: { id: 1, type: 'string', repeated: true },
  output: { id: 2, type: 'string', repeated: true },
  name: { id: 3, type: 'string' },
  opType: { id: 4, type: 'string' },
  attribute: { id: 5, type: attribute, repeated: true },
  domain: { id: 7, type: 'string' },
});

const graph = message<GraphProto>({
  node: { id: 1, type: node, repeated: true },
  name: { id: 2, type: 'string' },
  initializer: { id: 5, type: tensor, repeated: true },
  input: { id: 11, type: valueInfo, repeated: true },
  output: { id: 12, type: valueInfo, repeated: true },
});

const model = message<ModelProto>({
  irVersion: { id: 1, type: 'int64' },
  producerName: { id: 2, type: 'string' },
  producerVersion: { id: 3, type: 'string' },
  graph: { id: 7, type: graph },
  opsetImport: { id: 8, type: operatorSetId, repeated: true },
  metadataProps: { id: 14, type: stringStringEntry, repeated: true },
});

const WireType = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const;

const wireTypeOf = (type: Field['type']): number => {
  if (type === 'int64' || type === 'int32') return WireType.varint;
  return type === 'float' ? WireType.fixed32 : WireType.lengthDelimited;
};

function writeValue(writer: protobuf.Writer, type: Field['type'], value: unknown): void {
  if (typeof type === 'object') {
    writer.fork();
    writeMessage(writer, type, value as Record<string, unknown>);
    writer.ldelim();
  } else if (type === 'string') writer.string(value as string);
  else if (type === 'bytes') writer.bytes(value as Uint8Array);
  else writer[type](value as number);
}

function writeMessage(writer: protobuf.Writer, type: MessageType, value: Record<string, unknown>): void {
  for (const [name, field] of Object.entries(type.fields)) {
    const entry = value[name];
    if (entry === undefined) continue;
    for (const item of field.repeated ? (entry as unknown[]) : [entry]) {
      writer.uint32((field.id << 3) | wireTypeOf(field.type));
      writeValue(writer, field.type, item);
    }
  }
}

function readValue(reader: protobuf.Reader, type: Field['type']): unknown {
  if (typeof type === 'object') {
    const length = reader.uint32();
    return readMessage(reader, type, reader.pos + length);
  }
  if (type === 'int64') return Number(reader.int64());
  return reader[type]();
}

function readMessage(reader: protobuf.Reader, type: MessageType, end: number): Record<string, unknown> {
  const fieldsById = new Map(Object.entries(type.fields).map(([name, field]) => [field.id, { name, field }]));
  const result: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const wireType = tag & 7;
    const entry = fieldsById.get(tag >>> 3);
    if (entry === undefined) {
      reader.skipType(wireType);
      continue;
    }
    const { name, field } = entry;
    if (!field.repeated) {
      result[name] = readValue(reader, field.type);
      continue;
    }
    const items = (result[name] ??= []) as unknown[];
    // proto2 writes repeated numbers one by one; other writers pack them into one length-delimited run.
    const packed = wireType === WireType.lengthDelimited && wireTypeOf(field.type) !== WireType.lengthDelimited;
    if (!packed) {
      items.push(readValue(reader, field.type));
      continue;
    }
    const length = reader.uint32();
    const packedEnd = reader.pos + length;
    while (reader.pos < packedEnd) items.push(readValue(reader, field.type));
  }
  return result;
}

/** Serialises a model to the bytes of an `.onnx` file. */
export function encodeModel(value: ModelProto): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(writer, model, value as Record<string, unknown>);
  return writer.finish();
}

/** Reads the bytes of an `.onnx` file; fields outside the subset above are skipped. @throws OnnxError if truncated */
export function decodeModel(bytes: Uint8Array): ModelProto {
  try {
    return readMessage(protobuf.Reader.create(bytes), model, bytes.length);
  } catch (error) {
    throw new OnnxError(
      `The ${bytes.length} bytes given are not an ONNX model, or it was cut off (${String(error)}); export or download it again.`,
    );
  }
}

/** A graph that ONNX would not accept, or bytes that are no ONNX model. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
}
