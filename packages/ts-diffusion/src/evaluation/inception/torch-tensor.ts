import type { NamedTensor } from '../../nn/parameters.js';
import { DataError } from '../../utils/errors.js';
import { decodeFloat16 } from '../../utils/float16.js';
import type { PickleGlobals, PickleToken } from './pickle.js';

/** The element type of a storage, named as in `torch`. */
interface StorageType extends PickleToken {
  /** Bytes of one element. */
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

const storageType = (token: string, bytes: number, read: StorageType['read']): StorageType => ({ token, bytes, read });

const storageTypes: readonly StorageType[] = [
  storageType('FloatStorage', 4, (view, offset) => view.getFloat32(offset, true)),
  storageType('DoubleStorage', 8, (view, offset) => view.getFloat64(offset, true)),
  storageType('HalfStorage', 2, (view, offset) => decodeFloat16(view.getUint16(offset, true))),
  storageType('LongStorage', 8, (view, offset) => Number(view.getBigInt64(offset, true))),
  storageType('IntStorage', 4, (view, offset) => view.getInt32(offset, true)),
  storageType('ShortStorage', 2, (view, offset) => view.getInt16(offset, true)),
  storageType('CharStorage', 1, (view, offset) => view.getInt8(offset)),
  storageType('ByteStorage', 1, (view, offset) => view.getUint8(offset)),
  storageType('BoolStorage', 1, (view, offset) => view.getUint8(offset)),
];

/** PyTorch's own limit. */
const LARGEST_RANK = 64;

/** A file of PyTorch's that is damaged, or holds something else than a state dict. */
export function unreadable(source: string, problem: string): DataError {
  return new DataError(`${source}: not a PyTorch state dict that can be read here: ${problem}`);
}

/** Elements that lie outside of the pickle, which refers to them by a persistent id. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly type: StorageType,
    /** Number of elements. */
    readonly size: number,
  ) {}

  /** @param id ('storage', type, key, location, size), in the older format with a sixth item, None */
  static fromPersistentId(id: unknown, source: string): TorchStorage {
    const [kind, type, key, , size, view = null] = Array.isArray(id) ? (id as unknown[]) : [];
    const known = storageTypes.find((each) => each === type);
    if (kind !== 'storage' || !known || typeof key !== 'string' || !isSize(size) || view !== null) {
      throw unreadable(source, 'it describes a storage wrongly');
    }
    return new TorchStorage(key, known, size);
  }

  get bytes(): number {
    return this.size * this.type.bytes;
  }
}

/** A tensor as the pickle describes it: a strided view of a storage. */
export class TorchTensor {
  constructor(
    private readonly storage: TorchStorage,
    private readonly offset: number,
    private readonly shape: readonly number[],
    private readonly strides: readonly number[],
  ) {}

  /** Number of elements. */
  get count(): number {
    return this.shape.reduce((product, extent) => product * extent, 1);
  }

  /**
   * The elements in row-major order, as float32.
   * @throws DataError naming the tensor where its storage is missing or too short
   */
  read(name: string, storageBytes: (key: string) => Uint8Array | undefined, source: string): NamedTensor {
    const { storage, offset, shape, strides } = this;
    const { type, size } = storage;
    const fail = (problem: string): never => {
      throw unreadable(source, `tensor ${name} [${shape.join(',')}] ${problem}`);
    };
    const bytes = storageBytes(storage.key) ?? fail(`has no data: storage ${storage.key} is missing (truncated file?)`);
    if (bytes.length < storage.bytes) {
      fail(`has ${bytes.length} of its ${storage.bytes} bytes (truncated file?)`);
    }
    const { count } = this;
    const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * (strides[axis] as number), offset);
    if (!Number.isSafeInteger(count) || count > size || (count > 0 && last >= size))
      fail(`reaches beyond its storage of ${size} elements`);

    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = new Float32Array(count);
    const index = shape.map(() => 0);
    let position = offset;
    for (let i = 0; i < count; i++) {
      data[i] = type.read(view, position * type.bytes);
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const [extent, stride] = [shape[axis] as number, strides[axis] as number];
        position += stride;
        if ((index[axis] = (index[axis] as number) + 1) < extent) break;
        index[axis] = 0;
        position -= extent * stride;
      }
    }
    return { shape, data };
  }
}

/** Everything that the pickle of a state dict may name. */
export function torchGlobals(source: string): PickleGlobals {
  const rebuildTensor = ([storage, offset, shape, strides]: readonly unknown[]): TorchTensor => {
    const sizes = isSizes(shape) && isSizes(strides) && shape.length === strides.length && shape.length <= LARGEST_RANK;
    if (!(storage instanceof TorchStorage) || !isSize(offset) || !sizes) {
      throw unreadable(source, 'it describes a tensor wrongly');
    }
    return new TorchTensor(storage, offset, shape, strides);
  };
  return {
    'collections.OrderedDict': ([pairs = []]) => {
      if (!isPairs(pairs)) throw unreadable(source, 'it describes an OrderedDict wrongly');
      return new Map(pairs);
    },
    'torch._utils._rebuild_tensor': rebuildTensor,
    'torch._utils._rebuild_tensor_v2': rebuildTensor,
    'torch._utils._rebuild_parameter': ([tensor]) => tensor,
    ...Object.fromEntries(storageTypes.map((type) => [`torch.${type.token}`, type])),
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2);
}
