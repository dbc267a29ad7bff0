import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.js';

const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'sinfo'];
/** Debian's daemons are not in the path of ordinary users. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** The programs of Slurm that this machine lacks. */
export function missingPrograms(): string[] {
  return PROGRAMS.filter((name) => spawnSync('which', [name], { env: { PATH } }).status !== 0);
}

/** A Slurm cluster of one node, this machine, on ports of its own of the loopback interface. */
export class SlurmCluster {
  /** For `sbatch` and the like. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #daemons: ChildProcess[] = [];

  private constructor(private readonly folder: string) {
    this.environment = { ...process.env, PATH, SLURM_CONF: join(folder, 'slurm.conf') };
  }

  /** Starts the three daemons with a configuration in a folder. @throws Error with their logs where the node does not come up */
  static async start(folder: string): Promise<SlurmCluster> {
    const cluster = new SlurmCluster(folder);
    try {
      await cluster.#start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Runs one of Slurm's programs. @returns its standard output */
  run(program: string, args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      encoding: 'utf8',
      env: { ...this.environment, ...environment },
    });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Ends the daemons, the last first. */
  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
    }
  }

  async #start(): Promise<void> {
    const inFolder = (name: string): string => join(this.folder, name);
    // The socket of munged must be within reach of the daemons.
    chmodSync(this.folder, 0o755);
    for (const name of ['state', 'spool']) mkdirSync(inFolder(name));
    writeFileSync(inFolder('munge.key'), randomBytes(1024), { mode: 0o600 });
    const [node] = hostname().split('.') as [string];
    const { username } = userInfo();
    const [controller, daemon] = [await freePort(), await freePort()];
    const configuration = {
      ClusterName: 'test',
      SlurmctldHost: `${node}(127.0.0.1)`,
      SlurmUser: username,
      SlurmdUser: username,
      SlurmctldPort: controller,
      SlurmdPort: daemon,
      AuthType: 'auth/munge',
      AuthInfo: `socket=${inFolder('munge.socket')}`,
      CryptoType: 'crypto/munge',
      StateSaveLocation: inFolder('state'),
      SlurmdSpoolDir: inFolder('spool'),
      SlurmctldPidFile: inFolder('slurmctld.pid'),
      SlurmdPidFile: inFolder('slurmd.pid'),
      SlurmctldLogFile: inFolder('slurmctld.log'),
      SlurmdLogFile: inFolder('slurmd.log'),
      // No control groups and no other rights than those of the user.
      ProctrackType: 'proctrack/pgid',
      TaskPlugin: 'task/none',
      SelectType: 'select/cons_tres',
      SelectTypeParameters: 'CR_CPU',
      SlurmdParameters: 'config_overrides',
      SchedulerParameters: 'sched_interval=1,batch_sched_delay=0',
      MpiDefault: 'none',
      ReturnToService: 2,
    };
    const lines = [
      ...Object.entries(configuration).map(([name, value]) => `${name}=${value}`),
      `NodeName=${node} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
      `PartitionName=main Nodes=${node} Default=YES MaxTime=INFINITE State=UP`,
    ];
    writeFileSync(inFolder('slurm.conf'), `${lines.join('\n')}\n`);
    const munge = ['key-file=munge.key', 'socket=munge.socket', 'pid-file=munged.pid', 'seed-file=munged.seed'];
    this.#daemon('munged', [
      '--force',
      '--foreground',
      ...munge.map((option) => `--${option.replace('=', `=${this.folder}/`)}`),
    ]);
    await until(
      () => existsSync(inFolder('munge.socket')),
      () => 'munged did not start',
    );
    this.#daemon('slurmctld', ['-D', '-f', inFolder('slurm.conf')]);
    this.#daemon('slurmd', ['-D', '-f', inFolder('slurm.conf'), '-N', node]);
    await until(
      () =>
        spawnSync('sinfo', ['-h', '-o', '%t'], { env: this.environment, encoding: 'utf8' }).stdout.trim() === 'idle',
      () => ['slurmctld', 'slurmd'].map((name) => logOf(inFolder(`${name}.log`))).join('\n'),
    );
  }

  #daemon(name: string, args: readonly string[]): void {
    this.#daemons.push(spawn(name, args, { env: this.environment, stdio: 'ignore', cwd: this.folder }));
  }
}

/** Waits for a condition. @param why what to say where it does not come true */
export async function until(condition: () => boolean, why: () => string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(why());
    await delay(200);
  }
}

function logOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : `${path} was not written`;
}
