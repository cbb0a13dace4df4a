/** Whether a worker's command could be executed at all, before a start is tried. */
import type { ExecutableProblem } from '../../api/rpc/supervisor.ts';
import { findExecutable } from '../../linux/find-executable.ts';
import type { FleetMember } from '../fleet.ts';

/** Null: as far as the controller can see, it could. The shim looks again, as the worker's user. */
export const executableProblem = ({ program, worker }: FleetMember): ExecutableProblem | null => {
  const [command = ''] = worker.command;
  const found = findExecutable(command, program.directory, worker.environment['PATH'] ?? process.env['PATH']);
  if ('path' in found) return null;
  const isMissing = found.problem.includes('does not exist') || found.problem.includes('was not found');
  return { kind: isMissing ? 'missing' : 'notExecutable', text: found.problem };
};
