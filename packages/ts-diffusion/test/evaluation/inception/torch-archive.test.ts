import { describe, expect, it } from 'vitest';
import { unpickle } from '../../../src/evaluation/inception/pickle.js';
import { readStateDict } from '../../../src/evaluation/inception/torch-archive.js';
import { torchGlobals } from '../../../src/evaluation/inception/torch-tensor.js';
import { DataError } from '../../../src/utils/errors.js';
import { readTorchArchives, torchFile } from '../../golden/torch-archives.js';

const golden = readTorchArchives();
const decode = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const read = (file: Uint8Array): ReturnType<typeof readStateDict> => readStateDict(file, 'weights.pth');

describe('state dicts that torch.save wrote', () => {
  it.each(golden.files)('$name', ({ content, file }) => {
    const tensors = read(decode(file));
    const expected = Object.entries(golden.contents[content] ?? {});
    expect([...tensors.keys()]).toEqual(expected.map(([name]) => name));
    for (const [name, { shape, values }] of expected) {
      expect(tensors.get(name)?.shape).toEqual(shape);
      expect(Array.from(tensors.get(name)?.data ?? [])).toEqual(values.map((value) => Math.fround(Number(value))));
    }
  });
});

describe('a pickle can build nothing but data', () => {
  it.each(Object.entries(golden.refused))('refuses %s by name', (what, base64) => {
    const source = 'weights.pth';
    const open = (): unknown =>
      what.includes('protocol')
        ? unpickle(decode(base64), 0, { globals: torchGlobals(source), source })
        : read(decode(base64));
    expect(open).toThrow(DataError);
    expect(open).toThrow(
      /^weights.pth: .*it imports (posix\.system|torch\.nn\.modules\.linear\.Linear|torch\.float32), which is refused/,
    );
  });

  it.each(['constructor.constructor', '__proto__.toString', 'builtins.eval'])('knows no %s', (name) => {
    const [module = '', ...rest] = name.split('.');
    const pickle = new TextEncoder().encode(`c${module}\n${rest.join('.')}\n.`);
    expect(() => unpickle(pickle, 0, { globals: torchGlobals('x'), source: 'x' })).toThrow(`it imports ${name}`);
  });

  it.each([
    ['an opcode beyond plain data', 'i', 'opcode 0x69 at byte 0 is not allowed'],
    ['a call of a value', 'K\x01)R', 'calls a value that is not a function'],
    ['an item for a number', 'K\x01K\x02K\x03s', 'sets items of a value that is not a dictionary'],
    ['an unknown memo', 'h\x05', 'recalls item 5'],
    ['data outside', 'K\x01Q', 'refers to external data'],
    ['an empty stack', '0.', 'opcode 0x30'],
    ['no value', '.', 'pops from an empty stack'],
    ['protocol 5', '\x05', 'its protocol is 5, expected 2 to 4'],
  ])('refuses %s', (what, text, message) => {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const pickle = what === 'protocol 5' ? Uint8Array.of(0x80, ...bytes) : bytes;
    expect(() => unpickle(pickle, 0, { globals: {}, source: 'x' })).toThrow(message);
  });
});

