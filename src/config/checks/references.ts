/** References from groups and `after` to programs. */
import { quote } from '../problem.ts';
import type { Fault, Path } from '../problem.ts';
import type { SettingsValues } from '../schema/root.ts';
import { nearest } from '../suggest.ts';
import type { Places } from '../tree.ts';
import { faultAt } from './checking.ts';
import type { Checked } from './checking.ts';

function unknown(name: string, known: readonly string[]): Pick<Fault, 'found' | 'expected' | 'suggestion'> {
  const shown = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ');
  return { found: `the unknown program ${quote(name)}`, expected: `one of ${shown}`, suggestion: nearest(name, known) };
}

/** Faults of the groups: names of programs, and a name that a program has too. */
export function checkGroups(groups: SettingsValues['groups'], known: readonly string[], places: Places): Fault[] {
  const faults: Fault[] = [];
  for (const [group, { programs }] of Object.entries(groups)) {
    const path: Path = ['groups', group];
    if (known.includes(group)) {
      const found = `the name ${quote(group)}, which a program has too`;
      faults.push({ path, position: places.near(path).key, found, expected: 'another name for the group' });
    }
    if (programs.length === 0) {
      faults.push({
        path: [...path, 'programs'],
        position: places.near([...path, 'programs']).value,
        found: 'no programs',
        expected: 'at least one',
      });
    }
    for (const [index, name] of programs.entries()) {
      const item = [...path, 'programs', index];
      const position = places.near(item).value;
      const isFirst = programs.indexOf(name) === index;
      if (!known.includes(name)) faults.push({ path: item, position, ...unknown(name, known) });
      else if (!isFirst)
        faults.push({ path: item, position, found: `${quote(name)} a second time`, expected: 'each program once' });
    }
  }
  return faults;
}

/** The programs of one cycle through `start`, first one first; null: none. */
function cycleFrom(start: string, after: ReadonlyMap<string, readonly string[]>): string[] | null {
  const walk = (name: string, way: string[], visited: Set<string>): string[] | null => {
    for (const next of after.get(name) ?? []) {
      if (next === start) return [...way, next];
      if (visited.has(next)) continue;
      visited.add(next);
      const cycle = walk(next, [...way, next], visited);
      if (cycle !== null) return cycle;
    }
    return null;
  };
  return walk(start, [start], new Set([start]));
}

/** Faults of `after`: unknown programs, and each cycle once. */
export function checkAfter({ programs, places }: Checked, known: readonly string[]): Fault[] {
  const after = new Map([...programs].map(([name, { values }]) => [name, values.after] as const));
  const faults: Fault[] = [];
  const inCycle = new Set<string>();
  for (const [name, program] of programs) {
    for (const [index, other] of program.values.after.entries()) {
      if (!known.includes(other)) faults.push(faultAt(program, places, ['after', index], unknown(other, known)));
    }
    const cycle = inCycle.has(name) ? null : cycleFrom(name, after);
    if (cycle === null) continue;
    for (const member of cycle) inCycle.add(member);
    const found = `a circle: ${cycle.join(' after ')}`;
    faults.push(faultAt(program, places, ['after'], { found, expected: 'an order that ends' }));
  }
  return faults;
}
