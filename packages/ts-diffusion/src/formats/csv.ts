const BYTE_ORDER_MARK = '\u{feff}';

/**
 * The records of a CSV file (RFC 4180): fields between commas, in double quotes where they hold commas, quotes (doubled) or line
 * breaks. Lines end in LF, CRLF or CR; empty ones are passed over, and so is a byte-order mark.
 *
 * @returns fields of each record, the head among them
 * @throws SyntaxError for a quoted field that does not end, or goes on after its closing quote
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  while (at < text.length) {
    const { field, end } = text[at] === '"' ? quotedField(text, at, records.length + 1) : plainField(text, at);
    record.push(field);
    if (text[end] === ',') {
      at = end + 1;
      // A comma at the very end has an empty field after it.
      if (at < text.length) continue;
      record.push('');
    }
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
    at = text.startsWith('\r\n', end) ? end + 2 : end + 1;
  }
  return records;
}

interface Field {
  readonly field: string;
  /** Of the comma or line break behind it. */
  readonly end: number;
}

function plainField(text: string, start: number): Field {
  let end = start;
  while (end < text.length && !',\r\n'.includes(text[end] as string)) end++;
  return { field: text.slice(start, end), end };
}

function quotedField(text: string, start: number, record: number): Field {
  let close = start;
  do {
    close = text.indexOf('"', close + 1);
    if (close < 0) throw new SyntaxError(`record ${record} has a quotation mark that is not closed`);
    if (text[close + 1] === '"') close++;
    else break;
  } while (close < text.length);
  const end = close + 1;
  if (end < text.length && !',\r\n'.includes(text[end] as string)) {
    throw new SyntaxError(`record ${record} has text after a closing quotation mark`);
  }
  return { field: text.slice(start + 1, close).replaceAll('""', '"'), end };
}
