/** What a controller knows of the process that is looked at, asked again and again beside the window. */
import type { Client } from '../../api/client.ts';
import { ClientError } from '../../api/client-errors.ts';
import type { WorkerStatus } from '../../api/types.ts';
import type { Managed } from '../../forensics/types.ts';
import { UsageError } from '../context.ts';

const ASK_EVERY_MS = 1_000;

export interface Company {
  pid: number;
  managed: () => Managed | null;
  acknowledged: () => number | null;
  told: () => { usedBytes: number; realBytes: number } | null;
  stop: () => void;
}

const managedOf = (row: WorkerStatus): Managed => ({
  worker: row.name,
  program: row.program,
  trend: row.trend,
  growthBytesPerMinute: row.growthBytesPerMinute,
  growthBytesPerMessage: row.growthBytesPerMessage,
  inFlight: row.inFlight,
  softBytes: row.softBytes,
  hardBytes: row.hardBytes,
});

/** The one living worker of this name. */
const workerNamed = async (client: Client, name: string): Promise<WorkerStatus & { pid: number }> => {
  const { workers } = await client.status([name]);
  const [only, ...more] = workers;
  if (more.length > 0)
    throw new UsageError(
      `diagnose: ${name} has ${workers.length} workers, expected one of them: ${workers.map((row) => row.name).join(', ')}`,
    );
  if (only === undefined || only.pid === null)
    throw new ClientError('notRunning', 1, `${name} is ${only?.state ?? 'unknown'}: there is no process to look at`);
  return { ...only, pid: only.pid };
};

/** The worker of this process; null: it is nobody's, or no controller answers. */
const workerOfPid = async (client: Client, pid: number): Promise<WorkerStatus | null> => {
  try {
    return (await client.status([])).workers.find((row) => row.pid === pid) ?? null;
  } catch (error) {
    if (error instanceof ClientError) return null;
    throw error;
  }
};

/** @throws UsageError, ClientError where a name was asked for and the controller cannot tell its process */
export const accompany = async (
  client: Client | null,
  asked: { name: string | null; pid: number | null },
): Promise<Company> => {
  const { name, pid } = asked;
  if (client === null || (name === null && pid === null)) return alone(pid ?? 0);
  const row = name === null ? await workerOfPid(client, pid ?? 0) : await workerNamed(client, name);
  if (row === null || row.pid === null) return alone(pid ?? 0);
  return follow(client, row, row.pid);
};

const alone = (pid: number): Company => ({
  pid,
  managed: () => null,
  acknowledged: () => null,
  told: () => null,
  stop: () => undefined,
});

/** Its row, as long as it is about this very process. A controller that goes away meanwhile leaves what it said last. */
const follow = (client: Client, first: WorkerStatus, pid: number): Company => {
  let row = first;
  let stopped = false;
  const ask = async (): Promise<void> => {
    const next = (await client.status([first.name])).workers.find((each) => each.pid === pid);
    if (next !== undefined) row = next;
  };
  let timer = setTimeout(again, ASK_EVERY_MS);
  function again(): void {
    void ask()
      .catch(() => undefined)
      .then(() => {
        if (!stopped) timer = setTimeout(again, ASK_EVERY_MS);
      });
  }
  return {
    pid,
    managed: () => managedOf(row),
    acknowledged: () => row.acknowledged,
    told: () =>
      row.zendHeapBytes === null || row.zendHeapRealBytes === null
        ? null
        : { usedBytes: row.zendHeapBytes, realBytes: row.zendHeapRealBytes },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
