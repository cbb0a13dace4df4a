/** The embedded broker on a real rabbitmq-server: start, use, adopt, stop; nothing left behind, told by pid. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'amqplib';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedBroker } from '../../../src/broker/embedded.ts';
import type { EmbeddedBroker } from '../../../src/broker/embedded.ts';
import { probeBroker } from '../../../src/broker/probe.ts';
import { watchBroker } from '../../../src/broker/watch.ts';
import { signalQuietly } from '../controller/processes.ts';
import { readStat } from '../../../src/linux/process-identity.ts';

const DEADLINE_MS = 180_000;
const HOLDER = join(import.meta.dirname, '../../fixtures/broker/hold-embedded.ts');

let dataDir: string;
const lines: string[] = [];
const log = (line: string): void => void lines.push(line);

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'ackwarden broker '));
  lines.length = 0;
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Every process whose environment names our data directory: the node and whatever it started, an epmd included. */
function belonging(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`HOME=${folder}`)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'latin1').trim()}`];
      } catch {
        return []; // Gone meanwhile.
      }
    });
}

/** The node is gone; what it had started itself notices that, and follows. */
const untilNoneBelongs = (): Promise<void> => expect.poll(() => belonging(join(dataDir, 'broker'))).toEqual([]);

async function use(broker: EmbeddedBroker, queue: string): Promise<void> {
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true });
  channel.sendToQueue(queue, Buffer.from('kept'), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

describe('the embedded broker', () => {
  it(
    'starts in a path with a space, keeps durable messages over a restart, and leaves no process',
    { timeout: DEADLINE_MS },
    async () => {
      const first = await startEmbeddedBroker({ dataDir, log });
      const firstPort = first.port;
      try {
        expect(statSync(join(dataDir, 'broker')).mode & 0o777).toBe(0o700);
        expect(statSync(join(dataDir, 'broker/broker.json')).mode & 0o777).toBe(0o600);
        expect(readStat(first.pid)?.session).toBe(first.pid);
        expect(belonging(join(dataDir, 'broker')).join(' ')).not.toContain('epmd');
        expect(listeners(first.pid)).toEqual({ loopback: 2, elsewhere: 0 });
        const password = new URL(first.url).password;
        expect(readFileSync(`/proc/${first.pid}/cmdline`, 'latin1')).not.toContain(password);
        expect(lines.join('\n')).not.toContain(password);
        await use(first, 'kept');
        await expect(startEmbeddedBroker({ dataDir, log })).rejects.toThrow(/belongs to another ackwarden/);
      } finally {
        await first.stop();
      }
      await first.exited;
      await untilNoneBelongs();
      expect((await probeBroker([first.url], { timeoutMs: 1_000 })).reachable).toBe(false);

      const back = new AbortController();
      const watching = watchBroker([first.url], { timeoutMs: 1_000, signal: back.signal });
      const second = await startEmbeddedBroker({ dataDir, log });
      try {
        expect(second.port).toBe(firstPort);
        expect(await watching).toContain(`127.0.0.1:${firstPort}`);
        const connection = await connect(second.url);
        const channel = await connection.createChannel();
        expect((await channel.checkQueue('kept')).messageCount).toBe(1);
        await connection.close();
      } finally {
        back.abort();
        await second.stop();
      }
      await untilNoneBelongs();
    },
  );

  it(
    'outlives a controller that is killed and is adopted by the next; a second folder runs beside it',
    { timeout: DEADLINE_MS },
    async () => {
      const other = mkdtempSync(join(tmpdir(), 'ackwarden-broker-'));
      const holder = spawn(process.execPath, [await bundle(HOLDER, other), dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const holderGone = once(holder, 'exit');
      const beside = startEmbeddedBroker({ dataDir: other, log });
      let left: unknown = null;
      try {
        left = await new Promise((resolve) => {
          createInterface(holder.stdout).once('line', (line) => resolve(JSON.parse(line)));
        });
        holder.kill('SIGKILL');
        await holderGone;
        const adopted = await startEmbeddedBroker({ dataDir, log });
        expect({ pid: adopted.pid, url: adopted.url }).toEqual(left);
        expect(lines.join('\n')).toContain('Adopted the embedded broker');
        expect((await beside).port).not.toBe(adopted.port);
        await adopted.stop();
        await adopted.exited;
        await untilNoneBelongs();
      } finally {
        await (await beside).stop();
        holder.kill('SIGKILL');
        for (const orphan of belonging(join(dataDir, 'broker'))) signalQuietly(Number.parseInt(orphan, 10), 'SIGKILL');
        rmSync(other, { recursive: true, force: true });
      }
    },
  );

  it(
    'ends a start that is cancelled, and wipes its unfinished database next time',
    { timeout: DEADLINE_MS },
    async () => {
      const cancel = new AbortController();
      const starting = startEmbeddedBroker({
        dataDir,
        log: (line) => {
          log(line);
          if (line.startsWith('Starting')) setImmediate(() => cancel.abort());
        },
        signal: cancel.signal,
      });
      await expect(starting).rejects.toThrow(/cancelled/);
      await untilNoneBelongs();
      expect(JSON.parse(readFileSync(join(dataDir, 'broker/broker.json'), 'utf8'))).toMatchObject({
        data: 'incomplete',
      });
    },
  );
});

/** Node 20 runs no TypeScript, and the fixture must be a process of its own to be killed. */
async function bundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, 'holder.mjs');
  const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', banner: { js } });
  return outfile;
}

/** What `pid` listens on, from /proc/PID/net/tcp and its descriptors: how many on 127.0.0.1, how many elsewhere. */
function listeners(pid: number): { loopback: number; elsewhere: number } {
  const LISTEN = '0A';
  const inodes = new Set(sockets(pid));
  const count = { loopback: 0, elsewhere: 0 };
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== LISTEN || !inodes.has(fields[9] ?? '')) continue;
      count[fields[1]?.startsWith('0100007F:') === true ? 'loopback' : 'elsewhere'] += 1;
    }
  }
  return count;
}

/** Inodes of its sockets. A descriptor that is closed while they are listed is none. */
function sockets(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}
