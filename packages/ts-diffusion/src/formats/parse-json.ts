import { flag, options, signature, textOrBytes } from '../utils/arguments.js';

/** Deeper nesting than that is no data of this program; the limit of serde_json, too. */
const LARGEST_DEPTH = 127;
const BYTE_ORDER_MARK = '\u{feff}';

/** How strictly `parseJson` reads. */
export interface ParseJsonOptions {
  /**
   * For formats of which two readers must never see different things: a byte-order mark, a key that an object has twice, an
   * unpaired surrogate and a number with a fraction or an exponent are errors. Default: a byte-order mark is passed
   * over, the last of equal keys counts.
   */
  readonly strict?: boolean;
}

const parseJsonArguments = signature('parseJson', {
  source: textOrBytes,
  options: options({ strict: flag.optional() }),
});

/**
 * Every reader of JSON here goes through this.
 *
 * @param source text, or bytes of UTF-8
 * @throws SyntaxError for what is not JSON, not UTF-8, or nested more than 127 deep
 */
export function parseJson(source: string | Uint8Array, strictness: ParseJsonOptions = {}): unknown {
  parseJsonArguments({ source, options: strictness });
  const { strict = false } = strictness;
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  const hasMark = text.startsWith(BYTE_ORDER_MARK);
  if (hasMark && strict) throw new SyntaxError('it begins with a byte-order mark');
  const json = hasMark ? text.slice(1) : text;
  checkDepth(json);
  const value: unknown = JSON.parse(json);
  if (strict) checkTokens(json);
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError('it is not UTF-8');
  }
}

/** Calls `visit` with each string (in quotes), number and word, and each of { } [ ] : , in order. */
function forEachToken(json: string, visit: (token: string) => void): void {
  for (let end = 0; end < json.length;) {
    const start = end++;
    const first = json[start] as string;
    if (first === '"') {
      while (end < json.length && json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
      end++;
    } else if (!PUNCTUATION.includes(first)) {
      while (end < json.length && !ENDS.includes(json[end] as string)) end++;
    }
    if (!BLANK.includes(first)) visit(json.slice(start, end));
  }
}

const BLANK = ' \t\n\r';
const PUNCTUATION = `{}[]:,${BLANK}`;
const ENDS = `${PUNCTUATION}"`;

/** Before anything is built. */
function checkDepth(json: string): void {
  if (occurrences(json, '[') + occurrences(json, '{') <= LARGEST_DEPTH) return;
  let depth = 0;
  forEachToken(json, (token) => {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > LARGEST_DEPTH) throw new SyntaxError(`it is nested more than ${LARGEST_DEPTH} deep`);
  });
}

/** How often a character occurs, up to more than the largest depth: enough to know, and quick for long lists of numbers. */
function occurrences(json: string, character: string): number {
  let count = 0;
  for (let at = json.indexOf(character); at >= 0 && count <= LARGEST_DEPTH; at = json.indexOf(character, at + 1))
    count++;
  return count;
}

/** @param json valid */
function checkTokens(json: string): void {
  /** The keys so far of each object around the present place; null for an array. */
  const around: (Set<string> | null)[] = [];
  let lastString = '';
  forEachToken(json, (token) => {
    if (token.startsWith('"')) {
      lastString = JSON.parse(token) as string;
      if (/\p{Surrogate}/u.test(lastString)) throw new SyntaxError('a string has an unpaired surrogate');
    } else if (token === '{') around.push(new Set());
    else if (token === '[') around.push(null);
    else if (token === '}' || token === ']') around.pop();
    else if (token === ':') {
      const keys = around.at(-1);
      if (keys?.has(lastString) === true) throw new SyntaxError(`the key ${JSON.stringify(lastString)} is there twice`);
      keys?.add(lastString);
    } else if (/^-0$|^-?\d.*[.eE]/.test(token)) throw new SyntaxError(`${token} is not written as an integer`);
  });
}
