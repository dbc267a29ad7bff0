import { DataType, OnnxError, decodeModel, type DataTypeName, type ValueInfoProto } from '../../src/onnx/schema.js';
import type { ValueShape } from '../../src/onnx/writer.js';

/** A graph input or output. */
export interface ValueSummary {
  readonly name: string;
  readonly dtype: DataTypeName;
  readonly shape: ValueShape;
}

/** What an ONNX model takes, gives and consists of. */
export interface ModelSummary {
  readonly producer: string;
  readonly opset: number;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  readonly initializers: number;
  /** What the model says of itself (`metadata_props`). */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Summarises the bytes of an `.onnx` file.
 * @throws OnnxError if they are no ONNX model, or it has inputs or outputs other than float32, int64 and bool tensors
 */
export function readModelSummary(bytes: Uint8Array): ModelSummary {
  const {
    producerName = '',
    producerVersion = '',
    graph = {},
    opsetImport = [],
    metadataProps = [],
  } = decodeModel(bytes);
  const operators: Record<string, number> = {};
  for (const { opType = '' } of graph.node ?? []) operators[opType] = (operators[opType] ?? 0) + 1;
  return {
    producer: `${producerName} ${producerVersion}`.trim(),
    opset: opsetImport.find(({ domain }) => (domain ?? '') === '')?.version ?? 1,
    inputs: (graph.input ?? []).map(summarise),
    outputs: (graph.output ?? []).map(summarise),
    operators,
    initializers: graph.initializer?.length ?? 0,
    metadata: Object.fromEntries(metadataProps.map(({ key = '', value = '' }) => [key, value])),
  };
}

function summarise({ name = '', type }: ValueInfoProto): ValueSummary {
  const { elemType, shape } = type?.tensorType ?? {};
  const dtype = (Object.keys(DataType) as DataTypeName[]).find((key) => DataType[key] === elemType);
  if (dtype === undefined) {
    throw new OnnxError(
      `Value '${name}' has ONNX element type ${elemType ?? 'none'}; expected float32, int64 or bool.`,
    );
  }
  return { name, dtype, shape: (shape?.dim ?? []).map(({ dimValue, dimParam }) => dimValue ?? dimParam ?? '?') };
}
