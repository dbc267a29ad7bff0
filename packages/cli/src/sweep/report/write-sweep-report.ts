import { writeFileAtomic } from 'ts-diffusion/node';
import { renderHtml } from '../../report/html.js';
import { renderMarkdown } from '../../report/markdown.js';
import { type ReportInput, sweepReport } from './sweep-report.js';

/**
 * Writes `sweep.html`, one file that needs no other, and `sweep.md` with its figures in `figures/`.
 *
 * @returns the paths
 */
export function writeSweepReport(input: ReportInput): { readonly html: string; readonly markdown: string } {
  const { folder } = input;
  const report = sweepReport(input);
  const [html, markdown] = [folder.in('sweep.html'), folder.in('sweep.md')];
  const { text, files } = renderMarkdown(report, 'figures');
  for (const [name, data] of files) writeFileAtomic(folder.in(`figures/${name}`), data);
  writeFileAtomic(markdown, text);
  writeFileAtomic(html, renderHtml(report));
  return { html, markdown };
}
