/** Processes that the worker started: one of them may leak while the worker itself is flat. */
import { maskCommand } from '../config/mask.ts';
import { processTree } from '../linux/process-tree.ts';
import { wordsOf } from './command-line.ts';
import { nameOfProcess } from './identity.ts';
import { textOf } from './target.ts';
import type { HelperFacts } from './types.ts';

const MOST_KEPT = 64;

/** Its own memory (anonymous and swapped): what it shares with its parent since the fork is not its own growth. */
const ownBytes = (pid: number): number | null => {
  const status = textOf(pid, 'status') ?? '';
  const of = (field: string): number | null => {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    return found === undefined ? null : Number(found) * 1024;
  };
  const anonymous = of('RssAnon');
  return anonymous === null ? null : anonymous + (of('VmSwap') ?? 0);
};

/** The descendants of a process over the window. Bounded: a worker that starts a process for each job has many. */
export class Helpers {
  readonly #root: number;
  readonly #seen = new Map<number, HelperFacts>();

  constructor(root: number) {
    this.#root = root;
  }

  /** One reading; returns what all of them hold together. */
  read(): number {
    let sum = 0;
    for (const pid of processTree(this.#root).slice(1)) {
      const bytes = ownBytes(pid);
      if (bytes === null) continue;
      sum += bytes;
      const known = this.#seen.get(pid);
      if (known !== undefined) known.toBytes = bytes;
      else if (this.#seen.size < MOST_KEPT) this.#seen.set(pid, begin(pid, bytes));
    }
    return sum;
  }

  /** Those that grew most first. */
  get all(): HelperFacts[] {
    const grown = ({ fromBytes, toBytes }: HelperFacts): number => (toBytes ?? 0) - (fromBytes ?? 0);
    return [...this.#seen.values()].toSorted((a, b) => grown(b) - grown(a));
  }
}

const begin = (pid: number, bytes: number): HelperFacts => ({
  pid,
  name: nameOfProcess(pid) ?? 'unknown',
  command: maskCommand(wordsOf(textOf(pid, 'cmdline') ?? '')).join(' '),
  fromBytes: bytes,
  toBytes: bytes,
});
