import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A temporary folder for each test of the file; call at its top level. */
export function temporaryFolder(): (name: string) => string {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'training-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });
  return (name) => join(root, name);
}

/** Does something with the rights of nobody in particular: root may read and write everything. */
export function asOrdinaryUser(action: () => void): void {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.('nobody');
  try {
    action();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
