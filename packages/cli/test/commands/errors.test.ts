import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-errors-'));
beforeAll(() => {
  writeTinyRun(join(folder, 'run'));
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'damaged.safetensors'), new Uint8Array(100).fill(1));
  writeFileSync(join(folder, 'file'), 'a file');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('help', () => {
  test('lists every command, quickly', () => {
    const begin = performance.now();
    const { code, stdout } = runCli(['--help'], folder);
    // The real bound, 0.3 s, is measured by the benchmark on a quiet machine.
    expect(performance.now() - begin).toBeLessThan(1500);
    expect(code).toBe(0);
    for (const command of ['start', 'train', 'sample', 'noise', 'export', 'doctor']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  test.each(['start', 'train', 'sample', 'noise', 'data', 'export', 'push', 'doctor'])(
    '%s has options and examples',
    (command) => {
      for (const args of [
        [command, '--help'],
        ['help', command],
      ]) {
        const { code, stdout, stderr } = runCli(args, folder);
        expect(stderr).toBe('');
        expect(code).toBe(0);
        expect(stdout).toContain('Options:');
        expect(stdout).toContain(`$ diffusion ${command}`);
      }
    },
  );

  test('the defaults of start are those it trains with', () => {
    const { steps, seed, threads, maxMinutes } = resolveTrainConfig('quick');
    const help = runCli(['help', 'start'], folder).stdout.replaceAll(/\s+/g, ' ');
    expect(help).toContain(`longer than ${maxMinutes} minutes (default: ${steps})`);
    expect(help).toMatch(new RegExp(`--seed <integer>[^-]*\\(default: ${seed}\\)`));
    expect(help).toMatch(new RegExp(`--threads <integer>.*available to the process \\(default: ${threads}\\)`));
  });

  test('without a command shows the overview', () => {
    const { code, stderr } = runCli([], folder);
    expect(code).toBe(1);
    expect(stderr).toContain('Commands:');
  });
});

describe('errors', () => {
  test.each([
    [['smaple'], "unknown command 'smaple'", '(Did you mean sample?)'],
    [['sample', '--lables', '3'], "unknown option '--lables'", '(Did you mean --labels?)'],
    [['sample', 'extra'], 'too many arguments', '0 arguments'],
    [['sample', '--run', 'nowhere'], 'nowhere: no such checkpoint file or run folder', 'diffusion train'],
    [['sample', '--run', 'empty'], 'empty/checkpoint.safetensors', 'no such checkpoint'],
    [['sample', '--checkpoint', 'damaged.safetensors'], 'damaged.safetensors: not a valid safetensors file', 'byte 0'],
    [['sample', '--run', 'run', '--checkpoint', 'x'], "cannot be used with option '-c, --checkpoint <file>'", '--run'],
    [['sample', '--run', 'run', '--labels', 'three'], '"three" is no class of this model', '3,3,7 or 0-9'],
    [['sample', '--run', 'run', '--labels', '9-3'], '"9-3" is no class of this model', '3,3,7 or 0-9'],
    [['sample', '--run', 'run', '--labels', '3,12'], 'label is 12', '0..9, the classes of this model'],
    [
      ['sample', '--run', 'run', '--omega', '-1'],
      "argument '-1' is invalid",
      'The guidance weight omega must be a number from 0 to 1000.',
    ],
    [
      ['sample', '--run', 'run', '--omega', '1e38'],
      '--omega',
      'The guidance weight omega must be a number from 0 to 1000.',
    ],
    [
      ['sample', '--run', 'run', '--omega', 'lots'],
      "argument 'lots' is invalid",
      'The guidance weight omega must be a number from 0 to 1000.',
    ],
    [['sample', '--run', 'run', '--seed', '1.5'], "argument '1.5' is invalid", 'Expected an integer from 0'],
    [['sample', '--run', 'run', '--seed', '-3'], "argument '-3' is invalid", 'Expected an integer from 0'],
    [['sample', '--run', 'run', '--count', '0'], "argument '0' is invalid", 'Expected an integer from 1'],
    [['sample', '--run', 'run', '-n', '3', '--per-class', '1'], "'-n, --count <n>' cannot be used with", '--per-class'],
    [['evaluate', '--run', 'run', '-n', '3', '--per-class', '1'], "'-n, --count <n>' cannot be used", '--per-class'],
    [['evaluate', '--images', 'x', '--per-class', '1'], "cannot be used with option '--per-class <n>'", '--images'],
    [['sample', '--run', 'run', '--batch-size', '1000'], "argument '1000' is invalid", 'from 1 to 256'],
    [['sample', '--run', 'run', '--format', 'gif'], "argument 'gif' is invalid", 'grid, png, idx'],
    [['sample', '--run', 'run', '--sampler', 'magic'], "argument 'magic' is invalid", 'ddpm'],
    [['sample', '--run', 'run', '--steps-strip', '11'], 'timestep 11 is greater than T = 10', '--steps-strip'],
    [['sample', '--run', 'run', '--labels', 'none', '--format', 'idx'], 'no label for images without a class', 'png'],
    [['sample', '--run', 'run', '--out', 'file/x.png'], 'cannot write file/x.png', 'part of the path is a file'],
    [['export', '--run', 'run', '--out', 'file'], 'cannot write file/denoiser.onnx', 'part of the path is a file'],
    [['noise', '--offline', '--index', '100000'], 'there is no image 100000', 'of class 5'],
    [['noise', '--offline', '--timesteps', '0'], "argument '0' is invalid", 'Expected an integer from 1'],
    [['noise', '--data', 'empty'], 'empty', 'train-images-idx3-ubyte'],
  ])('diffusion %j', (args, problem, advice) => {
    const { code, stdout, stderr } = runCli(args, folder);
    expect(stderr).toContain('error: ');
    expect(stderr).toContain(problem);
    expect(stderr).toContain(advice);
    expect(stderr).not.toContain('    at ');
    expect(stdout).not.toContain('Wrote');
    expect(code).toBe(1);
  });

  test('the stack of an error is shown with DEBUG', () => {
    const { code, stderr } = runCli(['sample', '--run', 'nowhere'], folder, { DEBUG: '1' });
    expect(code).toBe(1);
    expect(stderr).toContain('    at ');
  });
});

describe('a package whose own model is damaged', () => {
  const root = join(folder, 'package');
  const run = (...args: string[]): string => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'cli/dist/main.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: patient.timeout,
    });
    expect(status).toBe(1);
    return stderr;
  };
  const packages = fileURLToPath(new URL('../../../', import.meta.url));
  const models = join(root, 'node_modules/ts-diffusion/models');
  const shipped = join(packages, 'ts-diffusion/models');
  beforeAll(() => {
    // As installed: the command line beside a copy of the library, and everything else where it is.
    for (const [from, to] of [
      ['cli', 'cli'],
      ['ts-diffusion', 'node_modules/ts-diffusion'],
    ] as const) {
      for (const part of ['dist', 'models', 'package.json']) {
        const source = join(packages, from, part);
        if (existsSync(source)) cpSync(source, join(root, to, part), { recursive: true });
      }
    }
    const installed = join(packages, '../node_modules');
    for (const name of readdirSync(installed)) {
      if (!name.startsWith('ts-diffusion')) symlinkSync(join(installed, name), join(root, 'node_modules', name));
    }
  });

  test.each([
    '{',
    '{"models": []}',
    '{"models": [{"id": "modern"}]}',
    '{"models": [{"id": "modern", "defaults": {"sampler": "ddim", "samplingSteps": 9, "spacing": "evn", "guidanceWeight": 1}}]}',
  ])('in its settings: %s', (text) => {
    writeFileSync(join(models, 'manifest.json'), text);
    expect(run('sample')).toMatch(/^error: \S*manifest\.json: .*install ts-diffusion again\.\n$/);
    // What does not need them goes on.
    expect(run('sample', '--checkpoint', 'nowhere')).toMatch(/^error: nowhere: no such checkpoint file/);
    copyFileSync(join(shipped, 'manifest.json'), join(models, 'manifest.json'));
  });

  test('in its weights', () => {
    writeFileSync(join(models, 'modern.safetensors'), 'no weights');
    expect(run('sample')).toMatch(/^error: \S*modern\.safetensors: not a valid safetensors file.*\n$/);
    rmSync(join(models, 'modern.safetensors'));
    for (const command of ['sample', 'export']) {
      expect(run(command)).toMatch(/^error: \S*modern\.safetensors: .*install ts-diffusion again.*\n$/);
    }
  });
});
