/** A command that runs beside a worker (a hook, a ready check): as its user, in its directory, with a deadline, its output bounded. */
import { spawn } from 'node:child_process';
import { monotonicMs } from '../linux/clock.ts';
import { sendSignal } from '../linux/process-identity.ts';
import type { ChainUser } from './exec-chain.ts';

/** The end of what it said is kept. */
const OUTPUT_BYTES = 2000;
/** How long the rest of its output is waited for once it has ended. */
const OUTPUT_GRACE_MS = 50;

export interface SideCommand {
  argv: readonly string[];
  environment: Record<string, string>;
  directory: string;
  /** Null: stay who we are. */
  user: ChainUser | null;
  setpriv: string;
  timeoutMs: number;
  /** Ends it at once. */
  cancelled: AbortSignal;
}

export interface SideOutcome {
  ok: boolean;
  /** `exited with status 1`, `was killed after 30 s` … */
  how: string;
  output: string;
  tookMs: number;
}

/** Run it to its end; never rejects. It has its own process group, and all of that ends with a SIGKILL at the deadline. */
export function runBeside(command: SideCommand): Promise<SideOutcome> {
  const { argv, environment, directory, user, setpriv, timeoutMs, cancelled } = command;
  const became = user === null ? [] : [setpriv, `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
  const [program = '', ...words] = [...became, ...argv];
  const began = monotonicMs();
  let tail: Buffer = Buffer.alloc(0);
  return new Promise((settle) => {
    const end = (ok: boolean, how: string): void => {
      clearTimeout(late);
      cancelled.removeEventListener('abort', cancel);
      const output = tail.toString('utf8').trim();
      settle({ ok, how, output, tookMs: Math.round(monotonicMs() - began) });
    };
    if (cancelled.aborted) {
      settle({ ok: false, how: 'was not run: its worker is on its way out', output: '', tookMs: 0 });
      return;
    }
    const child = spawn(program, words, {
      cwd: directory,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let killed: string | null = null;
    const kill = (why: string): void => {
      killed ??= why;
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL');
    };
    const late = setTimeout(() => kill(`was killed after ${timeoutMs / 1000} s (its deadline)`), timeoutMs);
    const cancel = (): void => kill('was killed, because its worker is on its way out');
    cancelled.addEventListener('abort', cancel);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (tail = Buffer.concat([tail, chunk]).subarray(-OUTPUT_BYTES)));
      stream.on('error', () => stream.destroy());
    }
    child.once('error', (error) => end(false, `could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      const how = killed ?? (signal === null ? `exited with status ${code}` : `was ended by ${signal}`);
      const done = setTimeout(() => finish(), OUTPUT_GRACE_MS);
      const finish = (): void => {
        clearTimeout(done);
        // Whoever it left in the background may go on, but we read no more of it.
        child.stdout.destroy();
        child.stderr.destroy();
        end(code === 0 && killed === null, how);
      };
      child.once('close', finish);
    });
  });
}
