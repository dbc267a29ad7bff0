import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { patient } from '../packages/ts-diffusion/test/patience.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const scripts = [...readdirSync(`${root}/bench`).filter((name) => name.endsWith('.ts')), 'torture/run.ts'];

describe('a measurement refuses an option that it does not have, before it begins', () => {
  test.each(scripts)('bench/%s', (script) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', `bench/${script}`, '--no-such-option'],
      { cwd: root, encoding: 'utf8', timeout: patient.timeout },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain("Unknown option '--no-such-option'");
  });
});
