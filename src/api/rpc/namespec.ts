/** supervisord's names of processes: `group:name`, `name` alone where the group has the same, `group:*` or `group:` for all of a group. */
import { Fault } from './faults.ts';
import type { SupervisedProcess, Supervisor } from './supervisor.ts';

type Named = Pick<SupervisedProcess, 'group' | 'name'>;

export const namespec = ({ group, name }: Named): string => (group === name ? name : `${group}:${name}`);

/** `name` null: the whole group. Only the first colon separates, so names of processes may have some. */
export const splitNamespec = (text: string): { group: string; name: string | null } => {
  const colon = text.indexOf(':');
  if (colon === -1) return { group: text, name: text };
  const name = text.slice(colon + 1);
  return { group: text.slice(0, colon), name: name === '' || name === '*' ? null : name };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As `status` lists them. */
export const lexically = (a: Named, b: Named): number => compare(a.group, b.group) || compare(a.name, b.name);

/** As they are started and stopped: groups by priority, within a group processes by priority. */
export const byPriority = (a: SupervisedProcess, b: SupervisedProcess): number =>
  a.groupPriority - b.groupPriority || compare(a.group, b.group) || a.priority - b.priority || compare(a.name, b.name);

/** One process, or null for all of its group. @throws Fault BAD_NAME */
export const findProcess = (supervisor: Supervisor, text: string): SupervisedProcess | null => {
  const { group, name } = splitNamespec(text);
  const members = supervisor.processes().filter((process) => process.group === group);
  const found = name === null ? null : members.find((process) => process.name === name);
  if (members.length === 0 || found === undefined) throw new Fault('BAD_NAME', text);
  return found;
};

/** @throws Fault BAD_NAME, also for a whole group */
export const oneProcess = (supervisor: Supervisor, text: string): SupervisedProcess => {
  const found = findProcess(supervisor, text);
  if (found === null) throw new Fault('BAD_NAME', text);
  return found;
};

/** Members of a group in the order in which they are started. @throws Fault BAD_NAME */
export const groupMembers = (supervisor: Supervisor, group: string): SupervisedProcess[] => {
  const members = supervisor.processes().filter((process) => process.group === group);
  if (members.length === 0) throw new Fault('BAD_NAME', group);
  return members.toSorted(byPriority);
};
