/**
 * The training losses of some runs against the arithmetic of their networks, as one plot. A point is the mean of the losses
 * that were logged in 50 steps.
 *
 *     npx tsx bench/training-curves.ts --out docs/results/speedrun/loss.svg runs/adam runs/muon
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { curvePlot, standaloneSvg, type CurvePoint } from '../packages/cli/src/plotting/plots.js';
import { flopsPerImage } from '../packages/ts-diffusion/src/diagnostics/flops.js';
import { loadEmbeddedDigits } from '../packages/ts-diffusion/src/node/data/embedded.js';
import { writeFileAtomic } from '../packages/ts-diffusion/src/node/files/atomic-file.js';
import { parseTrainConfigFile, resolveTrainConfig } from '../packages/ts-diffusion/src/training/resolve-config.js';
import { modelFor } from '../packages/ts-diffusion/src/training/model-for-data.js';

const WINDOW = 50;
/** Before this the losses are far above all others. */
const WARM_UP = 100;

const { values: options, positionals: runs } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'loss.svg' } },
});

const digits = await loadEmbeddedDigits();

function curveOf(run: string): CurvePoint[] {
  const path = join(run, 'config.json');
  const config = resolveTrainConfig('paper', parseTrainConfigFile(readFileSync(path, 'utf8'), path));
  const perStep = config.batchSize * flopsPerImage(modelFor(config, digits), config.batchSize).training;
  const windows = new Map<number, number[]>();
  for (const line of readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n')) {
    const { step, loss } = JSON.parse(line) as { readonly step: number; readonly loss: number };
    const end = WINDOW * Math.ceil(step / WINDOW);
    windows.set(end, [...(windows.get(end) ?? []), loss]);
  }
  return [...windows]
    .filter(([end]) => end > WARM_UP)
    .map(([end, losses]) => ({
      x: (end * perStep) / 1e12,
      y: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      series: basename(run),
    }));
}

const labels = { x: 'arithmetic of training, TFLOP', y: 'training loss' };
const plot = curvePlot(runs.flatMap(curveOf), labels, { logarithmic: false });
writeFileAtomic(options.out, standaloneSvg(plot));
