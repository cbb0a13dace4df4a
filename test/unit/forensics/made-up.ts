/** Evidence as it would be of a process whose memory goes as told. */
import { emptyKinds } from '../../../src/forensics/mappings.ts';
import type {
  Advisory,
  DiagnosisEvidence,
  FaultsOf,
  Managed,
  MoreDescriptors,
  Tick,
} from '../../../src/forensics/types.ts';

export const MIB = 1024 * 1024;
const BASE = 40 * MIB;
const READINGS = 100;

/** Bytes above the base at a share (0…1) of the window. */
type Course = (share: number) => number;

export interface Story {
  seconds?: number;
  zend?: Course | null;
  native?: Course;
  /** Resident shared memory. `mapped`: how much more of it is in the address space at the end. */
  shared?: Course;
  mapped?: number;
  helper?: Course;
  /** Descriptors beyond the dozen that it always has; null: they may not be counted. */
  descriptors?: Course | null;
  more?: Partial<MoreDescriptors>[];
  cpu?: { user: number; system: number };
  /** Messages acknowledged in the window; null: no gate. */
  messages?: number | null;
  faults?: Partial<FaultsOf>[];
  change?: (evidence: DiagnosisEvidence) => void;
}

export const flat: Course = () => 0;
export const climb =
  (bytes: number): Course =>
  (share) =>
    bytes * share;
/** Up to `bytes` and back, so often. */
export const saw =
  (bytes: number, teeth: number): Course =>
  (share) =>
    bytes * ((share * teeth) % 1);
/** Fast at first, then slower and slower. */
export const warmUp =
  (bytes: number): Course =>
  (share) =>
    bytes * (1 - Math.exp(-share * 6));

const tickAt = (
  share: number,
  { seconds = 60, zend = flat, native = flat, shared = flat, helper = flat, descriptors = flat, cpu, messages }: Story,
): Tick => {
  const heap = zend === null ? null : Math.round(8 * MIB + zend(share));
  const anonBytes = Math.round(BASE + (zend === null ? 0 : zend(share)) + native(share));
  return {
    seconds: seconds * share,
    rssBytes: anonBytes + 20 * MIB + Math.round(shared(share)),
    anonBytes,
    swapBytes: 0,
    sharedBytes: Math.round(shared(share)),
    zendUsedBytes: heap,
    zendRealBytes: heap === null ? null : Math.ceil(heap / (2 * MIB)) * 2 * MIB,
    helperBytes: Math.round(helper(share)),
    descriptors: descriptors === null ? null : 12 + Math.round(descriptors(share)),
    userPercent: cpu?.user ?? 2,
    systemPercent: cpu?.system ?? 1,
    acknowledged: messages == null ? null : Math.round(messages * share),
  };
};

/** The known worker shop:0. */
export const managed = (changes: Partial<Managed> = {}): Managed => ({
  worker: 'shop:0',
  program: 'shop',
  trend: 'unknown',
  growthBytesPerMinute: null,
  growthBytesPerMessage: null,
  inFlight: 1,
  softBytes: 256 * MIB,
  hardBytes: 512 * MIB,
  ...changes,
});

export const advisory = (changes: Partial<Advisory> = {}): Advisory => ({
  id: 'newrelic-segments',
  extension: 'newrelic',
  affected: '>=9.0 <9.7',
  fixed: '9.7',
  symptom: 'segments are kept',
  per: null,
  zend: 'no',
  helper: null,
  remedy: 'upgrade to 9.7',
  link: 'https://example.org/1',
  checked: '2026-11-26',
  ...changes,
});

const faultOf = (fault: Partial<FaultsOf>): FaultsOf => ({
  object: 'newrelic.so',
  path: '/usr/lib/php/20220829/newrelic.so',
  extension: '/usr/lib/php/20220829/newrelic.so',
  faults: 5000,
  share: 0.9,
  ...fault,
});

export const madeUp = (story: Story): DiagnosisEvidence => {
  const { seconds = 60, zend = flat, native = flat, faults } = story;
  const timeline = Array.from({ length: READINGS + 1 }, (_, index) => tickAt(index / READINGS, story));
  const heapAt = (share: number): number => (zend === null ? 0 : 8 * MIB + zend(share));
  const kinds = (share: number): DiagnosisEvidence['memory']['before'] => ({
    ...emptyKinds(),
    zend: heapAt(share),
    anonymous: BASE - heapAt(0) + native(share),
    brk: 4 * MIB,
    file: 20 * MIB,
  });
  const objects = (faults ?? []).map(faultOf);
  const evidence: DiagnosisEvidence = {
    format: 1,
    takenAt: '2026-11-26T03:00:00.000Z',
    seconds,
    askedSeconds: seconds,
    survived: true,
    process: {
      pid: 5481,
      startedAt: '2026-11-26T01:00:00.000Z',
      ageSeconds: 7200,
      user: 'www-data',
      uid: 33,
      command: ['php', 'artisan', 'task:event'],
      executable: '/usr/bin/php8.2',
      directory: '/srv/shop',
      parent: null,
      isPhp: true,
      phpVersion: '8.2.30',
    },
    managed: null,
    memory: {
      before: kinds(0),
      after: kinds(1),
      grown: [],
      mappedShared: { fromBytes: 32 * MIB, toBytes: 32 * MIB + (story.mapped ?? 0) },
      peakRssBytes: null,
      why: null,
      zendWhy: zend === null ? 'it may not be read' : null,
    },
    cpu: {
      userPercent: story.cpu?.user ?? 2,
      systemPercent: story.cpu?.system ?? 1,
      voluntarySwitchesPerSecond: 100,
      involuntarySwitchesPerSecond: 1,
      minorFaultsPerSecond: 10,
      majorFaultsPerSecond: 0,
      threads: 1,
    },
    waits: [],
    stack: null,
    host: null,
    oom: { score: 668, scoreAdj: 0, place: 3, first: { pid: 1, name: 'mysqld', score: 900 } },
    helpers: [],
    descriptors: {
      why: null,
      limit: 1024,
      open: { socket: 3, pipe: 3, file: 6, other: 0 },
      more: (story.more ?? []).map((each) => ({ kind: 'socket', what: 'socket', count: 1, halfClosed: 0, ...each })),
    },
    extensions: [],
    advisories: [],
    faults: {
      why: faults === undefined ? 'perf is not installed' : null,
      total: objects.reduce((sum, { faults: count }) => sum + count, 0),
      samples: objects.length,
      objects,
      chains: [],
    },
    timeline,
    overhead: { ownCpuMs: 1, readMs: 1, readings: timeline.length, smapsMs: 1, perfSamples: null },
    notes: [],
  };
  story.change?.(evidence);
  return evidence;
};
