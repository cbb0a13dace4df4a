/** What supervisord's clients call our workers. */
import type { Config } from '../../config/types.ts';

/** The group of workers.yaml that has this program; the first one, if several have. */
export const groupOf = (config: Config, program: string): string | null =>
  Object.entries(config.groups).find(([, { programs }]) => programs.includes(program))?.[0] ?? null;

/**
 * A program is a group of its own unless `groups:` has it. The program's name in front of the worker's (`shop:0`) is left out where the
 * group says it already, and kept within a group of several programs, where `0` would be ambiguous.
 */
export const supervisorNameOf = (config: Config, program: string, worker: string): { group: string; name: string } => {
  const group = groupOf(config, program);
  if (group !== null) return { group, name: worker };
  const prefix = `${program}:`;
  const isShort = worker.startsWith(prefix) && worker.length > prefix.length;
  return { group: program, name: isShort ? worker.slice(prefix.length) : worker };
};
