import { escapeMarkup } from '../output/escape-markup.js';
import type { Block, ReportDocument } from './document.js';
import { sortingScript } from './sorting-script.js';

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; font-size: 0.85rem; width: 100%; margin-bottom: 1.5rem; }
caption { text-align: left; padding: 0.3rem 0; font-weight: 600; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: 0.3rem 0.4rem; text-align: left; }
th, td { overflow-wrap: break-word; } td code { overflow-wrap: anywhere; } th { vertical-align: bottom; } td { vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; } figure img, figure svg { max-width: 100%; height: auto; }
img { image-rendering: pixelated; } figcaption { font-size: 0.9rem; opacity: 0.8; }
.sortable button { all: unset; cursor: pointer; font-weight: 600; }
.sortable button:focus-visible { outline: 2px solid; } .sortable button::after { content: ' \\2195'; opacity: 0.45; }
.sortable [aria-sort=ascending] button::after { content: ' \\2191'; opacity: 1; }
.sortable [aria-sort=descending] button::after { content: ' \\2193'; opacity: 1; }
[data-row].marked { background: color-mix(in srgb, #1565c0 18%, transparent); }
polyline[data-row].marked { stroke: #e65100; stroke-width: 4; } svg .tick { paint-order: stroke; stroke: Canvas; stroke-width: 3px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8rem; padding: 0.7rem; background: color-mix(in srgb, currentColor 8%, transparent); }
`;

/** A document as one HTML file that needs no other. */
export function renderHtml({ title, blocks }: ReportDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeMarkup(title)}</h1>
${blocks.map(renderBlock).join('\n')}
${blocks.some((block) => block.kind === 'table' && block.sortable === true) ? `<script>${sortingScript}</script>\n` : ''}</body>
</html>
`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${inline(block.text)}</h2>`;
    case 'paragraph':
      return `<p>${inline(block.text)}</p>`;
    case 'code':
      return `<pre><code>${escapeMarkup(block.text)}</code></pre>`;
    case 'table': {
      const { sortable = false, marks = [] } = block;
      const cells = (row: readonly string[], tag: string, attribute = ''): string =>
        `<tr${attribute}>${row.map((cell) => `<${tag}>${inline(cell)}</${tag}>`).join('')}</tr>`;
      const body = block.rows.map((row, i) => cells(row, 'td', i in marks ? ` data-row="${marks[i]}"` : '')).join('\n');
      const start = sortable ? '<table class="sortable">' : '<table>';
      return `${start}<caption>${inline(block.caption)}</caption>\n<thead>${cells(block.head, 'th')}</thead>\n<tbody>${body}</tbody></table>`;
    }
    case 'figure': {
      const picture =
        'svg' in block.picture
          ? block.picture.svg
          : `<img alt="${escapeMarkup(block.caption)}" src="data:image/png;base64,${Buffer.from(block.picture.png).toString('base64')}">`;
      return `<figure>${picture}<figcaption>${inline(block.caption)}</figcaption></figure>`;
    }
  }
}

function inline(text: string): string {
  return escapeMarkup(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\(((?:https?:\/\/)?[^)\s:]+)\)/g, '<a href="$2">$1</a>');
}
