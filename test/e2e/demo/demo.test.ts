/** The demo application on real PHP, Laravel and RabbitMQ: stops in mid-flight lose and double nothing; the leak is native. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEmbeddedBroker } from '../../../src/broker/embedded.ts';
import type { EmbeddedBroker } from '../../../src/broker/embedded.ts';

const ARTISAN = join(import.meta.dirname, '../../../deploy/demo/artisan');
const START_MS = 180_000;
const STEP_MS = 120_000;
const QUEUES = ['userCouponExpire_GB', 'orderMail'];

let folder: string;
let storage: string;
let broker: EmbeddedBroker;
const started: Artisan[] = [];

/** One artisan process; its lines can be awaited. */
class Artisan {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;
  #look: (() => void)[] = [];

  constructor(argv: string[], prefix: string[] = []) {
    const [file = 'php', ...rest] = [...prefix, 'php', ARTISAN, ...argv];
    this.process = spawn(file, rest, {
      env: { PATH: process.env['PATH'], DEMO_STORAGE: storage, ACKWARDEN_BROKER_URL: broker.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => this.#heard(line));
    }
    this.exited = new Promise((resolve) => this.process.once('close', (code) => resolve(code)));
    started.push(this);
  }

  #heard(line: string): void {
    this.lines.push(line);
    for (const look of this.#look) look();
  }

  /** The first line, said already or still to come, that `wanted` accepts. */
  line(wanted: (line: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.lines.find(wanted);
        if (found !== undefined) resolve(found);
      };
      this.#look.push(look);
      const tooLate = setTimeout(() => reject(new Error(`Not said: ${this.lines.join(' | ')}`)), STEP_MS);
      tooLate.unref();
      void this.exited.then(() => reject(new Error(`It ended: ${this.lines.join(' | ')}`)));
      look();
    });
  }

  async stop(): Promise<number | null> {
    this.process.kill('SIGTERM');
    return this.exited;
  }
}

const figure = (line: string, name: string): number =>
  Number(new RegExp(`${name} ([\\d,]+)`).exec(line)?.[1]?.replaceAll(',', '') ?? Number.NaN);

function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden demo '));
  storage = mkdtempSync(join(tmpdir(), 'ackwarden-storage-'));
  broker = await startEmbeddedBroker({ dataDir: folder, log: () => undefined });
}, START_MS);

afterEach(async () => {
  for (const artisan of started.splice(0)) {
    artisan.process.kill('SIGKILL');
    await artisan.exited;
  }
});

afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(storage, { recursive: true, force: true });
}, START_MS);

it(
  'workers told to stop in mid-flight lose nothing and do nothing twice; the books close exactly',
  { timeout: START_MS },
  async () => {
    rmSync(join(storage, 'done.log'), { force: true });
    const publisher = new Artisan(['demo:publish', '--rate=100', ...QUEUES.map((queue) => `--queue=${queue}`)]);
    const worker = (queue: string): Artisan => new Artisan(['task:event', `--queue=${queue}`]);
    let workers = QUEUES.map(worker);
    const areConsuming = (): Promise<unknown> =>
      Promise.all(workers.map((one) => one.line((line) => line.startsWith('consuming'))));
    for (const round of [1, 2, 3]) {
      // A worker that is still booting has no handler yet: it would just die of the signal.
      await areConsuming();
      const enough = 60 * round;
      await publisher.line((line) => line.startsWith('published') && figure(line, 'done') >= enough);
      const codes = await Promise.all(workers.map((one) => one.stop()));
      expect(codes).toEqual([0, 0]);
      workers = QUEUES.map(worker);
    }
    await areConsuming();
    const [code] = await Promise.all([publisher.stop(), ...workers.map((one) => one.stop())]);
    expect(code).toBe(0);

    const final = publisher.lines.at(-1) ?? '';
    expect(final).toMatch(/^final: published [\d,]+ {2}done [\d,]+ {2}waiting \d+ {2}lost 0 {2}twice 0$/);
    expect(figure(final, 'published')).toBe(figure(final, 'done') + figure(final, 'waiting'));
    // The done log, read by somebody else than the publisher, agrees.
    const ids = readFileSync(join(storage, 'done.log'), 'utf8').trimEnd().split('\n');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(figure(final, 'done'));

    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await expect(channel.checkQueue('orderMail')).rejects.toThrow(/NOT_FOUND/);
    await connection.close();
  },
);

it(
  'leaks natively at the stated rate, as an unprivileged user too, while memory_get_usage stays flat',
  { timeout: START_MS },
  async () => {
    chmodSync(storage, 0o777);
    rmSync(join(storage, 'done.log'), { force: true });
    const isRoot = process.geteuid?.() === 0;
    const prefix = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] : [];
    const publisher = new Artisan(['demo:publish', '--queue=leaking', '--rate=40']);
    await publisher.line((line) => line.startsWith('publishing'));
    const worker = new Artisan(['task:event', '--queue=leaking', '--leak=25', '--report=1'], prefix);
    const reports = (): string[] => worker.lines.filter((line) => line.startsWith('done'));
    const pid = worker.process.pid ?? 0;
    await worker.line((line) => line.startsWith('done'));
    const [before, began] = [residentBytes(pid), performance.now()];
    await worker.line(() => reports().length >= 5);
    const [after, ended] = [residentBytes(pid), performance.now()];

    const rate = (after - before) / ((ended - began) / 1000);
    expect(rate).toBeGreaterThan(0.7 * 25e6);
    expect(rate).toBeLessThan(1.3 * 25e6);
    const usage = reports().map((line) => figure(line, 'memory_get_usage'));
    expect(Math.max(...usage) - Math.min(...usage)).toBeLessThan(500_000);
    expect(await worker.stop()).toBe(0);
    await publisher.stop();
  },
);

it('ends with a sentence and another exit code than 0 when the broker is not there', { timeout: STEP_MS }, async () => {
  const worker = new Artisan(['task:event', '--queue=none'], ['env', 'RABBITMQ_PORT=1']);
  expect(await worker.exited).toBe(1);
  expect(worker.lines.join('\n')).toMatch(/The broker at 127\.0\.0\.1:1 is gone/);
  expect(worker.lines.join('\n')).not.toContain(new URL(broker.url).password);
});
