/** What supervisord's clients call workers: `group:name`, for event listeners and XML-RPC alike. */
import type { Config } from '../config/types.ts';
import { fleetOf } from './fleet.ts';

export interface SupervisorName {
  /** The first group with its program in it, else the program. */
  group: string;
  /** Its own name without the program's in front (`shop:0` → `0`); a whole one where two programs of a group would share it. */
  name: string;
}

const known = new WeakMap<Config, Map<string, SupervisorName>>();

/** Also of a worker that is not in workers.yaml any more. */
export const supervisorNameOf = (config: Config, program: string, worker: string): SupervisorName =>
  supervisorNames(config).get(worker) ?? {
    group: supervisorGroupOf(config, program),
    name: shortName(worker, program),
  };

/** By worker. Names hold no colon: clients cut at the first one. */
export const supervisorNames = (config: Config): ReadonlyMap<string, SupervisorName> => {
  let names = known.get(config);
  if (names === undefined) {
    names = namesOf(config);
    known.set(config, names);
  }
  return names;
};

/** The group that a program's workers are in for supervisord's clients. */
export const supervisorGroupOf = (config: Config, program: string): string =>
  Object.entries(config.groups).find(([, { programs }]) => programs.includes(program))?.[0] ?? program;

/** All groups that have workers, in the order of workers.yaml. */
export const supervisorGroups = (config: Config): string[] => [
  ...new Set([...supervisorNames(config).values()].map(({ group }) => group)),
];

const namesOf = (config: Config): Map<string, SupervisorName> => {
  const found = [...fleetOf(config)].map(([worker, { program }]) => {
    return { worker, group: supervisorGroupOf(config, program.name), name: shortName(worker, program.name) };
  });
  const uses = new Map<string, number>();
  for (const { group, name } of found) uses.set(`${group}:${name}`, (uses.get(`${group}:${name}`) ?? 0) + 1);
  return new Map(
    found.map(({ worker, group, name }) => {
      const isShared = (uses.get(`${group}:${name}`) ?? 0) > 1;
      return [worker, { group, name: isShared ? withoutColons(worker) : name }];
    }),
  );
};

const shortName = (worker: string, program: string): string =>
  withoutColons(worker.startsWith(`${program}:`) ? worker.slice(program.length + 1) : worker);

const withoutColons = (name: string): string => name.replaceAll(':', '_');
