/** The part of docs/compat-supervisord.md that is made of the differences in calls.ts. */
import type { Step } from './calls.ts';

const BEGIN = '<!-- The calls below are compared by test/e2e/supervisorctl; npm run generate writes the table. -->';
const END = '<!-- end -->';

/** One row a difference, with all the calls in which it shows. */
export const differenceTable = (steps: readonly Step[]): string => {
  const rows = new Map<string, { calls: Set<string>; theirs: string; ours: string }>();
  for (const { args, differs } of steps) {
    if (differs === undefined) continue;
    const row = rows.get(differs.reason) ?? { calls: new Set(), theirs: differs.theirs, ours: differs.ours };
    row.calls.add(`\`${args.join(' ')}\``);
    rows.set(differs.reason, row);
  }
  const lines = [...rows].map(
    ([reason, { calls, theirs, ours }]) => `| ${[...calls].join(', ')} | ${theirs} | ${ours} | ${reason} |`,
  );
  const same = steps.filter(({ differs }) => differs === undefined).length;
  return [
    `${steps.length} calls are compared with supervisord 4.2.5; ${same} answer the same, to the letter. The others:`,
    '',
    '| call | supervisord | ackwarden | why |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
};

/** @throws when the document lost its markers */
export const withTable = (document: string, table: string): string => {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`docs/compat-supervisord.md has no ${BEGIN} … ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
};
