/** What a simulated run consists of: programs, how their workers behave, and what happens to them. Shrinks towards nothing at all. */
import * as fc from 'fast-check';
import type { ProgramPolicy } from '../../src/core/types.ts';

/** How the processes of a program behave while the run is noisy. */
export interface Behaviour {
  spawnFails: number;
  /** Chance that a process ends by itself before `start.seconds`, and later. */
  exitsEarly: number;
  exits: number;
  exitCode: number;
  /** Chance that a process passes `hard` some time, and that it stays over `soft`. */
  hard: number;
  soft: number;
  ignoresTerm: boolean;
  /** Chance that a process never gets ready. */
  unready: number;
}

export interface ProgramScenario {
  policy: ProgramPolicy;
  behaviour: Behaviour;
}

type Verb = 'start' | 'stop' | 'restart' | 'recycle';

export type Disturbance =
  | { kind: 'command'; verb: Verb; pick: number; all: boolean; kill: boolean }
  | { kind: 'broker'; up: boolean }
  | { kind: 'controllerRestart'; gapMs: number; losesLastEffects: boolean }
  | { kind: 'shimDeath'; gapMs: number }
  | { kind: 'shimEnd'; gapMs: number }
  | { kind: 'memory'; scarce: boolean }
  | { kind: 'lifetime' }
  | { kind: 'trend'; pick: number; leaking: boolean }
  | { kind: 'oomRefused'; pick: number }
  /** `spec`: what the processes of the programs are made of, by program. */
  | { kind: 'config'; keep: number; specs: string[]; maxConcurrent: number; auto: boolean };

export interface Scenario {
  seed: number;
  programs: ProgramScenario[];
  hostMaxConcurrent: number;
  /** What a shim does with spawns that wait in its queue when a new controller attaches. */
  queuedSpawns: 'dropped' | 'late' | 'told';
  timers: { lateChance: number; lostChance: number; twiceChance: number };
  disturbances: { afterMs: number; what: Disturbance }[];
}

const mostlyNever = (max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.double({ min: 0, max, noNaN: true }) });

/** The first of the values in two of three draws. */
const usually = <T>(first: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  spawnFails: mostlyNever(0.5),
  exitsEarly: mostlyNever(0.4),
  exits: mostlyNever(0.6),
  exitCode: fc.constantFrom(0, 1, 137),
  hard: mostlyNever(1),
  soft: mostlyNever(1),
  ignoresTerm: fc.boolean(),
  unready: mostlyNever(0.6),
});

const policy = (index: number): fc.Arbitrary<ProgramPolicy> =>
  fc
    .record({
      workers: fc.integer({ min: 1, max: 4 }),
      auto: usually(true, false),
      secondsMs: fc.constantFrom(1_000, 0, 15_000),
      retries: fc.integer({ min: 0, max: 3 }),
      restart: usually('always' as const, 'unexpected' as const, 'never' as const),
      broker: usually(null, 'main'),
      overlap: fc.boolean(),
      maxConcurrent: fc.integer({ min: 1, max: 2 }),
      budget: fc.record({ count: fc.integer({ min: 1, max: 5 }), windowMs: fc.constantFrom(60_000, 600_000) }),
      stopTimeoutMs: fc.constantFrom(10_000, 500),
      quiesce: fc.boolean(),
      oom: fc.record({
        scoreAdj: fc.constantFrom(0, 500, 900),
        policy: fc.constantFrom('byState' as const, 'fixed' as const),
      }),
      ready: usually(null, { timeoutMs: 5_000, shown: 'log "up"' }),
      after: fc.subarray(Array.from({ length: index }, (_, earlier) => `p${earlier}`)),
    })
    .map((drawn) => makePolicy(`p${index}`, drawn));

interface Drawn extends Omit<Partial<ProgramPolicy>, 'workers'> {
  workers: number;
  stopTimeoutMs?: number;
  quiesce?: boolean;
  /** What the processes of all its workers are made of. */
  spec?: string;
}

/** A policy as the controller would derive it, with whatever is given in place of the defaults. */
export const makePolicy = (name: string, drawn: Drawn): ProgramPolicy => {
  const { workers: count, stopTimeoutMs = 10_000, quiesce = false, spec = '1.a', ...given } = drawn;
  const workers = Array.from({ length: count }, (_, index) => `${name}:${index}`);
  return {
    name,
    workers,
    specs: Object.fromEntries(workers.map((worker) => [worker, spec])),
    auto: true,
    secondsMs: 1_000,
    retries: 3,
    backoffMinMs: 1_000,
    backoffMaxMs: 60_000,
    restart: 'always',
    exitCodes: [0],
    after: [],
    cpu: null,
    lifetime: null,
    stuck: null,
    ready: null,
    beforeStartMs: 0,
    broker: null,
    overlap: true,
    oom: { scoreAdj: 0, policy: 'fixed' },
    growth: null,
    maxConcurrent: 1,
    budget: { count: 10, windowMs: 600_000 },
    plan: {
      quiesce,
      drainTimeoutMs: quiesce ? 2_000 : 0,
      drainAttempts: 1,
      onStuckDrain: 'wait',
      settleMs: 50,
      stopSignal: 'TERM',
      stopTimeoutMs,
      kill: 'afterTimeout',
    },
    ceilings: { softBytes: 256, hardBytes: 512, killBytes: 640, metric: 'rss' },
    origins: { 'memory.hard': { key: `programs.${name}.memory.hard`, line: 14 } },
    ...given,
  };
};

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      verb: fc.constantFrom('stop' as const, 'start' as const, 'restart' as const, 'recycle' as const),
      pick: fc.nat(20),
      all: fc.boolean(),
      kill: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('broker' as const), up: usually(true, false) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('controllerRestart' as const),
      gapMs: fc.constantFrom(50, 1, 20_000),
      losesLastEffects: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shimDeath' as const), gapMs: fc.constantFrom(500, 30_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shimEnd' as const), gapMs: fc.constantFrom(500, 30_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('memory' as const), scarce: usually(false, true) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lifetime' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('trend' as const), pick: fc.nat(20), leaking: usually(true, false) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('oomRefused' as const), pick: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('config' as const),
      keep: usually(0xfff, 0, 1, 5, 0xff7),
      // Of another version (before the dot): it cannot be compared.
      specs: fc.array(fc.constantFrom('1.a', '1.b', '1.c', '2.a'), { minLength: 3, maxLength: 3 }),
      maxConcurrent: fc.integer({ min: 1, max: 2 }),
      auto: fc.boolean(),
    }),
  },
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  programs: fc
    .integer({ min: 1, max: 3 })
    .chain((count) =>
      fc.tuple(...Array.from({ length: count }, (_, index) => fc.record({ policy: policy(index), behaviour }))),
    ),
  hostMaxConcurrent: fc.integer({ min: 1, max: 3 }),
  queuedSpawns: fc.constantFrom('dropped' as const, 'late' as const, 'told' as const),
  timers: fc.record({ lateChance: mostlyNever(0.2), lostChance: mostlyNever(0.05), twiceChance: mostlyNever(0.2) }),
  disturbances: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 90_000 })),
      what: disturbance,
    }),
    { maxLength: 40, size: 'max' },
  ),
});
