import { escapeMarkup } from '../output/escape-markup.js';

/** One axis of parallel coordinates, with a value for each line. */
export interface ParallelAxis {
  readonly title: string;
  /** Below the title, smaller: `lower` where that is better. */
  readonly note?: string;
  /** Numbers and texts; undefined: the line leaves this axis out. */
  readonly values: readonly (number | string | undefined)[];
  /** Whether small numbers are at the top. */
  readonly reversed?: boolean;
}

const WIDTH = 960;
const HEIGHT = 330;
const [TOP, BOTTOM] = [64, 22];
const LETTER = 6.4;
const LINE = 14;
/** From this ratio of the largest to the smallest on an axis is logarithmic. */
const LOGARITHMIC = 20;
/** Different numbers of an axis that all get a tick; of more, the ends and some between. */
const MOST_TICKS = 6;
/** Two ticks nearer than that would overlap. */
const LEAST_GAP = 13;
const [BEST, WORST] = [
  [21, 101, 192],
  [176, 190, 197],
] as const;

/** An axis laid out: where a value is, and which have a tick. */
interface Scale {
  readonly place: (value: number | string) => number;
  readonly ticks: readonly (number | string)[];
}

/**
 * Lines over vertical axes, one for each setting, as SVG that takes the text colour of its page. Each line has its index as `data-row`.
 *
 * @param ranks of the lines, 0 the best, which is drawn last and strongest; undefined: without the score that ranks
 * @param names of the lines, for their tooltips
 */
