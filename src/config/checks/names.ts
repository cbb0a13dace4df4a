/** Names: of programs and groups, of workers, of variables and limits. */
import { workerNameOf } from '../expand.ts';
import { quote } from '../problem.ts';
import type { Fault, Path } from '../problem.ts';
import { variesByIndex } from '../templates.ts';
import type { Places } from '../tree.ts';
import { faultAt } from './checking.ts';
import type { Checked, CheckedProgram } from './checking.ts';

/** A worker's name is part of a file name (255 bytes), together with its incarnation number. */
const MOST_NAME_BYTES = 200;

/** What a name must not be; null: it is fine. `also`: further characters that it must not hold. */
function nameFault(name: string, also: string): string | null {
  if (name === '') return 'a name of at least one character';
  if (Buffer.byteLength(name) > MOST_NAME_BYTES) return `a name of at most ${MOST_NAME_BYTES} bytes`;
  if (/^[-.]/.test(name)) return 'a name that starts with neither - nor .';
  const wrong = Array.from(name).find((char) => /[\s/#*{}\p{C}]/u.test(char) || also.includes(char));
  if (wrong === undefined) return null;
  return /[\s\p{C}]/u.test(wrong) ? 'a name without whitespace and control characters' : `a name without ${wrong}`;
}

/** Faults of the name of a program or group at `path`. */
export function checkName(path: Path, places: Places): Fault[] {
  const name = String(path.at(-1));
  const said = name === 'all' ? 'another name (`all` means every worker in commands)' : nameFault(name, ':,');
  const position = places.near(path).key;
  return said === null ? [] : [{ path, position, found: `the name ${quote(name)}`, expected: said }];
}

function checkWorkerName(program: CheckedProgram, places: Places): Fault[] {
  const { workerName, workers, firstIndex } = program.values;
  const at = (found: string, expected: string) => [faultAt(program, places, ['workerName'], { found, expected })];
  if (workerName.includes('{worker}'))
    return at(quote(workerName), 'a name of {program} and {index}: {worker} is what it defines');
  if (workers > 1 && !variesByIndex(workerName)) {
    return at(quote(workerName), `{index} in it, to tell ${workers} workers apart`);
  }
  const name = workerNameOf({ name: program.written.name, workerName }, firstIndex);
  const said = nameFault(name, '');
  return said === null || nameFault(program.written.name, ':,') !== null
    ? []
    : at(`the worker name ${quote(name)}`, said);
}

function workerNames(program: CheckedProgram): string[] {
  const { workers, firstIndex, workerName } = program.values;
  const named = { name: program.written.name, workerName };
  return Array.from({ length: workers }, (_, offset) => workerNameOf(named, firstIndex + offset));
}

/** Workers of different programs with one name, and workers named like another program. */
function checkCollisions({ programs, places }: Checked): Fault[] {
  const owners = new Map([...programs.keys()].map((name) => [name, name]));
  const faults: Fault[] = [];
  for (const [owner, program] of programs) {
    const names = workerNames(program);
    const taken = names.find((name) => (owners.get(name) ?? owner) !== owner);
    for (const name of names) if (!owners.has(name)) owners.set(name, owner);
    if (taken === undefined) continue;
    const found = `the worker name ${quote(taken)}, which program ${owners.get(taken) ?? ''} has too`;
    faults.push(faultAt(program, places, ['workerName'], { found, expected: 'names that no other program has' }));
  }
  return faults;
}

/** Faults of the names in one table of a program. */
function checkTable(
  program: CheckedProgram,
  places: Places,
  table: { path: Path; names: string[]; fits: RegExp; expected: string },
): Fault[] {
  const wrong = table.names.filter((name) => !table.fits.test(name));
  return wrong.map((name) => {
    const path = program.written.path([...table.path, name]);
    return { path, position: places.near(path).key, found: `the name ${quote(name)}`, expected: table.expected };
  });
}

function checkTables(program: CheckedProgram, places: Places): Fault[] {
  const { environment, php } = program.values;
  const variables = { path: ['environment'], names: Object.keys(environment), fits: /^[A-Za-z_]\w*$/ };
  const settings = { path: ['php', 'ini'], names: Object.keys(php.ini), fits: /^[A-Za-z][\w.-]*$/ };
  return [
    ...checkTable(program, places, { ...variables, expected: 'letters, digits and _, not starting with a digit' }),
    ...checkTable(program, places, { ...settings, expected: 'the name of a php.ini setting such as memory_limit' }),
  ];
}

/** Faults of everything named within programs. */
export function checkNames(checked: Checked): Fault[] {
  const { programs, places } = checked;
  const own = [...programs.values()].flatMap((program) => [
    ...checkWorkerName(program, places),
    ...checkTables(program, places),
  ]);
  return [...own, ...checkCollisions(checked)];
}
