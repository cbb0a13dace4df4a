/** A real broker, queues with numbered messages, and PHP workers behind gates of their own, for the tests of this folder. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { startEmbeddedBroker } from '../../../src/broker/embedded.ts';
import type { EmbeddedBroker } from '../../../src/broker/embedded.ts';
import { openGate } from '../../../src/gate/open-gate.ts';
import type { Gate, GateOptions } from '../../../src/gate/open-gate.ts';
import type { GateReport } from '../../../src/gate/reports.ts';
import { readTcpPeer } from '../../../src/linux/tcp-peer.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gate');
const POLL_MS = 5;

export interface Site {
  broker: EmbeddedBroker;
  dir: string;
  channel: ConfirmChannel;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), 'ackwarden-gate-'));
  const broker = await startEmbeddedBroker({ dataDir: dir, log: () => undefined });
  const connection: ChannelModel = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  return {
    broker,
    dir,
    channel,
    close: async () => {
      await connection.close();
      await broker.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A queue with the messages `0 … count-1`. */
export async function fill(site: Site, queue: string, count: number, type = 'classic'): Promise<void> {
  await site.channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } });
  for (let id = 0; id < count; id += 1) site.channel.sendToQueue(queue, Buffer.from(String(id)));
  await site.channel.waitForConfirms();
}

/** Where the package php-amqp is not installed, its tests are skipped. */
export const hasExtAmqp = (): boolean =>
  spawnSync('php', ['-r', 'exit(extension_loaded("amqp") ? 0 : 1);']).status === 0;

export interface WorkerOptions {
  queue: string;
  mode: 'consume' | 'get' | 'batch' | 'noack' | 'tx';
  prefetch: number;
  maxSleepUs: number;
  log: string;
  /** The library it is written with; default php-amqplib. */
  library?: 'php-amqplib' | 'ext-amqp';
  /** Where its complaints go; `ignore` where they are expected. */
  stderr?: 'inherit' | 'ignore';
}

export interface Reported {
  reports: GateReport[];
  /** The first report of this kind, past or to come; rejects after 30 s. */
  next(kind: GateReport['kind'], sinceIndex?: number): Promise<GateReport>;
}

export interface GatedWorker extends Reported {
  gate: Gate;
  child: ChildProcess;
  /** SIGKILL, and all of its gate gone. */
  kill(): Promise<void>;
}

export async function startGated(
  site: Site,
  worker: WorkerOptions,
  options: Partial<GateOptions> = {},
): Promise<GatedWorker> {
  const { reported, onReport } = recorder();
  const gate = await openGate({
    upstream: { host: site.broker.host, port: site.broker.port },
    prefetch: null,
    admit: () => Promise.resolve(true),
    listen: '127.0.0.1',
    hasRead: async ({ port }) => (await readTcpPeer(port, gate.port))?.unread === 0,
    onReport,
    ...options,
  });
  const child = startWorker(site, worker, gate.port);
  const kill = async (): Promise<void> => {
    await end(child);
    await gate.close();
  };
  return { ...reported, gate, child, kill };
}

/** A worker at a port: the gate's, or the broker's own. */
export function startWorker(site: Site, worker: WorkerOptions, port: number): ChildProcess {
  const { queue, mode, prefetch, maxSleepUs, log, library, stderr = 'inherit' } = worker;
  const { username, password } = new URL(site.broker.url);
  const args = [port, username, password, queue, mode, prefetch, maxSleepUs, log].map(String);
  const script = join(FIXTURES, library === 'ext-amqp' ? 'ext-worker.php' : 'worker.php');
  return spawn('php', [script, ...args], { stdio: ['ignore', 'ignore', stderr] });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
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
  deadlineMs = 60_000,
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
export const doubled = (ids: string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index);
