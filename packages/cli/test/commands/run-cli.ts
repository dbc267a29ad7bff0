import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { patient } from '../../../ts-diffusion/test/patience.js';

/** The built command line; `npm test` builds it first. */
export const cliPath = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `diffusion` with these arguments in a folder and waits for its end. */
export function runCli(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliPath, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: patient.timeout,
  });
  return { code: status, stdout, stderr };
}
