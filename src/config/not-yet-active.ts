/**
 * Keys of the contract whose behaviour is not built yet. They are parsed and judged like all others; whoever writes one is told that it
 * does nothing so far. When the behaviour is built, its line here goes.
 */
import { dotted } from './problem.ts';
import type { Path } from './problem.ts';
import type { Places, Raw } from './tree.ts';
import type { NotYetActive, ProgramConfig } from './types.ts';
import { rawAt } from './raw-at.ts';

interface Row {
  /** `program.` stands for `defaults.` and for each program. */
  key: string;
  text: string;
  /** Only this value is not active. */
  value?: string;
  /** Only for a program (with `defaults` merged in) of which this holds. */
  when?: (program: ProgramConfig) => boolean;
}

const ROWS: readonly Row[] = [
  { key: 'language', value: 'zh-CN', text: 'texts are in English' },
  { key: 'notify', text: 'no webhook is called' },
  { key: 'program.cgroup', text: 'no cgroup is made; the ceilings hold' },
  {
    key: 'program.stuck',
    when: ({ amqp, recycle }) => amqp?.gate !== true || recycle.drain === 'signal',
    text: 'nobody sees what it holds, because it has no gate',
  },
  {
    key: 'program.amqp.prefetch',
    when: ({ amqp, recycle }) => amqp?.gate === false || recycle.drain === 'signal',
    text: "the worker's own prefetch stays, because it has no gate",
  },
  {
    key: 'program.amqp.poison',
    when: ({ amqp, recycle }) => amqp?.gate === false || recycle.drain === 'signal',
    text: 'messages that workers die on are not seen, because it has no gate',
  },
];

interface Tree {
  root: Raw;
  places: Places;
}

/** The paths a row stands for in this file, each with the programs it would act on. */
function pathsOf(row: Row, programs: ReadonlyMap<string, ProgramConfig>): { path: Path; concerns: ProgramConfig[] }[] {
  const [first = '', ...rest] = row.key.split('.');
  if (first !== 'program') return [{ path: [first, ...rest], concerns: [] }];
  const own = [...programs].map(([name, program]) => ({ path: ['programs', name, ...rest], concerns: [program] }));
  return [{ path: ['defaults', ...rest], concerns: [...programs.values()] }, ...own];
}

/** Whether something was asked for: an empty list, an empty map and null ask for nothing (an empty `amqp` map does). */
function asks(row: Row, written: Raw | undefined): boolean {
  if (written === undefined || written === null) return false;
  if (row.value !== undefined) return written === row.value;
  return !(Array.isArray(written) && written.length === 0);
}

/** What the user wrote and what is not active yet, in the order of the lines. `programs`: those that could be read. */
export function findNotYetActive({ root, places }: Tree, programs: ReadonlyMap<string, ProgramConfig>): NotYetActive[] {
  const found = ROWS.flatMap((row) =>
    pathsOf(row, programs)
      .filter(
        ({ path, concerns }) => asks(row, rawAt(root, path)) && (row.when === undefined || concerns.some(row.when)),
      )
      .map(({ path }) => {
        const key = dotted(path);
        return { path: key, line: places.near(path).key.line, text: `${key} is not yet active: ${row.text}.` };
      }),
  );
  return found.toSorted((a, b) => a.line - b.line);
}
