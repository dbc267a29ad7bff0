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
      /^weights.pth: .*it asks for (posix\.system|torch\.nn\.modules\.linear\.Linear|torch\.float32), which is refused/,
    );
  });

  it.each(['constructor.constructor', '__proto__.toString', 'builtins.eval'])('knows no %s', (name) => {
    const [module = '', ...rest] = name.split('.');
    const pickle = new TextEncoder().encode(`c${module}\n${rest.join('.')}\n.`);
    expect(() => unpickle(pickle, 0, { globals: torchGlobals('x'), source: 'x' })).toThrow(`it asks for ${name}`);
  });

  it.each([
    ['an opcode beyond plain data', 'i', 'opcode 0x69 at byte 0 is not allowed'],
    ['a call of a value', 'K\x01)R', 'calls what is no function'],
    ['an item for a number', 'K\x01K\x02K\x03s', 'sets items of what is no dictionary'],
    ['an unknown memo', 'h\x05', 'recalls item 5'],
    ['data outside', 'K\x01Q', 'refers to data outside'],
    ['an empty stack', '0.', 'opcode 0x30'],
    ['no value', '.', 'takes from an empty stack'],
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
