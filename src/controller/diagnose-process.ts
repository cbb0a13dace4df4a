/**
 * Our own executable as a child: `ackwarden diagnose --pid PID --json`, with little priority. Looking takes processor time and waits for
 * perf: not the controller's. It ends by itself at its time limit, whatever becomes of us.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { DIAGNOSIS, MOST_BUNDLE_BYTES } from './evidence-store.ts';

const NICE = 10;
const GRACE_MS = 60_000;
const MOST_ERROR_CHARACTERS = 1_000;

export interface DiagnoseOrder {
  /** dist/main.js */
  script: string;
  pid: number;
  seconds: number;
  /** Where the bundle goes: written by the child itself, so that it is there whatever becomes of us. */
  folder: string;
  socketPath: string;
  advisories: readonly string[];
}

export interface DiagnoseProcess {
  /** The JSON, or why there is none. Never rejects. */
  result: Promise<{ json: string } | { why: string }>;
  /** End it now: it tells what it has seen. */
  stop: () => void;
}

export const startDiagnose = (order: DiagnoseOrder): DiagnoseProcess => {
  const { script, pid, seconds, folder, socketPath, advisories } = order;
  const options = ['--pid', String(pid), '--seconds', String(seconds), '--svg', join(folder, 'timeline.svg')];
  const save = ['--save', join(folder, DIAGNOSIS)];
  const more = advisories.flatMap((path) => ['--advisories', path]);
  const child = spawn(
    process.execPath,
    [script, 'diagnose', ...options, ...save, ...more, '--json', '--socket', socketPath],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '', LANG: process.env['LANG'] ?? 'C' },
    },
  );
  if (child.pid !== undefined) lower(child.pid);
  return { result: resultOf(child, seconds * 1000 + GRACE_MS), stop: () => child.kill('SIGTERM') };
};

const lower = (pid: number): void => {
  try {
    setPriority(pid, NICE);
  } catch {
    // It is gone already, which its result tells.
  }
};

const resultOf = (child: ChildProcess, limitMs: number): DiagnoseProcess['result'] =>
  new Promise((settle) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let said = '';
    let why: string | null = null;
    const end = (text: string): void => {
      why ??= text;
      child.kill('SIGKILL');
    };
    const late = setTimeout(() => end(`it took longer than ${limitMs / 1000} s`), limitMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BUNDLE_BYTES) end('it has more to tell than a bundle may hold');
      else chunks.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, MOST_ERROR_CHARACTERS)));
    child.on('error', (error) => (why ??= error.message));
    child.on('close', (code, signal) => {
      clearTimeout(late);
      const json = Buffer.concat(chunks).toString('utf8');
      if (why === null && code === 0 && json !== '') settle({ json });
      else settle({ why: why ?? (firstLine(said) || `it ended with ${signal ?? `status ${code}`}`) });
    });
  });

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').replace(/^ackwarden: /, '');
