import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { OnnxGraphBuilder } from '../../onnx/writer.js';
import { messageOf } from '../../runtime/errors.js';
import { disableTelemetry } from './telemetry.js';
import { defaultThreads } from './threads.js';
import type { DeviceName } from '../../runtime/types.js';
import { finite, options, signature } from '../../utils/arguments.js';

/** What this machine can run on. */
export interface DeviceReport {
  readonly device: DeviceName;
  readonly available: boolean;
  /** One line for people: what it is, or why it is not available. */
  readonly detail: string;
}

const PROBE_TIMEOUT_MS = 30_000;

/** Runs the model on stdin on WebGPU and prints the result; `process.argv[1]` is the library. */
const WEBGPU_PROBE = `
  import { readFileSync } from 'node:fs';
  import { createRequire } from 'node:module';
  const ort = createRequire(import.meta.url)(process.argv[1]);
  const session = await ort.InferenceSession.create(readFileSync(0), { executionProviders: ['webgpu'], logSeverityLevel: 4 });
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2, 3), [3]) });
  await session.release();
  process.stdout.write(y.data.join(','));
`;

const detectDevicesArguments = signature('detectDevices', { options: options({ timeoutMs: finite.optional() }) });

/**
 * Finds out which devices Node can use here. WebGPU is tried in a child process, because a broken driver ends the process
 * that loads it.
 * @param options.timeoutMs for the WebGPU trial, 30 seconds unless given
 */
export async function detectDevices(options: { readonly timeoutMs?: number } = {}): Promise<DeviceReport[]> {
  detectDevicesArguments({ options });
  const webgpu = await probeWebGpu(options.timeoutMs ?? PROBE_TIMEOUT_MS);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return [{ device: 'cpu', available: true, detail: `${defaultThreads()} threads, ${processor}` }, webgpu];
}

function probeWebGpu(timeoutMs: number): Promise<DeviceReport> {
  const graph = new OnnxGraphBuilder('probe');
  const x = graph.input('x', 'float32', [3]);
  graph.node('Mul', [x, x], {}, ['y']);
  graph.output('y', 'float32', [3]);
  disableTelemetry();
  const report = (available: boolean, detail: string): DeviceReport => ({ device: 'webgpu', available, detail });
  let library: string;
  try {
    library = createRequire(import.meta.url).resolve('onnxruntime-node');
  } catch {
    return Promise.resolve(report(false, 'onnxruntime-node is not installed'));
  }

  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WEBGPU_PROBE, library], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    // The child may end before it has read the model; its exit says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(graph.build());
    child.on('error', (error) => {
      resolve(report(false, `the trial could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(report(false, `no answer from the driver within ${timeoutMs / 1000} s`));
      else if (signal !== null) resolve(report(false, `the driver crashed (${signal})`));
      else if (code !== 0) resolve(report(false, reasonIn(output.stderr)));
      else if (output.stdout !== '1,4,9')
        resolve(report(false, `computes wrongly: 1, 2, 3 squared is ${output.stdout}`));
      else resolve(report(true, 'native WebGPU of onnxruntime-node'));
    });
  });
}

/** The error that ended the child, from what Node printed about it. */
function reasonIn(stderr: string): string {
  return messageOf(/^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1));
}
