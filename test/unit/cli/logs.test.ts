import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { appendFile, mkdtemp, open, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { showLogs, terminalWriter } from '../../../src/cli/logs.ts';
import { follow, tailOffset } from '../../../src/cli/tail.ts';
import { fakeController } from './fake-controller.ts';
import type { FakeController } from './fake-controller.ts';
import { recordContext } from './samples.ts';

let directory = '';
let path = '';
let fake: FakeController | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ackwarden-logs-'));
  path = join(directory, 'shop-0.log');
});
afterEach(async () => {
  await fake?.close();
  fake = null;
  await rm(directory, { recursive: true, force: true });
});

describe('tailOffset', () => {
  const long = `${'x'.repeat(100_000)}\n`;
  test.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb\nc\n', 10, 'a\nb\nc\n'],
    ['a\nb\nc\n', 0, ''],
    ['', 3, ''],
    ['\n\n\n', 2, '\n\n'],
    [`a\n${long}${long}`, 1, long],
    [`a\n${long}b\n`, 2, `${long}b\n`],
  ])('case %#', async (text, lines, expected) => {
    await writeFile(path, text);
    const file = await open(path);
    const offset = await tailOffset(file, Buffer.byteLength(text), lines);
    await file.close();
    expect(text.slice(offset)).toBe(expected);
  });
});

describe('follow', () => {
  /** Follows the log; `until` resolves once the text so far ends with what is given. */
  function following(lines: number): {
    until: (end: string) => Promise<void>;
    end: () => Promise<string>;
    notices: string[];
  } {
    const controller = new AbortController();
    const notices: string[] = [];
    let text = '';
    let look = (): void => undefined;
    const write = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      look();
    };
    const done = follow({ path, lines, signal: controller.signal, write, notice: (line) => notices.push(line) });
    return {
      notices,
      until: (end) =>
        new Promise((resolve, reject) => {
          done.catch(reject);
          look = () => {
            if (text.endsWith(end)) resolve();
          };
          look();
        }),
      end: async () => {
        controller.abort();
        await done;
        return text;
      },
    };
  }

  test('goes on through appends, two renames and a truncation, and loses nothing', async () => {
    await writeFile(path, 'old\n1\n');
    const { until, end, notices } = following(1);
    await until('1\n');
    await appendFile(path, '2\n');
    await until('2\n');
    // Written and renamed at once: what comes before the rename is read from the renamed file.
    await appendFile(path, '3\n');
    await rename(path, `${path}.1`);
    await writeFile(path, '4\n');
    await until('4\n');
    await rename(path, `${path}.2`);
    await writeFile(path, '5 is longer than the next\n');
    await until('next\n');
    await truncate(path, 0);
    await until('next\n');
    await appendFile(path, '6\n');
    await until('6\n');
    expect(await end()).toBe('1\n2\n3\n4\n5 is longer than the next\n6\n');
    expect(notices.length).toBeLessThanOrEqual(1);
  });

  test('reads what came and went between two looks, compressed or not, and nothing twice', async () => {
    await writeFile(`${path}.1`, 'long before\n');
    const past = new Date(Date.now() - 60_000);
    await utimes(`${path}.1`, past, past);
    await writeFile(path, '1\n');
    const { until, end } = following(10);
    await until('1\n');
    await rename(`${path}.1`, `${path}.4`);
    const before = new Date(Date.now() - 1_000);
    // All of it before the follower comes to look: these are synchronous.
    utimesSync(path, before, before);
    renameSync(path, `${path}.3`);
    writeFileSync(`${path}.2.gz`, gzipSync('2\n'));
    writeFileSync(`${path}.1`, '3\n');
    writeFileSync(path, '4\n');
    await until('4\n');
    expect(await end()).toBe('1\n2\n3\n4\n');
  });

  test('waits while the file is away', async () => {
    await writeFile(path, '1\n');
    const { until, end } = following(10);
    await until('1\n');
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, '2\n');
    await until('2\n');
    await writeFile(path, '3\n');
    await until('3\n');
    expect(await end()).toBe('1\n2\n3\n');
  });
});

describe('terminalWriter', () => {
  test('keeps colours, removes what controls the terminal, mends broken UTF-8, holds back half a line', () => {
    let text = '';
    const writer = terminalWriter((part) => {
      text += part;
    });
    writer.write(Buffer.from('\u001b[31mred\u001b[0m \u001b[2Jkä', 'utf8').subarray(0, -1));
    expect(text).toBe('');
    writer.write(Buffer.concat([Buffer.from([0xa4]), Buffer.from('se '), Buffer.from([0xff]), Buffer.from('\nrest')]));
    expect(text).toBe('\u001b[31mred\u001b[0m käse \ufffd\n');
    writer.flush();
    expect(text.endsWith('\nrest\n')).toBe(true);
  });
});

describe('showLogs', () => {
  const ask = { name: 'shop:0', follow: false, stderr: false, lines: 10 };
  const options = (json = false): { config: null; socket: string; json: boolean } => ({
    config: null,
    socket: fake?.socketPath ?? '',
    json,
  });

  beforeEach(async () => {
    fake = await fakeController(() => ({ name: 'shop:0', stdout: path, stderr: `${path}.err` }));
  });

  test('the last lines, byte for byte in a pipe', async () => {
    await writeFile(path, Buffer.concat([Buffer.from('old\n'), Buffer.from([0xff, 0x1b, 0x0a])]));
    const context = recordContext();
    expect(await showLogs({ ...ask, lines: 1 }, options(), context)).toBe(0);
    expect(context.out()).toBe('\u00ff\u001b\n');
  });

  test('--stderr takes the other file; a missing one is a sentence', async () => {
    await writeFile(path, 'out\n');
    await expect(showLogs({ ...ask, stderr: true }, options(), recordContext())).rejects.toThrow(
      /shop-0\.log\.err is not there: the worker has not been started yet/,
    );
  });

  test('a device is not read: our own output would never end', async () => {
    await fake?.close();
    fake = await fakeController(() => ({ name: 'shop:0', stdout: '/dev/stdout', stderr: '/dev/null' }));
    await expect(showLogs(ask, options(), recordContext())).rejects.toThrow('/dev/stdout keeps nothing');
  });

  test('--json gives the paths', async () => {
    const context = recordContext();
    await showLogs(ask, options(true), context);
    expect(JSON.parse(context.out())).toEqual({ name: 'shop:0', stdout: path, stderr: `${path}.err` });
  });
});
