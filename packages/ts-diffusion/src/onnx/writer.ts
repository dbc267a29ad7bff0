import { sizeOf } from '../utils/shape.js';
import {
  AttributeType,
  DataType,
  OnnxError,
  encodeModel,
  type AttributeProto,
  type DataTypeName,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './schema.js';

/** Values of a node's attributes: integers as numbers, floats and lists of floats in a wrapper that tells them apart. */
export type Attributes = Readonly<
  Record<
    string,
    number | readonly number[] | string | { readonly float: number } | { readonly floats: readonly number[] }
  >
>;

/** Extents of a graph input or output; a string names a dynamic one, such as `'batch'`. */
export type ValueShape = readonly (number | string)[];

export const PRODUCER_NAME = 'ts-diffusion';
export const PRODUCER_VERSION = '0.1.0';

const IR_VERSION = 9;
const DEFAULT_OPSET = 17;

export interface OnnxGraphOptions {
  /** Version of the default operator set; 17 unless given. */
  readonly opset?: number;
  /** What the model says of itself (`metadata_props`), by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Initializers up to this many elements are compared by content; larger ones are weights, which never repeat. */
const SHARED_CONSTANT_ELEMENTS = 256;

/**
 * Writes an ONNX graph node by node, in the order the nodes are to run. Values are named by strings; every value must be
 * defined before it is used, and only once.
 */
export class OnnxGraphBuilder {
  readonly #name: string;
  readonly #opset: number;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #nodes: NodeProto[] = [];
  readonly #values = new Set<string>();
  readonly #constants = new Map<string, string>();
  #counter = 0;

  constructor(name: string, { opset = DEFAULT_OPSET, metadata = {} }: OnnxGraphOptions = {}) {
    this.#name = name;
    this.#opset = opset;
    this.#metadata = metadata;
  }

  /** Declares a graph input and returns its name. */
  input(name: string, dtype: DataTypeName, shape: ValueShape): string {
    this.#define(name, 'input');
    this.#inputs.push(valueInfo(name, dtype, shape));
    return name;
  }

  /** Declares the value of that name, which a node has to produce before `build`, as a graph output. */
  output(name: string, dtype: DataTypeName, shape: ValueShape): void {
    if (this.#outputs.some((output) => output.name === name)) {
      throw new OnnxError(`Graph '${this.#name}': output '${name}' is declared twice; declare each output once.`);
    }
    this.#outputs.push(valueInfo(name, dtype, shape));
  }

  /**
   * Adds a constant (row-major) and returns its name. Without `name`, small constants of equal type, shape and bits share
   * one initializer. The data is not copied: leave it unchanged until `build`.
   * @throws OnnxError if the data does not have as many elements as the shape
   */
  initializer(data: Float32Array | BigInt64Array, shape: readonly number[], name?: string): string {
    const size = sizeOf(shape);
    if (data.length !== size) {
      throw new OnnxError(
        `Graph '${this.#name}': initializer ${name ?? '(unnamed)'} of shape [${shape.join(', ')}] needs ${size} elements, got ${data.length}.`,
      );
    }
    const dtype = data instanceof Float32Array ? 'float32' : 'int64';
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (name !== undefined || size > SHARED_CONSTANT_ELEMENTS) {
      return this.#addInitializer(name ?? this.#freshName('constant'), dtype, shape, rawData);
    }
    const key = `${dtype}[${shape.join(',')}]${rawData.join(',')}`;
    let shared = this.#constants.get(key);
    if (shared === undefined) {
      // A copy, so that the content stays what the key says whatever the caller does with a small scratch array.
      shared = this.#addInitializer(this.#freshName('constant'), dtype, shape, rawData.slice());
      this.#constants.set(key, shared);
    }
    return shared;
  }

  /**
   * Adds a node of the default operator set and returns the names of its outputs. An input of `''` is an omitted optional
   * one.
   * @param outputs their names, or how many to name automatically (default 1)
   * @throws OnnxError if an input is not defined yet, an output is defined already or a plain number is no integer
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    outputs: readonly string[] | number = 1,
  ): string[] {
    for (const input of inputs) {
      if (input !== '' && !this.#values.has(input)) {
        throw new OnnxError(
          `Graph '${this.#name}': ${opType} uses the value '${input}', which is not defined; add what produces it first.`,
        );
      }
    }
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.#freshName(opType.toLowerCase()))
        : [...outputs];
    for (const name of names) this.#define(name, `output of ${opType}`);
    this.#nodes.push({
      input: [...inputs],
      output: names,
      name: `${opType}_${this.#nodes.length}`,
      opType,
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(opType, name, value)),
    });
    return names;
  }

  /** Serialises the graph. @throws OnnxError if a declared output is produced by nothing */
  build(): Uint8Array {
    for (const { name } of this.#outputs) {
      if (name === undefined || !this.#values.has(name)) {
        throw new OnnxError(`Graph '${this.#name}': nothing produces the declared output '${name ?? ''}'.`);
      }
    }
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: PRODUCER_NAME,
      producerVersion: PRODUCER_VERSION,
      graph: {
        node: this.#nodes,
        name: this.#name,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      opsetImport: [{ domain: '', version: this.#opset }],
      metadataProps: Object.entries(this.#metadata).map(([key, value]) => ({ key, value })),
    });
  }

  #define(name: string, role: string): void {
    if (name === '' || this.#values.has(name)) {
      throw new OnnxError(`Graph '${this.#name}': ${role} '${name}' needs a name that no other value has.`);
    }
    this.#values.add(name);
  }

  #freshName(prefix: string): string {
    let name: string;
    do name = `${prefix}_${this.#counter++}`;
    while (this.#values.has(name));
    return name;
  }

  #addInitializer(name: string, dtype: DataTypeName, shape: readonly number[], rawData: Uint8Array): string {
    this.#define(name, 'initializer');
    this.#initializers.push({ dims: [...shape], dataType: DataType[dtype], name, rawData });
    return name;
  }
}

function valueInfo(name: string, dtype: DataTypeName, shape: ValueShape): ValueInfoProto {
  const dim = shape.map((extent) => (typeof extent === 'string' ? { dimParam: extent } : { dimValue: extent }));
  return { name, type: { tensorType: { elemType: DataType[dtype], shape: { dim } } } };
}

function attributeProto(opType: string, name: string, value: Attributes[string]): AttributeProto {
  const integer = (entry: number): number => {
    if (!Number.isSafeInteger(entry)) {
      throw new OnnxError(
        `${opType}: attribute '${name}' is ${entry}, not an integer; write floats as { float: ${entry} }.`,
      );
    }
    return entry;
  };
  if (typeof value === 'number') return { name, i: integer(value), type: AttributeType.int };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: AttributeType.string };
  if ('float' in value) return { name, f: value.float, type: AttributeType.float };
  if ('floats' in value) return { name, floats: value.floats, type: AttributeType.floats };
  return { name, ints: value.map(integer), type: AttributeType.ints };
}
