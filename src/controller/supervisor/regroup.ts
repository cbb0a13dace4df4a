/** Configurations compared and put together by supervisord's groups: `reread` tells what differs, `add` and `remove` take one group over. */
import type { GroupChanges } from '../../api/rpc/supervisor.ts';
import type { Config, ProgramConfig } from '../../config/types.ts';
import { supervisorGroupOf } from '../supervisor-names.ts';

const programsByGroup = (config: Config): Map<string, ProgramConfig[]> => {
  const groups = new Map<string, ProgramConfig[]>();
  for (const program of Object.values(config.programs)) {
    const group = supervisorGroupOf(config, program.name);
    groups.set(group, [...(groups.get(group) ?? []), program]);
  }
  return groups;
};

export const hasGroup = (config: Config, group: string): boolean => programsByGroup(config).has(group);

/** Everything about a group that makes it another one; where it is written in the file does not. */
const contentOf = (config: Config, group: string, programs: readonly ProgramConfig[]): string =>
  JSON.stringify([config.groups[group]?.priority ?? null, programs.map(({ origins: _origins, ...rest }) => rest)]);

const contents = (config: Config): Map<string, string> =>
  new Map([...programsByGroup(config)].map(([group, programs]) => [group, contentOf(config, group, programs)]));

/** By name, each sorted. */
export const changesBetween = (active: Config, read: Config): GroupChanges => {
  const [before, after] = [contents(active), contents(read)];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return {
    added: names.filter((name) => !before.has(name)),
    changed: names.filter((name) => before.has(name) && after.has(name) && before.get(name) !== after.get(name)),
    removed: names.filter((name) => !after.has(name)),
  };
};

const without = <T>(record: Record<string, T>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** `active` without the programs of a group. */
export const withoutGroup = (active: Config, group: string): Config => {
  const programs = (programsByGroup(active).get(group) ?? []).map(({ name }) => name);
  return { ...active, programs: without(active.programs, programs), groups: without(active.groups, [group]) };
};

/** `active` with a group as `read` has it; all of `read`, its other settings too, once no group differs any more. */
export const withGroup = (active: Config, read: Config, group: string): Config => {
  const taken = programsByGroup(read).get(group) ?? [];
  const rest = without(
    active.programs,
    taken.map(({ name }) => name),
  );
  const own = read.groups[group];
  const merged: Config = {
    ...active,
    programs: { ...rest, ...Object.fromEntries(taken.map((program) => [program.name, program])) },
    groups: own === undefined ? active.groups : { ...active.groups, [group]: own },
  };
  const { added, changed, removed } = changesBetween(merged, read);
  return added.length + changed.length + removed.length === 0 ? read : merged;
};
