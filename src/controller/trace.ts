/** What was read of a worker over the life of its present process, as `simulate` takes it: policy is tuned with what happened here. */
import { OperationError } from '../api/operations.ts';
import type { TraceReading, WorkerTrace } from '../api/types.ts';
import type { CoreState } from '../core/types.ts';
import type { PastRow } from '../policy/trend/past.ts';
import type { SampleStore } from './sample-store.ts';

interface TraceParts {
  core: CoreState;
  samples: SampleStore;
}

/** @throws OperationError where it has no process, or nothing was read of it yet */
export const traceOf = ({ core, samples }: TraceParts, name: string): WorkerTrace => {
  const worker = core.workers[name];
  if (worker === undefined || !('incarnation' in worker.life))
    throw new OperationError(
      'badRequest',
      `${name} has no process, so there is nothing to replay; start it, or give a CSV file`,
    );
  const { id, pid } = worker.life.incarnation;
  const rows = samples.of(id)?.past?.rows() ?? [];
  if (rows.length === 0 || pid === null)
    throw new OperationError('badRequest', `${name} has not been read yet; try again in a few seconds`);
  return { name, program: worker.program, pid, rows: traceRows(rows) };
};

/** From its first reading on. */
export const traceRows = (rows: readonly PastRow[]): TraceReading[] =>
  rows.map(({ at, rssBytes, ownBytes, swapBytes, zendBytes, acknowledged }) => ({
    seconds: Math.round(at - (rows[0]?.at ?? at)) / 1000,
    rssBytes,
    anonBytes: ownBytes - swapBytes,
    swapBytes,
    zendBytes,
    acknowledged,
  }));
