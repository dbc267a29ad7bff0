import { OnnxGraphBuilder } from '../onnx/writer.js';
import type { Shape } from '../utils/shape.js';
import { Emission, type EmittedValue } from './emission.js';
import { emitRules } from './emit/rules.js';
import type { Inputs, Operation } from './operations.js';
import type { LoweringTarget } from './target.js';
import { ShapeError, describe } from './tensor-type.js';
import { apply, type Tensor } from './tensor.js';
import { topologicalOrder } from './topological-order.js';

export interface LoweringOptions {
  readonly target: LoweringTarget;
  /** Name of the ONNX graph. */
  readonly name: string;
  /** Gives axis 0 of every input and output this symbolic name instead of its static size. */
  readonly dynamicBatch?: string;
  /** What the model says of itself, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes the graph that computes `outputs` (arrays, by name) as a serialised ONNX model of standard operators. Inputs
 * become the model's inputs; equal subexpressions are computed once.
 * @throws ShapeError if an output is an image (convert it with `toArray`), or two inputs share a name but not a type
 */
export function lower(outputs: Readonly<Record<string, Tensor>>, options: LoweringOptions): Uint8Array {
  const builder = new OnnxGraphBuilder(options.name, { metadata: options.metadata ?? {} });
  const emission = new Emission(builder, options.target, options.dynamicBatch !== undefined);
  const shared = shareSubexpressions(topologicalOrder(Object.values(outputs)));
  const declared = (shape: Shape): (number | string)[] => {
    const [, ...rest] = shape;
    return options.dynamicBatch !== undefined && shape.length > 0 ? [options.dynamicBatch, ...rest] : [...shape];
  };

  const inputs = new Map<string, Tensor>();
  for (const tensor of new Set(shared.values())) {
    if (tensor.op === 'input') {
      const { name, dtype } = tensor.attributes;
      const twin = inputs.get(name);
      if (twin) throw new ShapeError(`two inputs named ${name}: ${describe(twin)} and ${describe(tensor)}`);
      inputs.set(name, tensor);
      builder.input(name, dtype, declared(tensor.shape));
    }
    emission.setValue(tensor, emit(emission, tensor.op, tensor));
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    if (tensor.image) throw new ShapeError(`output ${name} is ${describe(tensor)}: convert it with toArray`);
    const value = emission.view(shared.get(tensor) ?? tensor, tensor.shape);
    builder.node('Identity', [value], {}, [name]);
    builder.output(name, tensor.dtype, declared(tensor.shape));
  }
  return builder.build();
}

function emit<Op extends Operation>(emission: Emission, op: Op, tensor: Tensor<Op>): EmittedValue {
  return emitRules[op](emission, tensor);
}

/** Constants up to this many elements are compared by content, larger ones by identity. */
const COMPARED_ELEMENTS = 64;

/** Maps each tensor to the first one that computes the same; representatives have representatives as inputs. */
function shareSubexpressions(order: readonly Tensor[]): Map<Tensor, Tensor> {
  const representatives = new Map<Tensor, Tensor>();
  const byKey = new Map<string, Tensor>();
  for (const tensor of order) {
    const inputs = tensor.inputs.map((input) => representatives.get(input) ?? input);
    const key = `${tensor.op}(${inputs.map((input) => input.id).join()}){${attributesKey(tensor)}}`;
    let representative = byKey.get(key);
    if (representative === undefined) {
      representative = inputs.every((input, i) => input === tensor.inputs[i]) ? tensor : withInputs(tensor, inputs);
      byKey.set(key, representative);
    }
    representatives.set(tensor, representative);
  }
  return representatives;
}

/** The same for equal attributes. */
function attributesKey({ id, attributes }: Tensor): string {
  return Object.entries<unknown>({ ...attributes })
    .map(([name, value]) => {
      if (value instanceof Float32Array && value.length > COMPARED_ELEMENTS) return `${name}=#${id}`;
      return `${name}=${String(value)}`;
    })
    .join(';');
}

/** The same operation on other inputs of the same types. */
function withInputs<Op extends Operation>({ op, attributes }: Tensor<Op>, inputs: readonly Tensor[]): Tensor {
  return apply(op, inputs as Inputs<Tensor>[Op], attributes);
}
