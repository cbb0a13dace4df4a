/** Whether an exit tells something about the message that the worker was at. */
import type { ExitStatus, StopReport } from './protocol.ts';

/**
 * An exit that nobody ordered and that is no way to end (`harmless`: exit codes that are, besides 0); SIGKILL at memory.kill; the end at a
 * hard ceiling of a worker that did not get done with its message until its drain was given up. Any other stop of ours says nothing
 * of the message: a long job is no poison.
 */
export function isDeath(status: ExitStatus, stop: StopReport | null, harmless: readonly number[]): boolean {
  if (stop === null || (stop.signalledAt === null && stop.killedAt === null)) {
    return status.signal !== null || (status.code !== 0 && status.code !== null && !harmless.includes(status.code));
  }
  return stop.by === 'kill' || (stop.by === 'hard' && (stop.unacknowledged ?? 0) > 0);
}

/** Whether so many deaths are worth a word: when there are enough, and then ever more rarely, after twice, four times, … as many. */
export const isThreshold = (deaths: number, enough: number): boolean =>
  deaths >= enough && Number.isInteger(Math.log2(deaths / enough));
