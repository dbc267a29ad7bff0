import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export type Call = 'writeFileSync' | 'fsyncSync' | 'renameSync' | 'linkSync' | 'rmSync';

/** Kills this process at its n-th call of a function of node:fs from now on: in the middle of a write, or instead of another call. */
export function dieAt(call: Call, occurrence: number): void {
  const original = fs[call] as (...args: unknown[]) => unknown;
  let calls = 0;
  Object.assign(fs, {
    [call]: (...args: unknown[]): unknown => {
      if (++calls < occurrence) return original(...args);
      const [target, data] = args as [string | number, string | Uint8Array];
      if (call === 'writeFileSync') {
        const file = typeof target === 'number' ? target : fs.openSync(target, 'w');
        fs.writeSync(file, Buffer.from(data).subarray(0, data.length / 2));
      }
      process.kill(process.pid, 'SIGKILL');
      // The signal may take effect a moment later: nothing more must happen until then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return undefined;
    },
  });
  syncBuiltinESMExports();
}
