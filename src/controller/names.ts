/** What a person may call workers: a worker, a program, `program:*`, `group:*`, a group, or `all`. */
import type { Config } from '../config/types.ts';
import { fleetOf } from './fleet.ts';

export type Resolved = { ok: true; workers: string[] } | { ok: false; text: string };

/** Workers in the order of workers.yaml, each once. The first unknown name makes the whole request fail: half a command is worse. */
export const resolveNames = (config: Config, names: readonly string[]): Resolved => {
  const wanted = new Set<string>();
  for (const name of names) {
    const found = resolveOne(config, name);
    if (found === null) return { ok: false, text: unknown(config, name) };
    for (const worker of found) wanted.add(worker);
  }
  return { ok: true, workers: [...fleetOf(config).keys()].filter((worker) => wanted.has(worker)) };
};

const resolveOne = (config: Config, name: string): string[] | null => {
  const fleet = fleetOf(config);
  if (name === 'all') return [...fleet.keys()];
  if (fleet.has(name)) return [name];
  const bare = name.endsWith(':*') ? name.slice(0, -2) : name;
  // hasOwn: a name such as `constructor` is no program.
  const group = Object.hasOwn(config.groups, bare) ? config.groups[bare] : undefined;
  const programs = group?.programs ?? (Object.hasOwn(config.programs, bare) ? [bare] : null);
  if (programs === null) return null;
  return [...fleet].filter(([, member]) => programs.includes(member.program.name)).map(([worker]) => worker);
};

const unknown = (config: Config, name: string): string => {
  const programs = Object.keys(config.programs).join(', ');
  return `there is no worker, program or group named "${name}" (programs: ${programs})`;
};
