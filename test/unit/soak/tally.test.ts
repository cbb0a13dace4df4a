import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Tally } from '../../soak/tally.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ackwarden tally '))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('each message is counted once, what came again or was done twice is told, and half a line waits', () => {
  const log = join(folder, 'work.log');
  const tally = new Tally(log);
  tally.read();
  expect(tally).toMatchObject({ done: 0, twice: 0, redelivered: [] });
  appendFileSync(log, 'start 1 first 7\ndone 1 7\nstart 2 first 7\ndone 2');
  tally.read();
  expect(tally).toMatchObject({ done: 1, twice: 0, redelivered: [] });
  appendFileSync(log, '2 7\nstart 2 again 8\ndone 22 8\ndone 3 9\n');
  tally.read();
  expect(tally).toMatchObject({ done: 3, twice: 1, redelivered: [2] });
});
