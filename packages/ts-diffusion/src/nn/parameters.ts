import { ConfigError } from '../utils/errors.js';
import { constant, input, reshape, slice, sizeOf, type Shape, type Tensor } from '../graph/index.js';
import { transposeData } from '../graph/transpose-data.js';
import type { NamedTensor } from '../utils/named-tensor.js';
import { Purpose, RandomStream } from '../utils/random.js';

export type { NamedTensor } from '../utils/named-tensor.js';

/** What a layer says of a parameter it needs. */
export interface ParameterDeclaration {
  /** The shape PyTorch's module of the same kind has. */
  readonly shape: Shape;
  /** Initial values are uniform in `initialMean` ± `initialBound`; PyTorch's default bound is 1/√fan_in. */
  readonly initialBound: number;
  /** Default 0. */
  readonly initialMean?: number;
  /**
   * Axes of PyTorch's shape in the order in which the parameter is stored and used here; filters, for one, are stored
   * [O, KH, KW, I]. Absent: the same order.
   */
  readonly storageOrder?: readonly number[];
}

/** A parameter of a network, and where it is in the flat vector. */
export interface ParameterSpec extends ParameterDeclaration {
  /** As in a PyTorch state dict, e.g. `down1.conv1.weight`. */
  readonly name: string;
  /** Position of the first element in the flat vector. */
  readonly offset: number;
  readonly size: number;
}

/** Where a model under construction gets its parameters from. Layers ask for each parameter by name, in order, once. */
export class ParameterScope {
  constructor(
    private readonly provide: (name: string, declaration: ParameterDeclaration) => Tensor,
    private readonly prefix = '',
  ) {}

  get(name: string, declaration: ParameterDeclaration): Tensor {
    return this.provide(this.prefix + name, declaration);
  }

  /** The parameters under a name: `at('down1').at('conv1').get('weight', …)` is `down1.conv1.weight`. */
  at(name: string): ParameterScope {
    return new ParameterScope(this.provide, `${this.prefix}${name}.`);
  }
}

/** Named parameters that do not fit a model. */
export class ParameterMismatchError extends Error {
  override readonly name = 'ParameterMismatchError';
}

/** The shape of a parameter as it is stored and used here. */
export const storageShape = ({ shape, storageOrder }: ParameterDeclaration): Shape =>
  storageOrder?.map((axis) => shape[axis] ?? 1) ?? shape;

/**
 * All parameters of a model as ONE flat vector, so that the optimizer and the EMA are a handful of element-wise nodes:
 * which parameter lies where, in which order its axes are stored, and what it is called outside.
 */
export class ParameterLayout {
  readonly specs: readonly ParameterSpec[];
  /** Number of parameters. */
  readonly size: number;

  /** Finds the parameters by building the model once. */
  constructor(buildModel: (parameters: ParameterScope) => unknown) {
    const specs: ParameterSpec[] = [];
    const names = new Set<string>();
    let offset = 0;
    const declare = (name: string, declaration: ParameterDeclaration): Tensor => {
      if (names.has(name)) throw new Error(`two parameters are named ${name}`);
      names.add(name);
      const size = sizeOf(declaration.shape);
      specs.push({ ...declaration, name, offset, size });
      offset += size;
      return input(name, storageShape(declaration));
    };
    buildModel(new ParameterScope(declare));
    this.specs = specs;
    this.size = offset;
  }

  /** Fresh values; the same for the same seed. */
  initialise(seed: number): Float32Array {
    const flat = new Float32Array(this.size);
    this.specs.forEach(({ offset, size, initialBound, initialMean = 0 }, index) => {
      const random = new RandomStream(seed, Purpose.initialisation, index);
      for (let i = 0; i < size; i++) flat[offset + i] = initialMean + initialBound * (2 * random.uniform() - 1);
    });
    return flat;
  }

  /** The parameters as views of a symbolic flat vector [size]; also lists them in order, to differentiate by. */
  viewsOf(flat: Tensor): { parameters: ParameterScope; tensors: readonly Tensor[] } {
    const byName = new Map(
      this.specs.map((spec) => [
        spec.name,
        reshape(slice(flat, 0, spec.offset, spec.offset + spec.size), storageShape(spec)),
      ]),
    );
    return { parameters: scopeOf(byName), tensors: [...byName.values()] };
  }

  /** The parameters as constants of the graph. @throws ConfigError if `flat` has another size */
  constantsOf(flat: Float32Array): ParameterScope {
    this.requireSize(flat);
    return scopeOf(
      new Map(
        this.specs.map((spec) => [
          spec.name,
          constant(flat.subarray(spec.offset, spec.offset + spec.size), storageShape(spec)),
        ]),
      ),
    );
  }

  /** Flat vector -> tensors in PyTorch's names, shapes and axis order (copies). */
  toNamedTensors(flat: Float32Array): Map<string, NamedTensor> {
    this.requireSize(flat);
    return new Map(
      this.specs.map((spec) => {
        const stored = flat.subarray(spec.offset, spec.offset + spec.size);
        const { storageOrder, shape } = spec;
        const inverse = storageOrder && shape.map((_, axis) => storageOrder.indexOf(axis));
        return [
          spec.name,
          { shape, data: inverse ? transposeData(stored, storageShape(spec), inverse) : stored.slice() },
        ];
      }),
    );
  }

  /**
   * Tensors in PyTorch's names, shapes and axis order -> flat vector.
   * @throws ParameterMismatchError naming the first missing, misshapen or unknown tensor
   */
  fromNamedTensors(tensors: ReadonlyMap<string, NamedTensor>): Float32Array {
    for (const { name, shape } of this.specs) {
      const tensor = tensors.get(name);
      if (!tensor) throw new ParameterMismatchError(`parameter ${name} [${shape.join(',')}] is missing`);
      if (tensor.shape.join() !== shape.join()) {
        throw new ParameterMismatchError(
          `parameter ${name} has shape [${tensor.shape.join(',')}], the model needs [${shape.join(',')}]`,
        );
      }
    }
    const known = new Set(this.specs.map((spec) => spec.name));
    for (const name of tensors.keys()) {
      if (!known.has(name)) throw new ParameterMismatchError(`the model has no parameter ${name}`);
    }
    // Made only now: what a file claims of its network must not take more memory than the file.
    const flat = new Float32Array(this.size);
    for (const { name, shape, storageOrder, offset } of this.specs) {
      const { data } = tensors.get(name) as NamedTensor;
      flat.set(storageOrder ? transposeData(data, shape, storageOrder) : data, offset);
    }
    return flat;
  }

  private requireSize(flat: Float32Array): void {
    if (flat.length !== this.size) throw new ConfigError(`${flat.length} parameters given, the model has ${this.size}`);
  }
}

function scopeOf(byName: ReadonlyMap<string, Tensor>): ParameterScope {
  return new ParameterScope((name) => {
    const tensor = byName.get(name);
    if (!tensor) throw new Error(`the layout has no parameter ${name}`);
    return tensor;
  });
}
