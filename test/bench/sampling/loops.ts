/** What is measured: a sampler over living processes with all that a controller does with its samples, and the bare readings to hold against it. */
import { Hearing } from '../../../src/controller/hearing.ts';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import { readStat } from '../../../src/linux/process-identity.ts';
import { ProcFile } from '../../../src/linux/proc-file.ts';
import { Sampler } from '../../../src/shim/sampler.ts';
import type { SamplesMessage } from '../../../src/shim/samples-message.ts';
import { Driven } from '../../unit/core/driven.ts';

const GIB = 2 ** 30;
const CEILINGS = { softBytes: GIB, hardBytes: 2 * GIB, killBytes: 3 * GIB, metric: 'rss' } as const;
const GROWTH = { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' } as const;
/** As in sampler.ts: every so many readings all is read. */
const FULL_EVERY = 4;

export interface Pace {
  intervalMs: number;
  /** So much faster than that it begins. */
  lapse: number;
}

export interface Loop {
  /** Warm: go on at the pace that is measured. */
  settle: () => void;
  /** Readings of a worker so far. */
  samples: () => number;
}

/** The controller's half over living workers; `take` hears a message of the shim. */
const controller = (count: number): { take: (message: SamplesMessage) => void } => {
  const { state } = Driven.up({ workers: count, ceilings: CEILINGS, growth: GROWTH }, count);
  const samples = new SampleStore();
  for (const [handle, { name, life }] of Object.values(state.workers).entries()) {
    if (life.state !== 'RUNNING') throw new Error(`${name} does not run`);
    samples.track(handle, life.incarnation.id);
  }
  // What it would tell: nothing, of workers that are far from their ceilings.
  const parts = {
    samples,
    core: () => state,
    post: () => undefined,
    scribe: { say: () => '' },
    evidence: { take: () => undefined },
  };
  const hearing = new Hearing(parts as unknown as ConstructorParameters<typeof Hearing>[0]);
  return { take: (message) => hearing.message(message, 1) };
};

/**
 * A supervisor runs for weeks. While it is warmed the controller is told that `intervalMs` passed from one reading to the next, so that the
 * windows in which growth is judged fill in seconds, and V8 has compiled all of it.
 */
export const samplerLoop = (pids: readonly number[], { intervalMs, lapse }: Pace): Loop => {
  const { take } = controller(pids.length);
  let [samples, warm, ahead] = [0, false, 0];
  const sampler = new Sampler(intervalMs / lapse, {
    crossed: () => undefined,
    wantsSamples: () => true,
    samples: (message) => {
      if (!warm) ahead += intervalMs - intervalMs / lapse;
      // Over the socket it goes as a line of JSON.
      take(JSON.parse(JSON.stringify({ ...message, at: message.at + ahead })) as SamplesMessage);
      samples += pids.length - (message.unread?.length ?? 0);
    },
  });
  for (const [handle, pid] of pids.entries()) {
    const startTime = readStat(pid)?.startTime;
    if (startTime === undefined) throw new Error(`pid ${pid} is gone`);
    sampler.add(handle, { pid, startTime }, { ceilings: CEILINGS, gate: null });
  }
  const settle = (): void => {
    warm = true;
    sampler.setInterval(intervalMs);
  };
  return { settle, samples: () => samples };
};

/** As often, the kernel's files alone, and nothing made of them: `statm`, every fourth time `status`, `stat` and `children` in its place. */
export const bareLoop = (pids: readonly number[], { intervalMs, lapse }: Pace): Loop => {
  const open = (pid: number, name: string): ProcFile => new ProcFile(`/proc/${pid}/${name}`);
  const workers = pids.map((pid) => ({
    quick: open(pid, 'statm'),
    full: [open(pid, 'status'), open(pid, 'stat'), open(pid, `task/${pid}/children`)],
  }));
  const buffer = Buffer.allocUnsafe(64 * 1024);
  let [tick, samples] = [0, 0];
  const read = (): void => {
    tick += 1;
    for (const [index, { quick, full }] of workers.entries()) {
      if ((tick + index) % FULL_EVERY === 0) for (const file of full) file.read(buffer);
      else quick.read(buffer);
      samples += 1;
    }
  };
  const timer = setInterval(read, intervalMs / lapse);
  const settle = (): void => {
    clearInterval(timer);
    setInterval(read, intervalMs);
  };
  return { settle, samples: () => samples };
};
