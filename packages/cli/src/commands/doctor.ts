import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Command } from 'commander';
import type { Runtime } from 'ts-diffusion';
import { DATA_HELP } from '../options/data-help.js';
import { integer } from '../options/arguments.js';
import { packageVersion } from '../version.js';
import { print } from '../output/say.js';

/** Float32 rounding leaves about 1e-7; one wrong gradient moves a parameter by about Adam's step, 1e-3. */
const LARGEST_DIFFERENCE = 1e-5;
const REFERENCE = 'cpu';

const examples = `
Checks the devices of Node: cpu and webgpu. wasm is a device of the browser and is not checked here.
Exits with 1 if a device fails or disagrees with the CPU, or if no training data are found.

Examples:
  $ diffusion doctor
  $ diffusion doctor --threads 1`;

interface DoctorFlags {
  readonly threads: number;
  readonly data?: string;
  readonly offline?: boolean;
}

/** Adds the options and action of `diffusion doctor`. */
export function configureDoctor(command: Command): void {
  command
    .description(
      'Check this machine: versions, devices, matrix product speed per device, agreement of three small training steps ' +
        'between devices, and the source of the training data.',
    )
    .option(
      '--threads <n>',
      'number of threads; 0: one per physical core available to the process',
      integer(0, 1024),
      0,
    )
    .option('--data <folder>', DATA_HELP)
    .option('--offline', 'do not download data')
    .addHelpText('after', examples)
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1);
  report('version', `ts-diffusion ${packageVersion()}`);
  report('node', `${process.version} on ${process.platform} ${process.arch}`);
  report('processor', `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} logical cores, ${gigabytes} GiB`);

  const runtimes = await findRuntimes(flags.threads);
  const trained = new Map<string, Float32Array | undefined>();
  for (const runtime of runtimes) trained.set(runtime.device, await examine(runtime));
  const agree = await compare(trained);
  const dataFound = await reportData(flags);
  if (!agree || !dataFound) process.exitCode = 1;
}

/** Measures a device and trains on it; reports what went wrong instead of throwing, so that the others are still checked. */
async function examine(runtime: Runtime): Promise<Float32Array | undefined> {
  const { measureMatrixProduct, trainTinySteps } = await import('ts-diffusion/diagnostics');
  const threads = runtime.device === 'cpu' ? `, ${runtime.threads} threads` : '';
  try {
    const { gflops, size } = await measureMatrixProduct(runtime);
    const speed = `${gflops.toPrecision(3)} GFLOPS (float32 product of ${size}x${size} matrices)`;
    report(runtime.device, `${runtime.version}${threads}: ${speed}`);
    return await trainTinySteps(runtime);
  } catch (error) {
    report(runtime.device, `FAIL: ${(error as Error).message}`);
    return undefined;
  }
}

/** Compares the parameters trained on each device with those of the CPU. @returns whether all agree */
async function compare(trained: ReadonlyMap<string, Float32Array | undefined>): Promise<boolean> {
  const { maximumDifference } = await import('ts-diffusion/diagnostics');
  const reference = trained.get(REFERENCE);
  if (reference === undefined || [...trained.values()].includes(undefined)) {
    report('agreement', 'FAIL: training failed on a device');
    return false;
  }
  const finite = Number.isFinite(maximumDifference(reference, reference));
  if (trained.size === 1) {
    report(
      'agreement',
      `${finite ? 'pass' : 'FAIL'}: 3 training steps on ${REFERENCE}; no other device to compare with`,
    );
    return finite;
  }
  let agree = true;
  for (const [device, parameters] of trained) {
    if (device === REFERENCE || parameters === undefined) continue;
    const difference = maximumDifference(reference, parameters);
    const pass = difference <= LARGEST_DIFFERENCE;
    agree &&= pass;
    report(
      'agreement',
      `${pass ? 'pass' : 'FAIL'}: ${device} and ${REFERENCE} differ by at most ${difference.toExponential(1)} in a ` +
        `parameter after 3 training steps (allowed ${LARGEST_DIFFERENCE.toExponential()})`,
    );
  }
  return agree;
}

/** @returns whether training data were found */
async function reportData({ data, offline = false }: DoctorFlags): Promise<boolean> {
  const { loadDataset } = await import('ts-diffusion/data');
  const { DataError } = await import('ts-diffusion/errors');
  try {
    const options = { split: 'train', offline, ...(data === undefined ? {} : { directory: data }) } as const;
    const { count, height, width, classes, source } = await loadDataset(options);
    report('data', `${count} images of ${height}x${width} in ${classes} classes: ${source}`);
    return true;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    report('data', `FAIL: ${error.message}`);
    return false;
  }
}

/** The devices of this machine; the reasons why one is not available are reported. */
async function findRuntimes(threads: number): Promise<Runtime[]> {
  const { detectDevices, createNodeRuntime } = await import('ts-diffusion/node');
  const found: Runtime[] = [];
  for (const { device, available, detail } of await detectDevices()) {
    if (!available) report(device, `not available: ${detail}`);
    else if (device !== 'wasm') found.push(await createNodeRuntime({ device, threads }));
  }
  return found;
}

function report(subject: string, text: string): void {
  print(`${subject.padEnd(11)}${text}`);
}
