import { dirname, join } from 'node:path';

/** A file that run.mjs has put next to the bundled bench. */
export const beside = (name: string): string => join(dirname(process.argv[1] ?? ''), name);
