import { expect, test } from 'vitest';
import { parseCsv } from '../../src/formats/csv.js';

// The grammar of RFC 4180, section 2.
test.each<[string, string, string[][]]>([
  [
    'lines of LF, CRLF and CR, the last with and without an end',
    'a,b\nc,d\r\ne,f\rg,h',
    [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ],
  ],
  [
    'empty fields, at the end too',
    ',x,\n,,',
    [
      ['', 'x', ''],
      ['', '', ''],
    ],
  ],
  [
    'quoted commas, quotes and line breaks',
    '"a,b","say ""hi""","two\r\nlines"\n"",x',
    [
      ['a,b', 'say "hi"', 'two\r\nlines'],
      ['', 'x'],
    ],
  ],
  [
    'empty lines and a byte-order mark are passed over',
    '\u{feff}a,b\n\n\nc,d\n\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['a quotation mark inside a plain field is a character', 'a"b,c', [['a"b', 'c']]],
  ['nothing', '', []],
])('%s', (_, text, records) => {
  expect(parseCsv(text)).toEqual(records);
});

test.each([
  ['a,"b', 'record 1 has a quotation mark that is not closed'],
  ['a,b\n"c""', 'record 2 has a quotation mark that is not closed'],
  ['"a"b', 'record 1 has text after a closing quotation mark'],
])('%j is refused', (text, problem) => {
  expect(() => parseCsv(text)).toThrow(new SyntaxError(problem));
});
