import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { patientTests } from '../packages/ts-diffusion/test/patience.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'packages/ts-diffusion/src/entries');
const files = readdirSync(folder);

let program: ts.Program;
patientTests();
beforeAll(() => {
  const path = join(root, 'packages/ts-diffusion/tsconfig.build.json');
  const { config } = ts.readConfigFile(path, (name) => readFileSync(name, 'utf8')) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path));
  program = ts.createProgram(
    files.map((file) => join(folder, file)),
    // Documentation needs no standard library.
    { ...options, noLib: true, types: [] },
  );
});

/** What an entry exports, aliases followed to what they stand for. */
function exportsOf(file: string): readonly (readonly [name: string, symbol: ts.Symbol])[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(folder, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module`);
  return checker
    .getExportsOfModule(module)
    .map((each) => [each.name, each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each]);
}

// `npm run docs` checks methods, links and referenced types too; it takes longer than a test should.
// Time: 3 s on two quiet cores.
describe.each(files)('the entry %s', (file) => {
  test('says what it is for', () => {
    const name = file === 'main.ts' ? 'ts-diffusion' : `ts-diffusion/${file.replace(/\.ts$/, '')}`;
    const text = program.getSourceFile(join(folder, file))?.text;
    expect(/^\/\*\*\n \* \w[^]*?\n \* @module (.*)\n \*\//.exec(text ?? '')?.[1]).toBe(name);
  });

  test('exports nothing without documentation', () => {
    const checker = program.getTypeChecker();
    const exported = exportsOf(file);
    expect(exported.length).toBeGreaterThan(0);
    expect(
      exported.flatMap(([name, symbol]) => (symbol.getDocumentationComment(checker).length === 0 ? [name] : [])),
    ).toEqual([]);
  });
});

test('the main entry has fewer than 60 exports', () => {
  expect(exportsOf('main.ts').length).toBeLessThan(60);
});
