import { join } from 'node:path';
import type { Dataset } from 'ts-diffusion/data';
import { writeFileAtomic } from 'ts-diffusion/node';
import type { Study } from '../plan.js';
import type { StudyFolder } from '../study-folder.js';
import { renderHtml } from './html.js';
import { renderMarkdown } from './markdown.js';
import { studyReport } from './study-report.js';

/** What a report is written from. */
export interface ReportSource {
  readonly study: Study;
  readonly folder: StudyFolder;
  /** The images trained on: for Figure 1 and the nearest training images. */
  readonly training: Dataset;
}

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
