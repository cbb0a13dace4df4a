/** The floor: a shell that starts the same exec chain again and again in the background. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signalQuietly } from '../e2e/controller/site.ts';
import { readBootIdentity } from '../../src/linux/boot.ts';
import { execChain } from '../../src/shim/exec-chain.ts';
import { findTools } from '../../src/shim/tools.ts';
import type { SpawnSpec } from '../../src/shim/spawn-spec.ts';
import { target } from '../e2e/shim/specs.ts';
import { going, onEnd } from './cleanup.ts';
import { secondsSince, untilBooted } from './timing.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What the chain depends on, as our defaults have it. */
const chainSpec = (argv: string[]): SpawnSpec => ({
  incarnation: 'w:0#1',
  note: { worker: 'w:0', program: 'w', number: 1, role: 'current', specHash: '', cause: null },
  argv,
  environment: {},
  directory: '/',
  user: null,
  umask: 0o022,
  nice: 0,
  limits: {},
  oomScoreAdj: 500,
  ceilings: { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss' },
  hardPlan: {
    quiesce: false,
    drainTimeoutMs: 0,
    drainAttempts: 1,
    onStuckDrain: 'wait',
    settleMs: 0,
    stopSignal: 'TERM',
    stopTimeoutMs: 1000,
    kill: 'afterTimeout',
  },
  gate: null,
  stdout: target('/dev/null'),
  stderr: 'stdout',
});

/** Seconds from the exec of the shell until all have booted. */
export const shellLoop = async (command: string[], count: number): Promise<number> => {
  going();
  const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-loop-'));
  const mark = join(root, 'mark');
  const request = { spec: chainSpec(command), boot: readBootIdentity(), user: null, tools: findTools() };
  const line = (index: number): string =>
    `${execChain({ ...request, recordPath: join(root, String(index)) })
      .map(quoted)
      .join(' ')} </dev/null >>${quoted(join(root, `${index}.log`))} 2>&1 &`;
  const script = join(root, 'loop.sh');
  writeFileSync(script, `${Array.from({ length: count }, (_, index) => line(index)).join('\n')}\nwait\n`);
  const began = performance.now();
  const shell = spawn('sh', [script], { stdio: 'ignore', env: { ...process.env, MARK: mark } });
  const gone = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  const end = onEnd(async () => {
    // Each is a child of the living shell, which has not reaped it: the pid is still its own.
    for (const pid of readFileSync(mark, { encoding: 'utf8', flag: 'a+' }).trim().split('\n').filter(Boolean))
      signalQuietly(Number(pid), 'SIGKILL');
    await gone;
    rmSync(root, { recursive: true, force: true });
  });
  await untilBooted(mark, count);
  const seconds = secondsSince(began);
  await end();
  return seconds;
};
