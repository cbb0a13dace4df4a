/** Proportional set size of our two processes. */
import { readFileSync, realpathSync } from 'node:fs';

const KIB = 1024;

export interface Pss {
  /** Sum of Pss as the kernel counts it: lower where other Node processes share the program text. */
  bytes: number;
  /** As if no other process ran this Node: each page of its program file counted once for both. */
  aloneBytes: number;
  eachBytes: number[];
}

interface Mapping {
  path: string;
  isPrivate: boolean;
  rss: number;
  pss: number;
}

const mappingsOf = (pid: number): Mapping[] => {
  const found: Mapping[] = [];
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const head = /^[\da-f]+-[\da-f]+ (\S+) \S+ \S+ \d+\s*(.*)$/.exec(line);
    if (head !== null) found.push({ path: head[2] ?? '', isPrivate: (head[1] ?? '')[1] === 'w', rss: 0, pss: 0 });
    const figure = /^(Rss|Pss):\s+(\d+) kB$/.exec(line);
    const last = found.at(-1);
    if (figure === null || last === undefined) continue;
    if (figure[1] === 'Rss') last.rss = Number(figure[2]) * KIB;
    else last.pss = Number(figure[2]) * KIB;
  }
  return found;
};

/** Our processes, which share nothing but files with anybody. */
export const readPss = (pids: readonly number[]): Pss => {
  const program = realpathSync(process.execPath);
  const each = pids.map(mappingsOf);
  const sum = (mappings: readonly Mapping[]): number => mappings.reduce((total, { pss }) => total + pss, 0);
  const isText = ({ path, isPrivate }: Mapping): boolean => path === program && !isPrivate;
  const text = Math.max(...each.map((mappings) => mappings.filter(isText).reduce((total, { rss }) => total + rss, 0)));
  const eachBytes = each.map(sum);
  const rest = each.flat().filter((mapping) => !isText(mapping));
  return { bytes: eachBytes.reduce((a, b) => a + b, 0), aloneBytes: text + sum(rest), eachBytes };
};
