import { readFileSync, statSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigError } from 'ts-diffusion/errors';

/** A plan is written by hand; a larger file is something else. */
const LARGEST_BYTES = 1_000_000;

/** The text of a plan as a value, with the line of each of its parts. */
export interface PlanSource {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  /** `plan.yaml, line 7`: where the part is that these keys lead to, or the nearest part around it. */
  readonly at: (...keys: readonly (string | number)[]) => string;
}

/**
 * Reads a plan: YAML 1.2, of which JSON is a part.
 *
 * @throws ConfigError for a file that cannot be read, or is no YAML, naming the line
 */
export function readPlanSource(path: string): PlanSource {
  return parsePlanSource(readText(path), path);
}

/** @param path what to call the text in errors @throws ConfigError for what is no YAML, naming the line */
export function parsePlanSource(text: string, path: string): PlanSource {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) {
      throw new ConfigError(
        `${path}, line ${lines.linePos(error.pos[0]).line}: not valid YAML (${error.message.trim()}).`,
      );
    }
    const lineOf = (node: Node | null): number => lines.linePos(node?.range?.[0] ?? 0).line;
    return {
      ...{ path, text },
      value: document.toJS(),
      at: (...keys) => `${path}, line ${lineOf(nodeAt(document.contents, keys))}`,
    };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${path}: not valid YAML (${(error as Error).message}).`, { cause: error });
  }
}

/** The key of the last part that is there; an item of a list has none, and stands for itself. */
function nodeAt(root: Node | null, keys: readonly (string | number)[]): Node | null {
  let [place, node] = [root, root];
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(key));
      if (pair === undefined) return place;
      [place, node] = [pair.key as Node, pair.value as Node | null];
    } else if (isSeq(node) && node.items[Number(key)] !== undefined) {
      place = node = node.items[Number(key)] as Node;
    } else return place;
  }
  return place;
}

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) throw new Error(`it has ${size} bytes; a plan has at most ${LARGEST_BYTES}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path}: the plan cannot be read (${(error as Error).message}).`, { cause: error });
  }
}
