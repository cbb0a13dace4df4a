/** `--apply-names`: workers keep the names of their processes, so that scripts with supervisorctl go on working. */
import { fillTemplate } from '../templates.ts';
import type { MappedProgram } from './map-program.ts';
import { isWorkerName } from './names.ts';
import { firstIndexOf, writtenText } from './written.ts';

const DEFAULT = '{program}:{index}';

function namesFrom({ slice }: MappedProgram, template: string): string[] {
  const first = firstIndexOf(slice);
  return slice.processes.map((_, at) => fillTemplate(template, { program: slice.name, worker: '', index: first + at }));
}

/** Why the names cannot be kept; null: they can. */
function obstacle(names: readonly string[], owners: ReadonlyMap<string, string>, program: string): string | null {
  const wrong = names.find((name) => !isWorkerName(name));
  if (wrong !== undefined) return `no worker can be named ${JSON.stringify(wrong)}`;
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return `several of its processes are named ${twice}`;
  const taken = names.find((name) => (owners.get(name) ?? program) !== program);
  return taken === undefined ? null : `${taken} is also the name of a program or worker of ${owners.get(taken)}`;
}

/** Sets `workerName` where that can be done, and reports where not. */
export function applyNames(programs: readonly MappedProgram[]): void {
  const owners = new Map(programs.map(({ draft: { name } }) => [name, name]));
  for (const program of programs) {
    const { slice, draft } = program;
    const template = writtenText(slice, { select: ({ name }) => name, fills: true });
    const names = template === null ? [] : namesFrom(program, template);
    const why = template === null ? 'no template says all of them' : obstacle(names, owners, draft.name);
    if (why === null) for (const name of names) owners.set(name, draft.name);
    else slice.unit.options.say('warning', 'process_name', `the names of its processes are not kept: ${why}`);
    if (why === null && template !== null && template !== DEFAULT)
      draft.fields.set('workerName', { value: template, comments: [] });
  }
}
