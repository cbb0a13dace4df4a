/** A real broker, queues with numbered messages, and PHP workers behind gates of their own, for the tests of this folder. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { execa } from 'execa';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { startEmbeddedBroker } from '../../../src/broker/embedded.ts';
import type { EmbeddedBroker } from '../../../src/broker/embedded.ts';
import type { EmbeddedRecord } from '../../../src/broker/embedded-record.ts';
import { openGate } from '../../../src/gate/open-gate.ts';
import type { Gate, GateOptions } from '../../../src/gate/open-gate.ts';
import type { GateReport } from '../../../src/gate/reports.ts';
import type { Upstream } from '../../../src/gate/upstream.ts';
import { readTcpPeer } from '../../../src/linux/tcp-peer.ts';
import { rechunk } from './rechunk.ts';
import { openChannel } from './wiped.ts';

const WORKERS = {
  'php-amqplib': join(import.meta.dirname, '../../fixtures/gate/worker.php'),
  'ext-amqp': join(import.meta.dirname, '../../fixtures/gate/ext-worker.php'),
} as const;
const POLL_MS = 5;

export interface Site {
  broker: EmbeddedBroker;
  dir: string;
  channel: ConfirmChannel;
  /** Forget all queues; the channel from then on. */
  anew(): Promise<ConfirmChannel>;
  /** Have the broker's node evaluate an Erlang expression, as its operator would with rabbitmqctl eval; resolves to its value. */
  evaluate(expression: string): Promise<string>;
  close(): Promise<void>;
}

/** A test that counts for a minute on a busy machine answers no heartbeat, and is a living client all the same. */
export const withoutHeartbeat = (url: string): string => `${url}?heartbeat=0`;

