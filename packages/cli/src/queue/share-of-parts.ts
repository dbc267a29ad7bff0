import type { JobProgressReport } from './job.js';

/** How far a whole is whose parts run at once, each perhaps more than once. */
export class ShareOfParts {
  readonly #shares: number[];

  constructor(
    parts: number,
    private readonly onShare: (share: number, detail: string) => void,
  ) {
    this.#shares = Array.from({ length: parts }, () => 0);
  }

  update(part: number, { share, detail }: JobProgressReport): void {
    this.#shares[part] = Math.max(this.#shares[part] ?? 0, share);
    const sum = this.#shares.reduce((total, each) => total + each, 0);
    this.onShare(sum / this.#shares.length, detail);
  }
}
