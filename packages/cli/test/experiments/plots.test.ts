import { expect, test } from 'vitest';
import { errorBarPlot, standaloneSvg } from '../../src/plotting/plots.js';

const labels = { x: 'seconds', y: 'distance' };

test('an error bar that reaches zero is drawn on a logarithmic axis, too', () => {
  const points = [
    { x: 1, y: 0.1, error: 0.3 },
    { x: 2, y: 10, error: 1 },
  ];
  for (const logarithmic of [false, true]) {
    const plot = errorBarPlot(points, labels, { logarithmic });
    const [bars = ''] = /<g[^>]* aria-label="rule"[^]*?<\/g>/.exec(plot) ?? [];
    expect(bars.match(/<line/g)).toHaveLength(2);
    expect(bars).not.toContain('NaN');
  }
});

test('a plot in a file of its own says what it is, and has a background', () => {
  const file = standaloneSvg(errorBarPlot([{ x: 'a', y: 1 }], labels));
  expect(file).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(file).toMatch(/<rect [^>]*fill="white"/);
});
