import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { cliPath, runCli } from '../commands/run-cli.js';
import { missingPrograms, SlurmCluster, until } from './slurm-cluster.js';

const submit = fileURLToPath(new URL('../../../../examples/slurm/submit.sh', import.meta.url));
/** Set to `off` where this test is not wanted. */
const WANTED = 'DIFFUSION_TEST_SLURM';

if (process.env[WANTED] === 'off') {
  test.skip(`Slurm is not wanted (${WANTED}=off)`);
} else {
  let folder: string;
  let cluster: SlurmCluster | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slurm-'));
    const missing = missingPrograms();
    if (missing.length > 0) {
      throw new Error(
        `Slurm is not installed: ${missing.join(', ')} missing. Install Debian's slurm-wlm, or set ${WANTED}=off to leave this test out.`,
      );
    }
    cluster = await SlurmCluster.start(mkdtempSync(join(folder, 'cluster-')));
  }, 180_000);
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true });
  });

  test('an array of shards and the job that merges them write the picture of one process', async () => {
    writeTinyRun(join(folder, 'my run'));
    const draw = ['sample', '--run', 'my run', '-n', '60', '-b', '20', '--steps', '2'];
    const DIFFUSION = `'${process.execPath}' '${cliPath}'`;
    const environment = { DIFFUSION, MERGE: "--out 'merged shards.png'", SHARDS_FOLDER: 'my shards' };
    const submitted = cluster?.run(submit, ['3', ...draw], folder, environment);
    const [, array = '', merge = ''] = /^shards: job (\d+), merge: job (\d+)$/m.exec(submitted ?? '') ?? [];
    const logs = (): string =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.log'))
        .map((name) => `${name}: ${readFileSync(join(folder, name), 'utf8')}`)
        .join('\n');
    await until(() => existsSync(join(folder, 'merged shards.png')), logs);
    const { code, stderr } = runCli([...draw, '--threads', '1', '--out', 'whole.png'], folder);
    expect(code, stderr).toBe(0);
    expect(readFileSync(join(folder, 'merged shards.png'))).toEqual(readFileSync(join(folder, 'whole.png')));
    const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
    expect(names.sort()).toEqual([
      `diffusion-merge-${merge}.log`,
      ...[1, 2, 3].map((task) => `diffusion-shard-${array}_${task}.log`),
    ]);
    expect(readdirSync(join(folder, 'my shards'))).toHaveLength(3);
  }, 180_000);
}
