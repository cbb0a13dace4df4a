/** Event listeners: names that nothing else has, a command, and events that come. */
import { NEVER_SENT } from '../event-names.ts';
import { workerNameOf } from '../expand.ts';
import { quote } from '../problem.ts';
import type { Fault, Path } from '../problem.ts';
import type { SettingsValues } from '../schema/root.ts';
import type { Config, NotYetActive } from '../types.ts';
import type { Checked, CheckedProgram } from './checking.ts';

/** What else is called by a name, as the end of a sentence. */
function takenNames(programs: Checked['programs'], known: readonly string[], groups: readonly string[]) {
  const taken = new Map<string, string>([['shim', 'which the log of the shim has']]);
  for (const [owner, { values }] of programs) {
    for (let offset = 0; offset < values.workers; offset += 1) {
      const index = values.firstIndex + offset;
      taken.set(`${owner}-${index}`, `which the log files of program ${owner} have`);
      taken.set(workerNameOf({ name: owner, workerName: values.workerName }, index), `which a worker of ${owner} has`);
    }
  }
  for (const group of groups) taken.set(group, 'which a group has too');
  for (const name of known) taken.set(name, 'which a program has too');
  return taken;
}

export function checkListeners(
  settings: SettingsValues,
  { programs, places }: { programs: ReadonlyMap<string, CheckedProgram>; places: Checked['places'] },
  { known, isSpoilt }: { known: readonly string[]; isSpoilt: (path: Path) => boolean },
): Fault[] {
  const taken = takenNames(programs, known, Object.keys(settings.groups));
  return Object.entries(settings.eventListeners).flatMap(([name, listener]): Fault[] => {
    const path: Path = ['eventListeners', name];
    const position = places.near(path).key;
    const clash = taken.get(name);
    const faults: Fault[] = [];
    if (clash !== undefined)
      faults.push({ path, position, found: `the name ${quote(name)}, ${clash}`, expected: 'another name' });
    if (listener.command === null && !isSpoilt([...path, 'command']))
      faults.push({ path, position, found: 'no command', expected: 'command: what the listener runs' });
    if (listener.events.length === 0 && !isSpoilt([...path, 'events']))
      faults.push({
        path,
        position,
        found: 'no events',
        expected: 'events: at least one, such as PROCESS_STATE_EXITED',
      });
    for (const variable of Object.keys(listener.environment).filter((key) => !/^[A-Za-z_]\w*$/.test(key))) {
      const at = [...path, 'environment', variable];
      const expected = 'letters, digits and _, not starting with a digit';
      faults.push({ path: at, position: places.near(at).key, found: `the name ${quote(variable)}`, expected });
    }
    return faults;
  });
}

/** Said by `check` and `run` of each event that a listener waits for in vain. */
export const findNeverSent = (config: Config, lineOf: (path: string[]) => number): NotYetActive[] =>
  Object.values(config.eventListeners).flatMap(({ name, events }) =>
    events.flatMap((event) => {
      const why = NEVER_SENT[event];
      const path = ['eventListeners', name, 'events'];
      if (why === undefined) return [];
      return [{ path: path.join('.'), line: lineOf(path), text: `${path.join('.')}: ${event} is never sent: ${why}.` }];
    }),
  );
