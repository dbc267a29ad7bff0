import type { LayerKind, NetworkLayer } from 'ts-diffusion/diagnostics';

/** Pixels. */
const WIDTH = 960;
const MARGIN = { left: 62, top: 40, right: 8, bottom: 34 };
const [BOX_WIDTH, BOX_HEIGHT, ROW] = [38, 36, 84];
const LETTER = 10;
/** Of lines past other layers: how far above the boxes, and how far from the edge of the one that they come from. */
const [PASSING, CORNER] = [20, 4];

const colours: Readonly<Record<LayerKind, string>> = {
  input: '#eeeeee',
  convolution: '#bbdefb',
  pooling: '#ffe0b2',
  upsampling: '#c8e6c9',
  concatenation: '#e1bee7',
};

const legend: Readonly<Record<LayerKind, string>> = {
  input: 'input',
  convolution: 'convolution',
  pooling: 'pooling, or folding pixels into channels',
  upsampling: 'unfolding channels into pixels',
  concatenation: 'concatenation',
};

/**
 * The layers of a network, a row for each resolution: what a layer does, the channels of its output, where it reads from (dashed: past
 * other layers), and where timestep and class come in.
 */
export function networkFigure(layers: readonly NetworkLayer[]): string {
  const sides = [...new Set(layers.map(({ height }) => height))].sort((a, b) => b - a);
  const step = (WIDTH - MARGIN.left - MARGIN.right - BOX_WIDTH) / Math.max(1, layers.length - 1);
  const left = (i: number): number => MARGIN.left + i * step;
  const middle = ({ height }: NetworkLayer): number => MARGIN.top + sides.indexOf(height) * ROW + BOX_HEIGHT / 2;
  const height = MARGIN.top + (sides.length - 1) * ROW + BOX_HEIGHT + MARGIN.bottom;
  const lines = layers.flatMap((layer, i) =>
    layer.from.map((j) => {
      const [from, to] = [middle(layers[j] ?? layer), middle(layer)];
      if (i - j === 1) {
        return `<line x1="${px(left(j) + BOX_WIDTH)}" y1="${px(from)}" x2="${px(left(i))}" y2="${px(to)}" stroke="currentColor"/>`;
      }
      // Above the boxes between the two.
      const [top, bottom] = [Math.min(from, to) - BOX_HEIGHT / 2 - PASSING, to - BOX_HEIGHT / 2];
      const [start, end] = [left(j) + BOX_WIDTH - CORNER, left(i) + BOX_WIDTH / 2];
      const path = `M${px(start)} ${px(from - BOX_HEIGHT / 2)}V${px(top)}H${px(end)}V${px(bottom)}`;
      return `<path d="${path}" fill="none" stroke="currentColor" stroke-dasharray="4 3"/>`;
    }),
  );
  const boxes = layers.flatMap((layer, i) => {
    const [x, y] = [left(i), middle(layer) - BOX_HEIGHT / 2];
    const centre = x + BOX_WIDTH / 2;
    const label = (dy: number, text: string): string =>
      `<text x="${px(centre)}" y="${px(y + dy)}" fill="#000000">${text}</text>`;
    return [
      `<rect x="${px(x)}" y="${px(y)}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="3" fill="${colours[layer.kind]}" stroke="currentColor"><title>${titleOf(layer)}</title></rect>`,
      label(15, shortName(layer)),
      label(29, String(layer.channels)),
      ...(layer.conditions.length === 0
        ? []
        : [
            `<text x="${px(centre)}" y="${px(y - 5)}" fill="#c62828">${layer.conditions.map(symbolOf).join(', ')} ↓</text>`,
          ]),
    ];
  });
  const rows = sides.map(
    (side, row) =>
      `<text x="4" y="${px(MARGIN.top + row * ROW + BOX_HEIGHT / 2 + 4)}" text-anchor="start" fill="currentColor">${side}×${side}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="${LETTER}" text-anchor="middle">`,
    ...lines,
    ...boxes,
    ...rows,
    ...legendOf(new Set(layers.map(({ kind }) => kind)), height - 12),
    '</svg>',
  ].join('\n');
}

const px = (value: number): string => String(Number(value.toFixed(1)));

const symbolOf = (condition: string): string => ({ label: 'c', guidance: 'ω' })[condition] ?? condition;

function shortName({ kind, kernel }: NetworkLayer): string {
  switch (kind) {
    case 'convolution':
      return `${kernel}×${kernel}`;
    case 'pooling':
      return 'pool';
    case 'upsampling':
      return 'up';
    case 'concatenation':
      return 'concat';
    case 'input':
      return 'x';
  }
}

const titleOf = ({ kind, name, channels, height, width }: NetworkLayer): string =>
  `${name === '' ? legend[kind] : name}: ${channels}×${height}×${width}`;

function legendOf(kinds: ReadonlySet<LayerKind>, y: number): string[] {
  let x = MARGIN.left;
  return [...kinds].flatMap((kind) => {
    const at = x;
    x += 24 + legend[kind].length * LETTER * 0.56;
    return [
      `<rect x="${px(at)}" y="${y - 9}" width="10" height="10" fill="${colours[kind]}" stroke="currentColor"/>`,
      `<text x="${px(at + 15)}" y="${y}" text-anchor="start" fill="currentColor">${legend[kind]}</text>`,
    ];
  });
}