describe('a file that is not right', () => {
  it.each(['tensors, zip', 'tensors, legacy'])('is a DataError wherever it is truncated: %s', (name) => {
    const file = torchFile(name);
    for (let length = 0; length < file.length; length += 7) {
      expect(() => read(file.subarray(0, length)), `${length} bytes`).toThrow(DataError);
    }
  });

  it.each(['tensors, zip', 'tensors, legacy'])('is read or a DataError, whatever byte is damaged: %s', (name) => {
    const file = torchFile(name);
    for (let at = 0; at < file.length; at += 3) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      try {
        read(damaged);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(DataError);
      }
    }
  });

  it('names the tensor that a truncated file cuts', () => {
    const file = torchFile('module, legacy');
    expect(() => read(file.subarray(0, file.length - 1))).toThrow(
      /^weights.pth: .*tensor \S+ \[[\d,]*\] has \d+ of its \d+ bytes \(truncated file\?\)/,
    );
  });

  it.each(Object.entries(golden['no state dict']))('holds %s', (_what, base64) => {
    expect(() => read(decode(base64))).toThrow(/it does not hold names and tensors|its entry step is no tensor/);
  });

  it('is something else', () => {
    const edited = (from: string, to: string): Uint8Array =>
      new Uint8Array(
        Buffer.from(Buffer.from(torchFile('module, zip')).toString('latin1').replaceAll(from, to), 'latin1'),
      );
    const DIRECTORY_ENTRY = 'PK\x01\x02\0\0\0\0\x08\x08';
    expect(() => read(new TextEncoder().encode('<!DOCTYPE html>'))).toThrow(
      'neither a zip archive nor the older format of torch.save',
    );
    expect(() => read(edited('data.pkl', 'data.txt'))).toThrow('the zip archive has no data.pkl');
    expect(() => read(edited('little', 'biggie'))).toThrow('it was written on a big-endian machine');
    expect(() => read(edited(`${DIRECTORY_ENTRY}\0\0`, `${DIRECTORY_ENTRY}\x08\0`))).toThrow('data.pkl is compressed');
    expect(() => read(edited('data/0', 'data/x'))).toThrow('has no data: storage 0 is missing');
  });
});

describe('what repeats itself does not grow', () => {
  const source = 'weights.pth';
  const open = (pickle: Uint8Array): unknown => unpickle(pickle, 0, { globals: torchGlobals(source), source }).value;
  /** Protocol 2, an empty list at 0, then 40 times: a list of two of the last one. */
  const shared = Buffer.concat([
    Buffer.from([0x80, 2, 0x5d, 0x71, 0]),
    ...Array.from({ length: 40 }, (_, i) => Buffer.from([0x5d, 0x28, 0x68, i, 0x68, i, 0x65, 0x71, i + 1])),
  ]);

  it('lists of lists, read and named in an error', () => {
    expect(open(Buffer.concat([shared, Buffer.from('.')]))).toHaveLength(2);
    // A state dict in the older format, with this list as the name of a tensor: {list: None}.
    const dictionary = Buffer.concat([shared, Buffer.from('}h\x28Ns.', 'latin1')]);
    const parts = [Buffer.from('8002', 'hex'), Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex'), Buffer.from('.')];
    const protocol = Buffer.from([0x80, 2, 0x4d, 0xe9, 3, 0x2e]);
    const machine = Buffer.from([0x80, 2, 0x7d, 0x2e]);
    const keys = Buffer.from([0x80, 2, 0x5d, 0x2e]);
    const file = Buffer.concat([...parts, protocol, machine, dictionary, keys]);
    expect(() => read(file)).toThrow('its entry of another kind is no tensor');
  });

  it('a list that is copied again and again', () => {
    // 5000 pairs, copied into an OrderedDict 5000 times.
    const pairs = Buffer.concat([
      Buffer.from([0x80, 2, 0x4e, 0x4e, 0x86, 0x71, 0, 0x5d, 0x28]),
      ...Array.from({ length: 5000 }, () => Buffer.from([0x68, 0])),
      Buffer.from([0x65, 0x71, 1]),
    ]);
    const copy = Buffer.from('ccollections\nOrderedDict\nh\x01\x85R', 'latin1');
    expect(() => open(Buffer.concat([pairs, ...Array.from({ length: 5000 }, () => copy), Buffer.from('.')]))).toThrow(
      'it builds more than it has bytes',
    );
  });

  it('a million lists, one in another', () => {
    const deep = Buffer.concat([Buffer.from([0x80, 2]), Buffer.alloc(1_000_000, 0x5d), Buffer.alloc(999_999, 0x61)]);
    expect(() => open(Buffer.concat([deep, Buffer.from('.')]))).toThrow('it has more than 500000 opcodes');
  });
});
