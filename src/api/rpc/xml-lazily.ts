/** The XML parser, for `import()`: bundled alone, a CommonJS package keeps its names only through a module of ours. */
export { parseXml } from '@rgrove/parse-xml';
