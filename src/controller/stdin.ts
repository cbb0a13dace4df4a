/** Writing to the standard input of a worker (`stdin: open`), for supervisorctl's `fg` and sendProcessStdin. */
import { currentPid } from '../core/find.ts';
import type { Controller } from './controller.ts';
import { fleetOf } from './fleet.ts';

/** So much the shim takes at once: as a whole or not at all. */
const MAX_BYTES = 4096;

/** Why a text cannot be written; `closed`: its program does not want any. */
export type StdinRefusal = { why: 'notRunning' | 'closed' | 'tooLong'; text: string };

/** Null: it is on its way. A worker that does not read what is there already refuses it later, which is journaled. */
export const writeStdin = (controller: Controller, worker: string, text: string): StdinRefusal | null => {
  const state = controller.core.workers[worker];
  const member = fleetOf(controller.config).get(worker);
  if (state === undefined || member === undefined || !('incarnation' in state.life) || currentPid(state) === null)
    return { why: 'notRunning', text: `${worker} has no process to write to` };
  if (member.program.stdin === 'closed')
    return { why: 'closed', text: `stdin of ${worker} is /dev/null; stdin: open in workers.yaml gives it a pipe` };
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    return { why: 'tooLong', text: `stdin of ${worker} takes at most ${MAX_BYTES} bytes at once, not ${bytes}` };
  controller.tellShim({ type: 'writeStdin', incarnation: state.life.incarnation.id, text });
  return null;
};
