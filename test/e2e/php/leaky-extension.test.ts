/** The fixture does what the tests of diagnose, bisect and disableExtensions take for granted. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { buildLeaky } from '../../fixtures/leaky-extension/build.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/workers/calls-internals.php');
const CALLS = 100_000;
const leaky = buildLeaky();
if (leaky.skipped !== null) console.log(`skipped: ${leaky.skipped}`);

interface Figures {
  anonBytes: number;
  zendBytes: number;
}

/** What the worker reads of itself after each of `rounds` × CALLS internal calls. */
async function figures(settings: readonly string[], rounds: number): Promise<Figures[]> {
  const child = spawn('php', ['-n', ...settings.flatMap((setting) => ['-d', setting]), WORKER, String(CALLS)]);
  const ended = once(child, 'exit');
  const read: Figures[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    read.push(JSON.parse(line) as Figures);
    child.stdin.write(read.length < rounds ? 'go\n' : 'end\n');
  }
  expect(await ended).toEqual([0, null]);
  return read;
}

const growth = (read: readonly Figures[], key: keyof Figures): number =>
  (read.at(-1)?.[key] ?? 0) - (read[0]?.[key] ?? 0);

describe.skipIf(leaky.skipped !== null)('the leaky extension', () => {
  const { so } = leaky;

  test('keeps native memory for each internal call, which memory_get_usage does not see', async () => {
    const read = await figures([`extension=${so}`, 'leaky.bytes_per_call=256'], 3);
    const kept = 2 * CALLS * 256;
    expect(growth(read, 'anonBytes')).toBeGreaterThan(kept);
    expect(growth(read, 'anonBytes')).toBeLessThan(1.5 * kept);
    // The buffer of stdin.
    expect(growth(read, 'zendBytes')).toBeLessThan(16 * 1024);
  });

  test.each([
    ['is off', ['leaky.enabled=0']],
    ['keeps nothing of a call', ['leaky.bytes_per_call=0']],
  ])('leaves the worker flat where it %s', async (_how, settings) => {
    const read = await figures([`extension=${so}`, ...settings], 3);
    expect(growth(read, 'anonBytes')).toBeLessThan(CALLS);
  });

  test('has an innocent sibling, and both tell their version', () => {
    const innocent = buildLeaky({ name: 'innocent', bytesPerCall: 0 });
    const load = [`-dextension=${so}`, `-dextension=${innocent.so}`];
    const told = (name: string): string => spawnSync('php', ['-n', ...load, '--ri', name], { encoding: 'utf8' }).stdout;
    expect(told('leaky')).toContain('Version => 1.2.3');
    expect(told('innocent')).toMatch(/Version => 1\.2\.3[^]*innocent\.bytes_per_call => 0 => 0/);
  });
});
