/** What state-dir.ts needs of the yaml package. A file of its own: esbuild gives `import()` of a CommonJS package no named exports. */
export { isAlias, isScalar, parseDocument } from 'yaml';
