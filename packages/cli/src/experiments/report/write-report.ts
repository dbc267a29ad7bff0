import { join } from 'node:path';
import { writeFileAtomic } from 'ts-diffusion/node';
import { renderHtml } from '../../report/html.js';
import { renderMarkdown } from '../../report/markdown.js';
import type { ReportSource } from './report-source.js';
import { studyReport } from './study-report.js';

/**
 * Writes the report of whatever of a study is done: one self-contained HTML file, and Markdown with its figures beside it.
 *
 * @returns the paths
 */
export async function writeReport(source: ReportSource): Promise<{ readonly html: string; readonly markdown: string }> {
  const report = await studyReport(source);
  const html = join(source.folder.path, 'report.html');
  const markdown = join(source.folder.path, 'report.md');
  const { text, files } = renderMarkdown(report, 'figures');
  writeFileAtomic(html, renderHtml(report));
  for (const [name, data] of files) writeFileAtomic(join(source.folder.path, 'figures', name), data);
  writeFileAtomic(markdown, text);
  return { html, markdown };
}
