import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { CheckpointError } from '../../src/utils/errors.js';

/** Written by bench/golden/safetensors_files.py with the reference parser. */
const { cases } = JSON.parse(readFileSync(new URL('../golden/safetensors.json', import.meta.url), 'utf8')) as {
  cases: Record<string, { file: string; accepted: boolean }>;
};

/** The format disallows keys that are there twice, "not all parsers may respect this"; the rest no writer writes. */
const stricter = new Set([
  'a tensor twice',
  'a tensor twice, once escaped',
  'a metadata key twice',
  'another field twice',
  'another field with a fraction',
  'tensor a list',
]);

test.each(Object.entries(cases))('%s: the verdict of the reference parser', (name, { file, accepted }) => {
  const decode = () => decodeSafetensors(Buffer.from(file, 'base64'), 'file');
  if (accepted && !stricter.has(name)) expect(decode).not.toThrow();
  else expect(decode).toThrow(CheckpointError);
});

test('where this parser is stricter, the reference parser is not', () => {
  expect([...stricter].filter((name) => cases[name]?.accepted !== true)).toEqual([]);
});
