import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseJson } from '../../src/formats/parse-json.js';
import { readJsonFile } from '../../src/node/formats/read-json.js';
import { DataError } from '../../src/utils/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'json-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const values = ['{"a":[1,-2.5e3,"x\\"]}\\u0041"],"":{}}', ' [ ] ', 'null', '"]"', '-0', '{"k":1,"k":2}'];

test.each(values)('%s is read as the platform reads it, with a byte-order mark or without', (text) => {
  const expected: unknown = JSON.parse(text);
  expect(parseJson(text)).toEqual(expected);
  expect(parseJson(`\u{feff}${text}`)).toEqual(expected);
  expect(parseJson(Buffer.from(`\u{feff}${text}`))).toEqual(expected);
});

test.each(['', '{', '{"a":1,}', "{'a':1}", 'NaN', '[1] 2', '\u{feff}\u{feff}1', '"'])('%s is not JSON', (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

test('bytes that are not UTF-8 are not JSON', () => {
  expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('it is not UTF-8');
});

test('nesting is bounded before anything is built', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(() => parseJson(nested(127))).not.toThrow();
  expect(() => parseJson(nested(128))).toThrow('nested more than 127 deep');
  expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow('nested more than 127 deep');
  expect(parseJson(JSON.stringify('['.repeat(200)))).toBe('['.repeat(200));
});

describe('strictly', () => {
  test.each([
    ['\u{feff}{}', 'byte-order mark'],
    ['{"a":1,"a":1}', 'the key "a" is there twice'],
    ['{"a":{"b":1,"\\u0062":2}}', 'the key "b" is there twice'],
    ['[{"a":1},{"c":[],"c":1}]', 'the key "c" is there twice'],
    ['["\\udc00"]', 'unpaired surrogate'],
    ['[1.0]', '1.0 is not written as an integer'],
    ['[1e0]', '1e0 is not written as an integer'],
    ['[-0]', '-0 is not written as an integer'],
  ])('%s is refused', (text, problem) => {
    expect(() => parseJson(text, { strict: true })).toThrow(problem);
  });

  test('the same key in different objects, and in a text, is none twice', () => {
    const text = '{"a":{"a":"\\"a\\":1"},"b":[{"a":1},{"a":-2},"a","a"],"e":"1.5"}';
    expect(parseJson(text, { strict: true })).toEqual(JSON.parse(text));
  });
});

test('a file that is not JSON or not there is named', () => {
  const path = join(folder, 'a.json');
  writeFileSync(path, '\u{feff}{"a":1}');
  expect(readJsonFile(path)).toEqual({ a: 1 });
  writeFileSync(path, '{"a":');
  expect(() => readJsonFile(path)).toThrow(DataError);
  expect(() => readJsonFile(path)).toThrow(`${path}: not a JSON file (`);
  expect(() => readJsonFile(join(folder, 'none'))).toThrow('cannot be read (ENOENT');
  expect(() => readJsonFile(folder)).toThrow('cannot be read (EISDIR');
});
