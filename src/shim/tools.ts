import { findExecutable } from '../linux/find-executable.ts';
import type { ChainTools } from './exec-chain.ts';

/** Find the programs of the exec chain once, by full path: a worker's own PATH need not have them. Throws a sentence. */
export function findTools(): ChainTools {
  return { sh: '/bin/sh', nice: find('nice'), prlimit: find('prlimit'), setpriv: find('setpriv') };
}

function find(name: string): string {
  const found = findExecutable(name, '/', process.env['PATH']);
  if ('path' in found) return found.path;
  throw new Error(`${found.problem} ackwarden needs it to start workers (Debian: coreutils and util-linux).`);
}