export async function openSite(): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), 'ackwarden-gate-'));
  const broker = await startEmbeddedBroker({ dataDir: dir, log: () => undefined });
  const connection: ChannelModel = await connect(withoutHeartbeat(broker.url));
  return {
    broker,
    dir,
    ...(await openChannel(connection)),
    evaluate: (expression) => evaluate(join(dir, 'broker'), expression),
    close: async () => {
      try {
        await connection.close();
      } finally {
        await broker.stop();
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

async function evaluate(folder: string, expression: string): Promise<string> {
  const { distributionPort } = JSON.parse(readFileSync(join(folder, 'broker.json'), 'utf8')) as EmbeddedRecord;
  // Of Erlang itself; rabbitmqctl is an Erlang machine of its own each time, which takes a minute to start on a busy host.
  const { stdout } = await execa('erl_call', ['-address', `127.0.0.1:${distributionPort}`, '-e'], {
    input: `${expression}\n`,
    extendEnv: false,
    // The cookie is in HOME.
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
  });
  const [, value] = /^\{ok, (.*)\}$/s.exec(stdout) ?? [];
  if (value === undefined) throw new Error(`${expression}: ${stdout}`);
  return value;
}

/** A queue with the messages `0 … count-1`; `type`: or all arguments of the queue. */
export async function fill(
  site: Pick<Site, 'channel'>,
  queue: string,
  count: number,
  type: string | Record<string, unknown> = 'classic',
): Promise<void> {
  const queueArguments = typeof type === 'string' ? { 'x-queue-type': type } : type;
  await site.channel.assertQueue(queue, { durable: true, arguments: queueArguments });
  for (let id = 0; id < count; id += 1) site.channel.sendToQueue(queue, Buffer.from(String(id)));
  await site.channel.waitForConfirms();
}

/** Where the package php-amqp is not installed, its tests are skipped. */
export const hasExtAmqp = (): boolean =>
  spawnSync('php', ['-r', 'exit(extension_loaded("amqp") ? 0 : 1);']).status === 0;

export interface WorkerOptions {
  queue: string;
  /** The fixtures say what these do, and which of them ext-amqp has. */
  mode: 'consume' | 'get' | 'batch' | 'noack' | 'tx' | 'zombie' | 'publish';
  prefetch: number;
  maxSleepUs: number;
  log: string;
  /** The library it is written with; default php-amqplib. */
  library?: keyof typeof WORKERS;
  /** Seconds; default none. */
  heartbeat?: number;
  /** What the gate says and hears, on either side, is cut into pieces of any size. */
  isCut?: boolean;
  /** Where its complaints go; `ignore` where they are expected. */
  stderr?: 'inherit' | 'ignore';
}

export interface Reported {
  reports: GateReport[];
  /** The first report of this kind, past or to come; rejects after a while. */
  readonly next: (kind: GateReport['kind'], sinceIndex?: number) => Promise<GateReport>;
}

export interface GatedWorker extends Reported {
  gate: Gate;
  child: ChildProcess;
  /** End it, and all of its gate; default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export async function startGated(
  site: Pick<Site, 'broker'>,
  worker: WorkerOptions,
  options: Partial<GateOptions> = {},
): Promise<GatedWorker> {
  const broker = { host: site.broker.host, port: site.broker.port };
  const behind = worker.isCut === true ? await rechunk(broker) : null;
  const { gate, ...reported } = await startGate(site, { upstreams: [nodeAt(behind ?? broker)], ...options });
  const before = worker.isCut === true ? await rechunk({ host: '127.0.0.1', port: gate.port }) : null;
  const child = startWorker(site, worker, before?.port ?? gate.port);
  const kill = async (signal?: NodeJS.Signals): Promise<void> => {
    await end(child, signal);
    await gate.close();
    await before?.close();
    await behind?.close();
  };
  return { ...reported, gate, child, kill };
}

export const nodeAt = ({ host, port }: { host: string; port: number }): Upstream => ({ host, port, tls: null });

/** A gate alone, that lets everybody in. */
export async function startGate(
  site: Pick<Site, 'broker'>,
  options: Partial<GateOptions> = {},
): Promise<Reported & { gate: Gate }> {
  const { reported, onReport } = recorder();
  const gate = await openGate({
    upstreams: [nodeAt(site.broker)],
    prefetch: null,
    admit: () => Promise.resolve(true),
    listen: '127.0.0.1',
    hasRead: async ({ port }) => {
      const socket = await readTcpPeer(port, gate.port);
      return socket === null || socket.unread === 0;
    },
    onReport,
    ...options,
  });
  return { ...reported, gate };
}

/** A worker at a port: the gate's, or the broker's own. */
export function startWorker(site: Pick<Site, 'broker'>, worker: WorkerOptions, port: number): ChildProcess {
  const { queue, mode, prefetch, maxSleepUs, log, library, stderr = 'inherit' } = worker;
  const { username, password } = new URL(site.broker.url);
  const args = [port, username, password, queue, mode, prefetch, maxSleepUs, log, worker.heartbeat ?? 0].map(String);
  const script = WORKERS[library ?? 'php-amqplib'];
  return spawn('php', [script, ...args], { stdio: ['ignore', 'ignore', stderr] });
}

export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

export function recorder(): { reported: Reported; onReport: (report: GateReport) => void } {
  const reports: GateReport[] = [];
  const onReport = (report: GateReport): void => void reports.push(report);
  const next = async (kind: GateReport['kind'], sinceIndex = 0): Promise<GateReport> => {
    const find = (): GateReport | undefined => reports.slice(sinceIndex).find((report) => report.kind === kind);
    await until(
      () => find() !== undefined,
      () => `a report ${kind}, there are ${JSON.stringify(reports)}`,
    );
    const found = find();
    if (found === undefined) throw new Error('vanished');
    return found;
  };
  return { reported: { reports, next }, onReport };
}

/** No event tells of a file or a queue: look until it is so. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: () => string,
  deadlineMs = 90_000,
): Promise<void> {
  const latest = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`Waited ${deadlineMs} ms in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export interface Work {
  started: string[];
  done: string[];
  /** Ids that came with the redelivered flag. */
  again: string[];
}

/** What the workers wrote down. */
export function readWork(log: string): Work {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  const words = lines.map((line) => line.split(' '));
  const ids = (wanted: string): string[] => words.filter(([verb]) => verb === wanted).map(([, id]) => String(id));
  return {
    started: ids('start'),
    done: ids('done'),
    again: words.filter(([verb, , flag]) => verb === 'start' && flag === 'again').map(([, id]) => String(id)),
  };
}

/** Ids that stand there more than once. */
export const doubled = (ids: string[]): string[] => {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
};
