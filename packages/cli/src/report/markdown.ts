import type { Block, ReportDocument } from './document.js';
import { standaloneSvg } from '../plotting/plots.js';

/** A document as Markdown. */
export interface MarkdownReport {
  readonly text: string;
  /** The pictures, by their names in the folder of figures. */
  readonly files: ReadonlyMap<string, Uint8Array | string>;
}

/** @param figures the folder of figures as seen from the Markdown file */
export function renderMarkdown({ title, blocks }: ReportDocument, figures: string): MarkdownReport {
  const files = new Map<string, Uint8Array | string>();
  const render = (block: Block): string => {
    switch (block.kind) {
      case 'heading':
        return `## ${block.text}`;
      case 'paragraph':
        return block.text;
      case 'code':
        return fenced(block.text);
      case 'table':
        return `${block.caption}\n\n${markdownTable(block.head, block.rows)}`;
      case 'figure': {
        const isVector = 'svg' in block.picture;
        const file = `${block.name}.${isVector ? 'svg' : 'png'}`;
        files.set(file, 'svg' in block.picture ? standaloneSvg(block.picture.svg) : block.picture.png);
        return `![${block.caption}](${figures}/${file})\n\n*${block.caption}*`;
      }
    }
  };
  return { text: `# ${title}\n\n${blocks.map(render).join('\n\n')}\n`, files };
}

/** Between fences that are longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
}

/** Columns padded to one width, as formatters of Markdown leave them. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')),
  );
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(escaped[0] ?? []), rule, ...escaped.slice(1).map(line)].join('\n');
}
