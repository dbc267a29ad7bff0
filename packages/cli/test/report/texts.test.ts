import { expect, test } from 'vitest';
import { code, paragraph, type ReportDocument, type Table } from '../../src/report/document.js';
import { renderHtml } from '../../src/report/html.js';
import { renderMarkdown } from '../../src/report/markdown.js';

const table = (cell: string): Table => ({ kind: 'table', caption: 'x', head: ['a'], rows: [[cell]] });
const htmlOf = (...blocks: ReportDocument['blocks']): string => renderHtml({ title: 'x', blocks });
const markdownOf = (...blocks: ReportDocument['blocks']): string => renderMarkdown({ title: 'x', blocks }, 'f').text;

test('texts cannot make markup or links that run scripts', () => {
  const page = htmlOf(paragraph('<img src=x onerror=alert(1)>'), table('[x](javascript:alert) [y](data:text/html,z)'));
  expect(page).not.toMatch(/<img|href=/);
  expect(renderHtml({ title: '</title><script>', blocks: [] })).not.toContain('<script>');
  const links = htmlOf(paragraph('[a](cells/1/receipt.json) [b](https://example.org/c)'));
  expect(links).toContain('<a href="cells/1/receipt.json">a</a> <a href="https://example.org/c">b</a>');
});

test('an error of several lines stays in its row of a Markdown table', () => {
  expect(markdownOf(table('one\n  two|three'))).toContain('| one two\\|three |');
});

test('code that holds fences stays code', () => {
  expect(markdownOf(code('a\n```\n# no heading'))).toContain('````sh\na\n```\n# no heading\n````');
});
