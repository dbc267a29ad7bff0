import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';

const folder = fileURLToPath(new URL('../bench', import.meta.url));
const scripts = [
  ...readdirSync(folder),
  'torture/run.ts',
  'data/write-coloured-digits.ts',
  'data/write-emoji.ts',
].flatMap((name) => /^(.*)\.ts$/.exec(name)?.[1] ?? []);

describe('a measurement refuses an option that it does not have, before it begins', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
    vi.restoreAllMocks();
  });

  test.each(scripts)('bench/%s', async (script) => {
    const printed = vi.spyOn(process.stdout, 'write');
    // A program runs when it is imported.
    process.argv = [process.execPath, `${folder}/${script}.ts`, '--no-such-option'];
    await expect(import(/* @vite-ignore */ `${folder}/${script}.ts`)).rejects.toThrow(
      "Unknown option '--no-such-option'",
    );
    expect(printed).not.toHaveBeenCalled();
  });
});
