/** What probe.ts needs of amqplib. A file of its own: esbuild gives `import()` of a CommonJS package no named exports. */
export { connect, credentials } from 'amqplib';
