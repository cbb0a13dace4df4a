/** The core's state and the newest samples as the JSON of `status` (docs/design.md, section 9). */
import type { HostStatus, Status, WorkerStateName, WorkerStatus } from '../api/types.ts';
import { maskCommand } from '../config/mask.ts';
import type { Config } from '../config/types.ts';
import { isFutile } from '../core/futile.ts';
import type { CoreState, Incarnation, Life, Stopped, WorkerState } from '../core/types.ts';
import { fleetOf } from './fleet.ts';
import type { FleetMember } from './fleet.ts';
import type { SampleStore, Tracked } from './sample-store.ts';
import type { Scribe } from './scribe.ts';
import { holdText } from './hold-text.ts';
import { dateOf, seconds } from './words.ts';

export interface StatusSources {
  config: Config;
  core: CoreState;
  samples: SampleStore;
  scribe: Scribe;
  host: HostStatus;
  controller: Status['controller'];
  warnings: string[];
  now: number;
}

/** @param names the workers asked for, in the order of workers.yaml */
export const buildStatus = (sources: StatusSources, names: readonly string[]): Status => ({
  controller: sources.controller,
  host: sources.host,
  workers: names.flatMap((name) => {
    const worker = sources.core.workers[name];
    const member = fleetOf(sources.config).get(name);
    return worker === undefined || member === undefined ? [] : [workerStatus(sources, worker, member)];
  }),
  warnings: sources.warnings,
});

const workerStatus = (sources: StatusSources, worker: WorkerState, member: FleetMember): WorkerStatus => {
  const current = 'incarnation' in worker.life ? worker.life.incarnation : null;
  const tracked = current === null ? null : sources.samples.of(current.id);
  const replacement = worker.life.state === 'RUNNING' ? (worker.life.swap?.replacement ?? null) : null;
  const last = sources.scribe.lastOf(worker.name);
  return {
    name: worker.name,
    program: worker.program,
    state: shownState(worker.life, tracked),
    pid: current?.pid ?? null,
    incarnation: current?.number ?? null,
    startedAt: current === null || current.spawnedWall === 0 ? null : new Date(current.spawnedWall).toISOString(),
    command: maskCommand(member.worker.command).join(' '),
    ...memoryOf(tracked),
    ...cpuOf(tracked),
    ...ceilingsOf(sources, worker),
    ...zendOf(tracked),
    ...gateOf(tracked, sources.now),
    restarts: worker.restarts,
    recycles: worker.recycles,
    replacement:
      replacement === null ? null : { pid: replacement.pid, incarnation: replacement.number, state: 'STARTING' },
    leaving: worker.leaving.map((old) => ({
      pid: old.pid,
      incarnation: old.number,
      phase: sources.samples.of(old.id)?.gate?.draining === 1 ? 'draining' : 'signalled',
    })),
    lastAction:
      last === null
        ? null
        : {
            id: last.id,
            time: last.outcome?.time ?? last.time,
            action: last.action,
            text: joined(last.reason.text, last.outcome?.text ?? null),
          },
    note: noteOf(sources, worker),
  };
};

const joined = (reason: string, outcome: string | null): string =>
  outcome === null ? reason : `${reason}; ${outcome}`;

/** A worker whose gate hands out nothing more is DRAINING until the signal. */
export const shownState = (life: Life, tracked: Tracked | null): WorkerStateName =>
  life.state === 'STOPPING' && tracked?.gate?.draining === 1 ? 'DRAINING' : life.state;

type MemoryFields = Pick<
  WorkerStatus,
  | 'rssBytes'
  | 'swapBytes'
  | 'pssBytes'
  | 'anonBytes'
  | 'virtualBytes'
  | 'treeBytes'
  | 'trend'
  | 'growthBytesPerMinute'
  | 'oomScore'
  | 'oomScoreAdj'
  | 'sampledAt'
  | 'threads'
>;

const memoryOf = (tracked: Tracked | null): MemoryFields => {
  const sample = tracked?.sample ?? null;
  return {
    rssBytes: sample?.rssBytes ?? null,
    swapBytes: sample?.swapBytes ?? null,
    pssBytes: sample?.pssBytes ?? null,
    anonBytes: sample?.anonBytes ?? null,
    virtualBytes: sample?.virtualBytes ?? null,
    treeBytes: sample?.treeBytes ?? null,
    trend: tracked?.trend ?? 'unknown',
    growthBytesPerMinute: tracked?.growth?.bytesPerMinute ?? null,
    oomScore: sample?.oomScore ?? null,
    oomScoreAdj: sample?.oomScoreAdj ?? null,
    sampledAt: tracked?.wall == null ? null : new Date(tracked.wall).toISOString(),
    threads: sample?.threads ?? null,
  };
};

