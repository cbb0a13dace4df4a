/** The process of the embedded broker: spawned, waited for, watched, ended; always by identity, never by a bare pid. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { isAlive, signalProcess } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { findExecutable } from '../linux/find-executable.ts';
import { nodeEnvironment } from './embedded-files.ts';
import type { BrokerFiles, NodeSettings } from './embedded-files.ts';
import { readRecordedProcess } from './embedded-record.ts';
import { probeBroker } from './probe.ts';

// Debian's /usr/sbin/rabbitmq-server, run by root, switches to another user, who may not read our 0700 folder.
const SERVERS = ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'];
/**
 * Writes its own stat line, then becomes the node: pid and start time stay, and nothing unrecorded ever runs. Its output goes into a
 * file, since a pipe of ours would break with us.
 */
const RECORD_AND_EXEC = 'umask 077; exec > "$1" 2>&1; cat "/proc/$$/stat" > "$2" || exit 126; shift 2; exec "$@"';

const START_DEADLINE_MS = 120_000;
const STILL_STARTING_MS = 5_000;
const PROBE_TIMEOUT_MS = 5_000;
const PROBE_EVERY_MS = 100;
const RECORD_POLL_MS = 5;
const EXIT_POLL_MS = 100;
const STOP_DEADLINE_MS = 15_000;
const KILL_DEADLINE_MS = 5_000;
const EXCERPT_LINES = 12;

/** The start script of an installed RabbitMQ. Throws a sentence that says how to get one. */
export function findServer(): string {
  for (const name of SERVERS) {
    const found = findExecutable(name, '/', `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`);
    if ('path' in found) return found.path;
  }
  throw new Error(
    'The embedded broker needs RabbitMQ, and rabbitmq-server was not found. On Debian: apt-get install rabbitmq-server (then ' +
      '`systemctl disable --now rabbitmq-server`, unless you also want it as a service). Or set broker.url to a broker you have.',
  );
}

/** Spawn the node in its own session, without a terminal or pipe of ours. Rejects when it ends before it recorded itself. */
export async function spawnNode(
  server: string,
  files: BrokerFiles,
  settings: NodeSettings,
): Promise<{ node: ProcessIdentity; exited: Promise<void> }> {
  const child = execa('sh', ['-c', RECORD_AND_EXEC, 'sh', files.output, files.process, server], {
    cwd: '/',
    env: nodeEnvironment(files, settings),
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    stdio: 'ignore',
  });
  const ended = child.then(() => undefined);
  child.unref();
  const node = await untilRecorded(files, child.pid ?? null, ended);
  if (node === null) throw new Error(`The embedded broker could not be started:\n${excerpt(files)}`);
  return { node, exited: ended };
}

async function untilRecorded(
  files: BrokerFiles,
  pid: number | null,
  ended: Promise<void>,
): Promise<ProcessIdentity | null> {
  // The line appears within milliseconds, or the process ends: no other deadline is needed.
  for (;;) {
    const hasEnded = await Promise.race([ended.then(() => true), wait(RECORD_POLL_MS, false)]);
    const node = readRecordedProcess(files);
    if (node !== null && node.pid === pid) return node;
    if (hasEnded) return null;
  }
}

/** Resolves once this process, which is not our child, is gone. There is no event for that: it is looked for. */
export async function watchExit(node: ProcessIdentity): Promise<void> {
  while (isAlive(node)) await wait(EXIT_POLL_MS, undefined, { ref: false });
}

export interface Waiting {
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** Wait until the node lets us log in. */
export async function untilAnswering(
  url: string,
  exited: Promise<void>,
  { log, signal }: Waiting,
): Promise<'answers' | 'exited' | 'deadline' | 'cancelled'> {
  const began = performance.now();
  let said = began;
  while (performance.now() - began < START_DEADLINE_MS) {
    const { reachable } = await probeBroker([url], {
      timeoutMs: PROBE_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (signal?.aborted === true) return 'cancelled';
    if (reachable) return 'answers';
    if (performance.now() - said >= STILL_STARTING_MS) {
      said = performance.now();
      log(`The embedded broker is still starting, for ${Math.round((said - began) / 1000)} s now.`);
    }
    if (await Promise.race([exited.then(() => true), wait(PROBE_EVERY_MS, false)])) return 'exited';
  }
  return 'deadline';
}

/** End the node: SIGTERM (RabbitMQ then closes its database in order), SIGKILL after the deadline. */
export async function endNode(node: ProcessIdentity, exited: Promise<void>): Promise<'ended' | 'killed'> {
  signalProcess(node, 'SIGTERM');
  if (await within(exited, STOP_DEADLINE_MS)) return 'ended';
  signalProcess(node, 'SIGKILL');
  if (await within(exited, KILL_DEADLINE_MS)) return 'killed';
  throw new Error(`The embedded broker (pid ${node.pid}) is still there after SIGKILL; it hangs in the kernel.`);
}

async function within(exited: Promise<void>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const deadline = wait(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const gone = await Promise.race([exited.then(() => true), deadline]);
  timer.abort();
  return gone;
}

/** The last lines that the node printed, to be shown to a person. */
export function excerpt(files: BrokerFiles): string {
  return readFileSync(files.output, 'utf8').trimEnd().split('\n').slice(-EXCERPT_LINES).join('\n');
}
