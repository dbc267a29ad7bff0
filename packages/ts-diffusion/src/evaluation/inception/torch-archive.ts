import type { NamedTensor } from '../../nn/parameters.js';
import { unpickle } from './pickle.js';
import { readStoredZip } from './stored-zip.js';
import { torchGlobals, TorchStorage, TorchTensor, unreadable } from './torch-tensor.js';

/** First 80 bits of every file in PyTorch's older format. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;

/** What both formats come down to: the pickled object, and the bytes of the storages that it refers to. */
interface Archive {
  readonly object: unknown;
  readonly storageBytes: (key: string) => Uint8Array | undefined;
}

/**
 * The tensors of a state dict that `torch.save` wrote, by name, as float32 in row-major order; of both formats, the zip
 * archive (since PyTorch 1.6) and the older sequence of pickles and storages. Nothing in the file is executed.
 * Source: torch/serialization.py of PyTorch.
 *
 * @param source what to call the file in messages
 * @throws DataError for what is no such file, is truncated, or asks for anything but tensors (naming it)
 */
export function readStateDict(file: Uint8Array, source: string): Map<string, NamedTensor> {
  const { object, storageBytes } = isZip(file) ? readZip(file, source) : readLegacy(file, source);
  if (!(object instanceof Map)) throw unreadable(source, 'it does not hold names and tensors');
  const tensors = new Map<string, NamedTensor>();
  let elements = 0;
  for (const [name, tensor] of object) {
    if (typeof name !== 'string' || !(tensor instanceof TorchTensor)) {
      throw unreadable(source, `its entry ${inWords(name)} is no tensor`);
    }
    // Tensors may share a storage, and repeat its elements.
    if ((elements += tensor.count) > file.length) {
      throw unreadable(source, `its tensors have more elements than the file has bytes, at ${name} at the latest`);
    }
    tensors.set(name, tensor.read(name, storageBytes, source));
  }
  return tensors;
}

/** Lists are not spelt out: one that holds itself, or the same list a thousand times, has no end. */
function inWords(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'of another kind' : String(value);
}

function isZip(file: Uint8Array): boolean {
  return file[0] === 0x50 && file[1] === 0x4b; // "PK"
}

/** `NAME/data.pkl` beside `NAME/data/KEY`, one per storage; nothing is compressed. */
function readZip(file: Uint8Array, source: string): Archive {
  const entries = readStoredZip(file, source);
  const [pickleName, pickle] = [...entries].find(([name]) => name.endsWith('/data.pkl')) ?? [];
  if (pickleName === undefined || !pickle) throw unreadable(source, 'the zip archive has no data.pkl');
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${folder}byteorder`);
  if (byteOrder && new TextDecoder().decode(byteOrder) !== 'little') {
    throw unreadable(source, 'it was written on a big-endian machine');
  }
  const { value } = unpickle(pickle, 0, {
    globals: torchGlobals(source),
    persistentLoad: (id) => TorchStorage.fromPersistentId(id, source),
    source,
  });
  return { object: value, storageBytes: (key) => entries.get(`${folder}data/${key}`) };
}

/** Pickles of: the magic number, the protocol, the machine, the object, the storages' keys. Then each storage: size, data. */
function readLegacy(file: Uint8Array, source: string): Archive {
  const storages = new Map<string, TorchStorage>();
  let position = 0;
  const next = (): unknown => {
    const { value, end } = unpickle(file, position, {
      globals: torchGlobals(source),
      persistentLoad: (id) => {
        const storage = TorchStorage.fromPersistentId(id, source);
        storages.set(storage.key, storage);
        return storage;
      },
      source,
    });
    position = end;
    return value;
  };
  if (file[0] !== 0x80 || next() !== LEGACY_MAGIC) {
    throw unreadable(source, 'neither a zip archive nor the older format of torch.save');
  }
  if (next() !== LEGACY_PROTOCOL) throw unreadable(source, 'it has another version of the older format of torch.save');
  const machine = next();
  if (machine instanceof Map && machine.get('little_endian') === false) {
    throw unreadable(source, 'it was written on a big-endian machine');
  }
  const object = next();
  const keys = next();
  const contents = new Map<string, Uint8Array>();
  const SIZE_FIELD = 8;
  for (const key of Array.isArray(keys) ? (keys as unknown[]) : []) {
    const storage = storages.get(key as string);
    if (!storage) throw unreadable(source, `it stores data of ${inWords(key)}, which no tensor uses`);
    const start = position + SIZE_FIELD;
    contents.set(storage.key, file.subarray(start, start + storage.bytes));
    position = start + storage.bytes;
  }
  return { object, storageBytes: (key) => contents.get(key) };
}