const cpuOf = (tracked: Tracked | null): NonNullable<Tracked['rates']> =>
  tracked?.rates ?? {
    cpuPercent: null,
    userPercent: null,
    systemPercent: null,
    voluntarySwitchesPerSecond: null,
    involuntarySwitchesPerSecond: null,
  };

const ceilingsOf = (
  sources: StatusSources,
  worker: WorkerState,
): Pick<WorkerStatus, 'softBytes' | 'hardBytes' | 'killBytes'> => {
  const ceilings = sources.core.programs[worker.program]?.ceilings;
  return {
    softBytes: ceilings?.softBytes ?? null,
    hardBytes: ceilings?.hardBytes ?? null,
    killBytes: ceilings?.killBytes ?? null,
  };
};

/** Native memory: what is anonymous and not in chunks of the Zend heap; a chunk need not be resident, so it is at least that. */
const zendOf = (tracked: Tracked | null): Pick<WorkerStatus, 'zendHeapBytes' | 'zendHeapRealBytes' | 'nativeBytes'> => {
  const { zendHeapBytes = null, zendHeapRealBytes = null, anonBytes = null } = tracked?.sample ?? {};
  const nativeBytes =
    anonBytes === null || zendHeapRealBytes === null ? null : Math.max(0, anonBytes - zendHeapRealBytes);
  return { zendHeapBytes, zendHeapRealBytes, nativeBytes };
};

type GateFields = Pick<
  WorkerStatus,
  | 'inFlight'
  | 'oldestUnacknowledgedSeconds'
  | 'prefetch'
  | 'delivered'
  | 'acknowledged'
  | 'redelivered'
  | 'growthBytesPerMessage'
>;

const gateOf = (tracked: Tracked | null, now: number): GateFields => {
  const gate = tracked?.gate ?? null;
  const oldest = gate?.oldestUnacknowledgedAt ?? null;
  return {
    inFlight: gate?.inFlight ?? null,
    oldestUnacknowledgedSeconds: oldest === null ? null : Math.max(0, Math.round((now - oldest) / 100) / 10),
    prefetch: gate?.prefetch ?? null,
    delivered: gate?.delivered ?? null,
    acknowledged: gate?.acknowledged ?? null,
    redelivered: gate?.redelivered ?? null,
    growthBytesPerMessage: tracked?.growth?.bytesPerMessage ?? null,
  };
};

/** Why it is not running; null where all is well. What to do about it is the client's part (cli/attention.ts). */
const noteOf = (sources: StatusSources, worker: WorkerState): string | null => {
  const { life } = worker;
  switch (life.state) {
    case 'BACKOFF':
      return `${BACKOFF_NOTES[life.why] ?? 'failed to stay up'}; next try in ${seconds(Math.max(0, life.until - sources.now))}`;
    case 'FATAL':
      return FATAL_NOTES[life.why] ?? 'it failed too often and was given up';
    case 'STOPPING':
      return `waiting for ${pidOf(life.incarnation)} to end, SIGKILL at the latest when stopTimeout has passed`;
    case 'RUNNING':
      if (sources.core.mode === 'shuttingDown') return 'it is stopped once the programs that stand on it are gone';
      return isFutile(sources.core, worker.program, 'memory.soft')
        ? `memory.soft is too low for what a fresh worker needs (ackwarden explain ${worker.name})`
        : null;
    case 'STOPPED':
      if (life.hold !== undefined) return holdText(life.hold);
      return worker.wanted === 'up'
        ? 'it starts as soon as there is a shim'
        : `${stoppedText(sources.core.stopped[worker.name])}; ackwarden start ${worker.name} starts it`;
    case 'STARTING': {
      const check = sources.core.programs[worker.program]?.ready ?? null;
      return check === null || life.incarnation.readyAt !== undefined
        ? null
        : `waits to be ready (${check.shown}), ${seconds(Math.max(0, life.until - sources.now))} at most`;
    }
    case 'EXITED':
      return null;
  }
};

const stoppedText = (stopped: Stopped | undefined): string =>
  stopped?.who == null ? 'stopped on purpose' : `${stopped.who} stopped it at ${dateOf(stopped.wall)}`;

const pidOf = (incarnation: Incarnation): string =>
  incarnation.pid === null ? 'its process' : `pid ${incarnation.pid}`;

const BACKOFF_NOTES: Record<string, string> = {
  'broker.down': 'the broker is away, or only just back',
  'host.reserve': 'the host has too little free memory (host.reserve)',
  'memory.hard.again': 'a fresh process passes the hard ceiling at once',
  'spawn.failed': 'cannot be started',
  'exit.tooQuick': 'exits before it counts as running',
  'ready.timeout': 'does not become ready (ready)',
  'exit.crashed': 'keeps exiting',
};

const FATAL_NOTES: Record<string, string> = {
  'fatal.retries': 'it could not be started and was given up',
  'fatal.crashLoop': 'it kept exiting unexpectedly and was given up',
};
