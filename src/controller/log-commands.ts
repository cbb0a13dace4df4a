/** What a person asks for about log files: `logs --reopen`, SIGUSR1, `logs --clear`. */
import type { CommandReply } from '../api/types.ts';
import { CommandError } from './commands.ts';
import type { Controller } from './controller.ts';
import { fleetOf } from './fleet.ts';
import { resolveNames } from './names.ts';

/** Go on in new files of the same names. */
export const reopenLogs = (controller: Controller): void => {
  controller.scribe.say('command', 'logs.reopened');
  controller.tellShim({ type: 'reopenLogs' });
};

/** Empty the log files of these workers; their rotated files stay. @throws CommandError */
export const clearLogs = async (controller: Controller, names: readonly string[]): Promise<CommandReply> => {
  if (names.length === 0) throw new CommandError('clearLogs needs at least one worker, program, group:* or all');
  const resolved = resolveNames(controller.config, names);
  if (!resolved.ok) throw new CommandError(resolved.text);
  const files = new Map(resolved.workers.map((name) => [name, filesOf(controller, name)]));
  const outcomes = await controller.logClearing.clear([...new Set([...files.values()].flat())]);
  const results = [...files].map(([name, paths]) => {
    const failures = paths.map((path) => outcomes.get(path) ?? null).filter((text) => text !== null);
    const program = controller.core.workers[name]?.program;
    if (failures.length === 0 && paths.length > 0 && program !== undefined)
      controller.scribe.say('command', 'logs.cleared', { paths: paths.join(', ') }, { name, program });
    const done = paths.length === 0 ? 'keeps no log file' : 'log emptied';
    return { name, ok: failures.length === 0, text: failures.length === 0 ? done : failures.join('; ') };
  });
  return { results };
};

/** A device has nothing to empty. */
const filesOf = (controller: Controller, name: string): string[] => {
  const worker = fleetOf(controller.config).get(name)?.worker;
  if (worker === undefined) return [];
  const { stdout, stderr } = worker;
  const paths = [stdout.path, ...(stderr === 'stdout' ? [] : [stderr.path])];
  return paths.filter((path) => !path.startsWith('/dev/'));
};
