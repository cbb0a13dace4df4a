/** Spawn specs for tests. */
import { fileURLToPath } from 'node:url';
import type { Ceilings, LogTarget, SpawnSpec, StopPlan } from '../../../src/shim/spawn-spec.ts';

export const MEBIBYTE = 1024 * 1024;

export const FIXTURES = fileURLToPath(new URL('../../fixtures/workers/', import.meta.url));

export const PLAN: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 0,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 5000,
  kill: 'afterTimeout',
};

export const NO_CEILINGS: Ceilings = { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss' };

/** A log as it is by default, except that it does not rotate. */
export function target(path: string, changes: Partial<LogTarget> = {}): LogTarget {
  const style = { format: 'text', timestamps: false, prefix: false, stripAnsi: false } as const;
  const limits = { maxSizeBytes: 0, backups: 0, daily: false, compress: false };
  return { path, ...limits, ...style, forward: false, ...changes };
}

/** A spec for `<worker>#1` that runs `argv` in `/` and logs to `<logDir>/<worker>.log`. */
export function spec(worker: string, argv: string[], logDir: string, changes: Partial<SpawnSpec> = {}): SpawnSpec {
  const stdout = target(`${logDir}/${worker.replace(':', '-')}.log`);
  return {
    incarnation: `${worker}#1`,
    note: { worker, program: worker, number: 1, role: 'current', specHash: 'hash', cause: null },
    argv,
    environment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    directory: '/',
    user: null,
    umask: 0o022,
    nice: 0,
    limits: {},
    oomScoreAdj: 500,
    ceilings: NO_CEILINGS,
    hardPlan: PLAN,
    gate: null,
    stdout,
    stderr: 'stdout',
    ...changes,
  };
}

/** Command line of a fixture of test/fixtures/workers. */
export function fixture(name: string, ...words: string[]): string[] {
  return name.endsWith('.php')
    ? ['php', '-d', 'memory_limit=-1', `${FIXTURES}${name}`, ...words]
    : [`${FIXTURES}${name}`, ...words];
}
