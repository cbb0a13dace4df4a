/** /proc/PID/smaps (proc(5)): every mapping of a process with what of it is resident. Reading it holds the process's mmap lock for milliseconds. */

/** One mapping; addresses are below 2^53. */
export interface Mapping {
  from: number;
  to: number;
  /** As in `rw-p`. */
  permissions: string;
  /** 0: no file. */
  inode: number;
  /** File, `[heap]`, `[stack]`, `[anon:NAME]`, or empty. A file that is gone ends in ` (deleted)`. */
  path: string;
  rssBytes: number;
  pssBytes: number;
  /** Resident pages that belong to no file (any more). */
  anonymousBytes: number;
  swapBytes: number;
}

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+) *(.*)$/;
const FIELD = /^(Rss|Pss|Anonymous|Swap): +(\d+) kB$/;

const KEYS = { Rss: 'rssBytes', Pss: 'pssBytes', Anonymous: 'anonymousBytes', Swap: 'swapBytes' } as const;

/** Mappings in the order of their addresses. Lines of other kernels are skipped; what a kernel does not say is 0. */
export const parseSmaps = (text: string): Mapping[] => {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const field = FIELD.exec(line);
    const last = mappings.at(-1);
    if (field !== null && last !== undefined) {
      last[KEYS[field[1] as keyof typeof KEYS]] = Number(field[2]) * 1024;
      continue;
    }
    const head = HEAD.exec(line);
    if (head !== null) mappings.push(mappingOf(head));
  }
  return mappings;
};

const mappingOf = ([, from = '0', to = '0', permissions = '', inode = '0', path = '']: RegExpExecArray): Mapping => ({
  from: Number.parseInt(from, 16),
  to: Number.parseInt(to, 16),
  permissions,
  inode: Number(inode),
  path,
  rssBytes: 0,
  pssBytes: 0,
  anonymousBytes: 0,
  swapBytes: 0,
});