export function parallelCoordinates(
  axes: readonly ParallelAxis[],
  ranks: readonly (number | undefined)[],
  names: readonly string[],
): string {
  const scales = axes.map(scaleOf);
  const left = 14 + Math.max(LETTER * longest((scales[0]?.ticks ?? []).map(tickText)), titleWidth(axes[0]) / 2);
  const right = 14 + titleWidth(axes.at(-1)) / 2;
  const gap = axes.length > 1 ? (WIDTH - left - right) / (axes.length - 1) : 0;
  const x = (i: number): number => round(left + i * gap);
  const last = Math.max(0, ...ranks.map((rank) => rank ?? 0));
  const order = names.map((_, i) => i).sort((a, b) => (ranks[b] ?? Infinity) - (ranks[a] ?? Infinity));

  const lines = order.map((row) => {
    const points = axes.flatMap(({ values }, i) => {
      const value = values[row];
      return value === undefined ? [] : [`${x(i)},${round((scales[i] as Scale).place(value))}`];
    });
    const rank = ranks[row];
    const width = rank === 0 ? 3.5 : 1.6;
    return (
      `<polyline data-row="${row}" points="${points.join(' ')}" fill="none" stroke="${colour(rank, last)}" stroke-width="${width}"` +
      ` stroke-linejoin="round"><title>${escapeMarkup(names[row] ?? '')}</title></polyline>`
    );
  });
  const drawnAxes = axes.map((axis, i) => drawAxis(axis, scales[i] as Scale, x(i)));
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="11" fill="currentColor">\n` +
    `<g class="lines">${lines.join('\n')}</g>\n${drawnAxes.join('\n')}\n</svg>`
  );
}

function drawAxis({ title, note }: ParallelAxis, { place, ticks }: Scale, x: number): string {
  const labels = wrapped(title);
  const heading = labels.map(
    (text, i) =>
      `<text x="${x}" y="${TOP - 14 - LINE * (labels.length - 1 - i) - (note === undefined ? 0 : LINE)}" text-anchor="middle" font-weight="600">${escapeMarkup(text)}</text>`,
  );
  const noted =
    note === undefined
      ? ''
      : `<text x="${x}" y="${TOP - 14}" text-anchor="middle" opacity="0.7">${escapeMarkup(note)}</text>`;
  const marks = ticks.map((tick) => {
    const y = round(place(tick));
    return (
      `<path d="M${x - 4},${y}h8" stroke="currentColor"/>` +
      `<text x="${x - 7}" y="${y + 4}" text-anchor="end" class="tick">${escapeMarkup(tickText(tick))}</text>`
    );
  });
  return `<g><path d="M${x},${TOP}V${HEIGHT - BOTTOM}" stroke="currentColor" stroke-opacity="0.6"/>${heading.join('')}${noted}${marks.join('')}</g>`;
}

function scaleOf({ values, reversed = false }: ParallelAxis): Scale {
  const present = values.filter((value) => value !== undefined);
  const [top, bottom] = reversed ? [HEIGHT - BOTTOM, TOP] : [TOP, HEIGHT - BOTTOM];
  const at = (share: number): number => bottom + (top - bottom) * share;
  const numbers = present.filter((value) => typeof value === 'number');
  if (numbers.length < present.length || numbers.length === 0) {
    const names = [...new Set(present.map(String))];
    const share = (value: number | string): number =>
      names.length < 2 ? 0.5 : 1 - names.indexOf(String(value)) / (names.length - 1);
    return { place: (value) => at(share(value)), ticks: names };
  }
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const warp = low > 0 && high / low >= LOGARITHMIC ? Math.log : (value: number) => value;
  const share = (value: number): number => (low === high ? 0.5 : (warp(value) - warp(low)) / (warp(high) - warp(low)));
  const place = (value: number | string): number => at(share(Number(value)));
  return {
    place,
    ticks: ticksOf(
      [...new Set(numbers)].sort((a, b) => a - b),
      place,
    ),
  };
}

/** All values where they are few and apart, else the ends and what fits between, rounded as far as they stay different. */
function ticksOf(values: readonly number[], place: (value: number) => number): readonly number[] {
  const [low = 0, high = 0] = [values[0], values.at(-1)];
  const wanted =
    values.length <= MOST_TICKS ? values.slice(1, -1) : [0.25, 0.5, 0.75].map((share) => low + (high - low) * share);
  const ticks = [low, ...(high === low ? [] : [high])];
  for (const value of wanted) {
    if (ticks.every((tick) => Math.abs(place(tick) - place(value)) >= LEAST_GAP)) ticks.push(value);
  }
  const rounded = (digits: number): readonly number[] => ticks.map((tick) => Number(tick.toPrecision(digits)));
  const digits = [3, 4, 6, 8].find((each) => new Set(rounded(each)).size === ticks.length) ?? 10;
  return rounded(digits);
}

/** From the colour of the best to that of the worst; grey where a line has no rank. */
function colour(rank: number | undefined, last: number): string {
  const share = rank === undefined ? 1 : last === 0 ? 0 : Math.sqrt(rank / last);
  return `rgb(${BEST.map((from, i) => Math.round(from + ((WORST[i] as number) - from) * share)).join(',')})`;
}

/** In two lines, at a space or a capital letter near the middle, where it is long. */
function wrapped(title: string): readonly string[] {
  const words = title.split(/(?<=\s)|(?<=[a-z])(?=[A-Z])/);
  if (title.length <= 11 || words.length < 2) return [title];
  const lengthTo = (count: number): number => words.slice(0, count).join('').length;
  const counts = words.slice(1).map((_, i) => i + 1);
  const [best = 1] = counts.sort(
    (a, b) => Math.abs(2 * lengthTo(a) - title.length) - Math.abs(2 * lengthTo(b) - title.length),
  );
  return [words.slice(0, best).join('').trim(), words.slice(best).join('')];
}

const titleWidth = (axis: ParallelAxis | undefined): number =>
  axis === undefined ? 0 : LETTER * longest([...wrapped(axis.title), axis.note ?? '']);
const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
const tickText = (tick: number | string): string => (typeof tick === 'number' ? String(tick) : tick);
const round = (value: number): number => Math.round(10 * value) / 10;
