import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { samplingTables, withTables } from './docs/sampling-tables.js';

/** Writes the generated tables into docs/sampling.md: `npx tsx bench/write-sampling-tables.ts`. */
parseArgs({ options: {} });
const path = new URL('../docs/sampling.md', import.meta.url);
writeFileSync(path, withTables(readFileSync(path, 'utf8'), samplingTables));
