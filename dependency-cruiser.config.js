/**
 * No circles of imports, those of types included: ESLint's import-x/no-cycle leaves types out by design, but files that
 * need each other's types cannot be read or changed apart either.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Move what both files need to a file of its own.',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    exclude: { path: '(^|/)(node_modules|dist|coverage)/' },
    // Looks at the files as they are written: compiled ones no longer import types.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
