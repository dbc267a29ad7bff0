import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { type Dataset, encodeIdx } from 'ts-diffusion/data';
import { loadEmbeddedDigits } from 'ts-diffusion/node';

/** Of each digit in the small file that the page itself shows. */
const EXAMPLES_PER_CLASS = 12;

/**
 * The embedded digits as gzipped IDX files in `data/`: all 10,000 to train on, and a few of each to show.
 */
export function digits(): Plugin {
  return {
    name: 'digits',
    apply: 'build',
    async generateBundle() {
      const all = await loadEmbeddedDigits();
      const emit = (name: string, { images, labels, height, width }: Dataset, chosen: readonly number[]): void => {
        const pixels = height * width;
        const picked = Buffer.concat(chosen.map((i) => images.subarray(i * pixels, (i + 1) * pixels)));
        const files = {
          [`${name}-images-idx3-ubyte.gz`]: encodeIdx({ shape: [chosen.length, height, width], data: picked }),
          [`${name}-labels-idx1-ubyte.gz`]: encodeIdx({
            shape: [chosen.length],
            data: Uint8Array.from(chosen, (i) => labels[i] ?? 0),
          }),
        };
        for (const [file, source] of Object.entries(files)) {
          this.emitFile({ type: 'asset', fileName: `data/${file}`, source: gzipSync(source, { level: 6 }) });
        }
      };
      const everyone = Array.from({ length: all.count }, (_, i) => i);
      const seen = new Map<number, number>();
      const examples = everyone.filter((i) => {
        const label = all.labels[i] ?? 0;
        seen.set(label, (seen.get(label) ?? 0) + 1);
        return (seen.get(label) ?? 0) <= EXAMPLES_PER_CLASS;
      });
      emit('digits', all, everyone);
      emit('examples', all, examples);
    },
  };
}
