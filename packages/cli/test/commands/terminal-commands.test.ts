import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { ProgressBar } from '../../src/output/progress.js';
import { printable } from '../../src/output/printable.js';
import { runCli } from './run-cli.js';

patientTests();

test.each([
  ['a line\n\tand another: 名 – ×', 'a line\n\tand another: 名 – ×'],
  ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
  ['\r\u0000\u007f\u009b31m', '\\x0d\\x00\\x7f\\x9b31m'],
  ['cat\u202egnp.', 'cat\\u202egnp.'],
])('%j is printed as %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

describe('names that hold commands for a terminal', () => {
  const name = '\u001b[31mcat\u009b2J\u0007';
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'names-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const obeyed = ['\u001b', '\u009b', '\u0007', '\r'];
  const expectHarmless = (text: string): void => {
    expect(obeyed.filter((command) => text.includes(command))).toEqual([]);
  };

  test('of classes and files are shown', () => {
    const classes = join(folder, 'pictures', name);
    mkdirSync(classes, { recursive: true });
    writeFileSync(join(classes, 'a.png'), encodePng(Uint8Array.of(0, 50, 100, 150), 2, 2));
    writeFileSync(join(classes, `${name}.png`), 'broken');
    const { stdout, stderr } = runCli(['data', '--data', 'pictures', '--skip-broken', '--out', 'sheet.png'], folder);
    expect(stdout).toContain('\\x1b[31mcat\\x9b2J\\x07');
    expectHarmless(stdout + stderr);
  });

  test('are shown in errors, of the options too', () => {
    for (const args of [['compare', name, 'b.json'], ['sample', `--${name}`], [name]]) {
      const { code, stdout, stderr } = runCli(args, folder);
      expect(code).toBe(1);
      expect(stderr).toContain('\\x1b[31mcat');
      expectHarmless(stdout + stderr);
    }
  });

  test('are shown beside the bar of progress', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) > 0, isTTY: true, columns: 200 };
    const bar = new ProgressBar(stream);
    bar.update(1, 2, name);
    bar.log(name);
    expect(written.join('').replaceAll('\r\u001b[2K', '')).toContain('\\x1b[31mcat\\x9b2J\\x07');
    expectHarmless(written.join('').replaceAll('\r\u001b[2K', ''));
  });
});
