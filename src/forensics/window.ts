/** The window of a diagnosis: readings, host, perf, from its begin to its end or that of the process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { descriptorLimit } from '../linux/proc-fd.ts';
import { readSocketEnds } from '../linux/proc-net.ts';
import { readStat } from '../linux/process-identity.ts';
import { monotonicMs } from '../linux/clock.ts';
import { hostLine, readHostCounters } from '../linux/vmstat.ts';
import { ZendReader } from '../linux/zend-reader.ts';
import { descriptorFacts, readTargets } from './descriptors.ts';
import { Helpers } from './helpers.ts';
import type { Identity } from './identity.ts';
import type { MappingReading } from './mappings.ts';
import { oomOf } from './oom.ts';
import { recordFaults } from './perf.ts';
import type { Recording } from './perf.ts';
import { readMappings, textOf } from './target.ts';
import type { Read } from './target.ts';
import type { DescriptorFacts, DiagnosisEvidence, FaultFacts } from './types.ts';
import { Watch, intervalOf } from './watch.ts';
import type { WindowParts } from './watch.ts';
import { kernelStack } from './waits.ts';

/** The rate of faults is counted for so long before perf begins. */
const BEFORE_PERF_MS = 500;

export interface WindowOptions extends Pick<WindowParts, 'acknowledged' | 'told'> {
  seconds: number;
  /** Use perf where it is there. */
  perf: boolean;
  /** Called after each reading. */
  progress: (watch: Watch) => void;
  /** Ends the window early. */
  signal: AbortSignal;
}

export type MappingsRead = Read<MappingReading> & { tookMs: number };

export interface Window {
  watch: Watch;
  helpers: Helpers;
  survived: boolean;
  before: MappingsRead;
  after: MappingsRead;
  peakRssBytes: number | null;
  zendWhy: string | null;
  host: DiagnosisEvidence['host'];
  oom: DiagnosisEvidence['oom'];
  stack: string[] | null;
  faults: FaultFacts;
  descriptors: DescriptorFacts;
}

/** @param before its mappings as the window begins */
export const watchWindow = async (
  options: WindowOptions,
  { pid, startTime }: Identity,
  before: MappingsRead,
): Promise<Window> => {
  const { seconds, signal } = options;
  const openBefore = readTargets(pid);
  const limit = descriptorLimit(pid);
  const helpers = new Helpers(pid);
  const zend = new ZendReader(pid);
  const watch = new Watch({ pid, startTime, zend, helpers, acknowledged: options.acknowledged, told: options.told });
  const hostBefore = readHostCounters(monotonicMs());
  const until = performance.now() + seconds * 1000;
  let recording: Recording | null = null;
  let survived = watch.read();
  let oom = oomOf(pid);
  let stack = kernelStack(pid);
  let peakRssBytes = peakOf(pid);
  while (survived && !signal.aborted && performance.now() < until) {
    const left = until - performance.now();
    await sleep(Math.min(intervalOf(seconds), left), undefined, { signal }).catch(() => undefined);
    survived = watch.read();
    options.progress(watch);
    if (
      !survived ||
      !options.perf ||
      recording !== null ||
      watch.seconds * 1000 < Math.min(BEFORE_PERF_MS, seconds * 250)
    )
      continue;
    recording = recordFaults(pid, Math.max(0.1, (until - performance.now()) / 1000), watch.minorFaultsPerSecond);
  }
  if (survived) {
    oom = oomOf(pid);
    stack = kernelStack(pid) ?? stack;
    peakRssBytes = peakOf(pid) ?? peakRssBytes;
  }
  const after = readMappings(pid);
  const descriptors = descriptorFacts([openBefore, readTargets(pid)], limit, () => readSocketEnds(pid));
  const zendWhy = watch.ticks.at(-1)?.zendUsedBytes == null ? (zend.why ?? 'it was not found') : null;
  zend.close();
  const host = hostLine(hostBefore, readHostCounters(monotonicMs()));
  const faults = await (recording?.faults(!survived || signal.aborted) ?? Promise.resolve(noFaults(options.perf)));
  return {
    watch,
    helpers,
    survived: survived && readStat(pid) !== null,
    before,
    after,
    peakRssBytes,
    zendWhy,
    host,
    oom,
    stack,
    faults,
    descriptors,
  };
};

const noFaults = (wanted: boolean): FaultFacts => ({
  why: wanted ? 'the process ended before perf began' : 'perf was not asked (--no-perf)',
  total: 0,
  samples: 0,
  objects: [],
  chains: [],
});

const peakOf = (pid: number): number | null => {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(textOf(pid, 'status') ?? '')?.[1];
  return found === undefined ? null : Number(found) * 1024;
};
