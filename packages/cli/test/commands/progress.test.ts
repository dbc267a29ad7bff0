import { describe, expect, test } from 'vitest';
import { formatDuration, ProgressBar, type ProgressStream } from '../../src/output/progress.js';

function record(terminal: boolean): { stream: ProgressStream; text: () => string } {
  let written = '';
  const write = (text: string | Uint8Array): boolean => {
    written += text.toString();
    return true;
  };
  return { stream: { write, isTTY: terminal, columns: 60 }, text: () => written };
}

describe('on a terminal', () => {
  test('redraws one line, at most ten times a second, and none wider than the terminal', () => {
    const { stream, text } = record(true);
    let now = 0;
    const progress = new ProgressBar(stream, () => now);
    for (let step = 1; step <= 100; step++, now += 10) progress.update(step, 1000, 'loss 0.1234  '.repeat(9));
    const drawn = text().split('\r\x1b[2K').slice(1);
    expect(drawn).toHaveLength(10);
    for (const line of drawn) expect(line.length).toBeLessThan(60);
    expect(text()).not.toContain('\n');
  });

  test('removes itself, and keeps what was logged', () => {
    const { stream, text } = record(true);
    const progress = new ProgressBar(stream, () => 0);
    progress.update(1, 2);
    progress.log('hello');
    progress.stop();
    expect(text()).toContain('\r\x1b[2Khello\n');
    expect(text().endsWith('\r\x1b[2K')).toBe(true);
  });
});

test('elsewhere it writes a plain line every ten seconds and one at the end', () => {
  const { stream, text } = record(false);
  let now = 0;
  const progress = new ProgressBar(stream, () => now);
  for (let step = 1; step <= 25; step++) {
    now += 1000;
    progress.update(step, 25, 'loss 0.5');
  }
  progress.stop();
  expect(text().split('\n')).toEqual([
    '[==========              ] 10/25  loss 0.5  0:15 left',
    '[===================     ] 20/25  loss 0.5  0:05 left',
    '[========================] 25/25  loss 0.5  0:00 left',
    '',
  ]);
});

test('durations', () => {
  expect([0, 61_000, 3_599_600, 7_325_000].map(formatDuration)).toEqual(['0:00', '1:01', '1:00:00', '2:02:05']);
});
