/**
 * `perf record -e page-faults` on a living process: who touches new memory. Tracing costs the process a little at each sampled fault
 * and never stops it. perf ends by itself with the `sleep` that it runs, whatever becomes of us.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findExecutable } from '../linux/find-executable.ts';
import { parsePerfScript } from './perf-script.ts';
import type { FaultFacts } from './types.ts';

/** Enough to know who it is; more would only cost the process more. */
const SAMPLES_PER_SECOND = 150;
/** Of the stack at each sample: PHP and its extensions are built without frame pointers, so it is unwound afterwards. */
const STACK_BYTES = 8_192;
const MOST_FILE = '48M';
const SCRIPT_DEADLINE_MS = 30_000;
/** On a crowded host perf begins late, and so it ends late. */
const LATE_MS = 8_000;
const END_GRACE_MS = 5_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
const MOST_ERROR_BYTES = 4_096;

const NOT_INSTALLED =
  'perf is not installed (Debian: apt-get install linux-perf; Ubuntu: apt-get install linux-tools-$(uname -r))';
/** From here on (a patch of Debian and Ubuntu) nobody but root may, not even for their own processes. */
const CLOSED = 3;

/** Not a thing that is not known: it touched no new memory. */
export const NO_FAULT = 'perf saw no page fault';

const nothing = (why: string): FaultFacts => ({ why, total: 0, samples: 0, objects: [], chains: [] });

export interface Recording {
  /** Once the window is over, or (`now`) its process is gone: read what was recorded. Never rejects. */
  faults(now: boolean): Promise<FaultFacts>;
}

/**
 * @param faultsPerSecond as counted just before; null: unknown
 * @returns a recording that tells why, where there is no perf or it is refused
 */
export const recordFaults = (pid: number, seconds: number, faultsPerSecond: number | null): Recording => {
  const found = findExecutable('perf', '/', process.env['PATH']);
  if ('problem' in found) return { faults: () => Promise.resolve(nothing(NOT_INSTALLED)) };
  const folder = mkdtempSync(join(tmpdir(), 'ackwarden-perf-'));
  const file = join(folder, 'perf.data');
  const every = Math.max(1, Math.round((faultsPerSecond ?? 0) / SAMPLES_PER_SECOND));
  const args = ['record', '--quiet', '-e', 'page-faults', '-c', String(every), '--call-graph', `dwarf,${STACK_BYTES}`];
  const child = spawn(
    found.path,
    [...args, '--max-size', MOST_FILE, '-p', String(pid), '-o', file, '--', 'sleep', seconds.toFixed(1)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < MOST_ERROR_BYTES) said += chunk.toString();
  });
  child.on('error', (error) => (said += error.message));
  return {
    faults: async (now) => {
      try {
        await ended(child, now ? 0 : LATE_MS);
        return await read(found.path, file, said);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
};

/** It ends by itself, with its `sleep`; on SIGINT at once. In both cases it writes out what it has. */
const ended = async (child: ChildProcess, patienceMs: number): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'close');
  const early = setTimeout(() => child.kill('SIGINT'), patienceMs);
  const late = setTimeout(() => child.kill('SIGKILL'), patienceMs + END_GRACE_MS);
  await exit;
  clearTimeout(early);
  clearTimeout(late);
};

const read = async (perf: string, file: string, said: string): Promise<FaultFacts> => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return nothing(refusal(said));
  const script = await perfScript(perf, file);
  // A recording of nothing cannot be read either, and that it was refused says more.
  if ('why' in script) return nothing(said === '' ? script.why : refusal(said));
  const faults = parsePerfScript(script.text);
  if (faults.total > 0) return { why: null, ...faults };
  return nothing(said === '' || said.includes('Woken up') ? NO_FAULT : refusal(said));
};

const perfScript = (perf: string, file: string): Promise<{ text: string } | { why: string }> =>
  new Promise((settle) => {
    const args = ['script', '--no-inline', '-F', 'period,ip,sym,dso', '-i', file];
    const options = { timeout: SCRIPT_DEADLINE_MS, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT_BYTES } as const;
    execFile(perf, args, options, (error, stdout, stderr) =>
      settle(
        error === null
          ? { text: stdout }
          : { why: `perf recorded nothing that it can read${stderr === '' ? '' : `: ${firstLine(stderr)}`}` },
      ),
    );
  });

/**
 * What perf said, in a sentence that tells what to do.
 *
 * @param paranoid kernel.perf_event_paranoid; null: not readable
 */
export const refusal = (said: string, paranoid: number | null = readParanoid()): string => {
  if (/perf_event_paranoid|permission|not permitted|Access to performance/i.test(said))
    return `perf is refused: ${(paranoid ?? 0) >= CLOSED ? forAll(paranoid ?? 0) : OTHERS}`;
  if (/not found for kernel|cannot find|linux-tools/i.test(said))
    return `perf is not made for this kernel: ${firstLine(said)}; install the linux-perf of the running kernel`;
  return said.trim() === '' ? 'perf recorded nothing' : `perf recorded nothing: ${firstLine(said)}`;
};

const OTHERS =
  'run diagnose as root, or as the user of the process; root of a container needs CAP_PERFMON and CAP_SYS_PTRACE';
const forAll = (paranoid: number): string =>
  `kernel.perf_event_paranoid is ${paranoid}; run diagnose as root, or sysctl kernel.perf_event_paranoid=2 for processes of the same user`;

const readParanoid = (): number | null => {
  try {
    return Number.parseInt(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'), 10);
  } catch {
    return null;
  }
};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
