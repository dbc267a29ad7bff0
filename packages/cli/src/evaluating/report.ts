import type { Evaluation, ScoredImages } from 'ts-diffusion/evaluation';
import { formatScore } from '../output/format-score.js';
import { print, say } from '../output/say.js';

/** Prints scores, what is recognised of each class, and warnings. */
export function report(
  images: ScoredImages,
  reference: ScoredImages,
  evaluation: Evaluation,
  classNames: readonly string[] | undefined,
): void {
  print(`${images.count} images: ${images.source}`);
  print(`against ${reference.count} images: ${reference.source}\n`);
  const width = Math.max(...evaluation.scores.map(({ metric }) => metric.length));
  for (const each of evaluation.scores) {
    const real = each.floor === undefined ? '' : `   real images: ${Number(each.floor.toPrecision(4))}`;
    print(`${each.metric.padEnd(width)}  ${formatScore(each)}${real}`);
  }
  if (evaluation.classification) {
    const nameOf = (label: number): string => classNames?.[label] ?? String(label);
    const { classes } = evaluation.classification;
    const column = Math.max(5, ...classes.map(({ label }) => nameOf(label).length));
    print(`\n${'class'.padStart(column)}  images  recognised  taken for this class`);
    for (const { label, count, correct, predicted } of classes) {
      const share = count === 0 ? '–' : `${((100 * correct) / count).toFixed(1)} %`;
      print(
        `${nameOf(label).padStart(column)}  ${String(count).padStart(6)}  ${share.padStart(10)}  ${String(predicted).padStart(20)}`,
      );
    }
  }
  print('');
  for (const warning of evaluation.warnings) say(`warning: ${warning}`);
}
