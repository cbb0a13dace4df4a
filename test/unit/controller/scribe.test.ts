import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../src/controller/journal.ts';
import { readHistory } from '../../../src/controller/history.ts';
import { Scribe } from '../../../src/controller/scribe.ts';
import type { EntryDraft } from '../../../src/core/types.ts';

let root = '';
let journal: Journal;
let scribe: Scribe;
const open = (): void => {
  const path = join(root, 'journal.jsonl');
  const history = readHistory(path);
  journal = new Journal({ path, maxSizeBytes: 0, backups: 1 });
  journal.restore(history);
  scribe = new Scribe(journal, '/etc/ackwarden/workers.yaml', 't');
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-scribe-'));
  open();
});
afterEach(() => {
  journal.close();
  rmSync(root, { recursive: true, force: true });
});

const draft = (id: string, fields: Partial<EntryDraft> = {}): EntryDraft => ({
  id,
  action: 'stop',
  worker: 'shop:0',
  program: 'shop',
  pid: 7,
  incarnation: 1,
  cause: null,
  rule: 'command.stop',
  evidence: {},
  text: null,
  policy: { key: 'programs.shop.memory.soft', line: 14 },
  ...fields,
});

test('a draft becomes an entry in words, with file and line of its policy; its outcome is joined', () => {
  scribe.write(draft('a'));
  scribe.conclude({ of: 'a', ok: true, rule: 'running', evidence: { pid: 8, afterMs: 1_000 } });
  expect(journal.entry('a')).toMatchObject({
    reason: { text: 'Stopped shop:0 (pid 7) as asked', policy: { file: '/etc/ackwarden/workers.yaml', line: 14 } },
    outcome: { ok: true, text: 'pid 8, running after 1.0 s', tookMs: expect.any(Number) as number },
  });
});

test('an entry of its own has an id of its own', () => {
  const ids = ['x', 'y'].map((text) => scribe.say('warn', 'refused', { what: 'stop', text }));
  expect(ids).toEqual(['t-c1', 't-c2']);
  expect(journal.entry('t-c2')).toMatchObject({ action: 'warn', worker: null, cause: null });
});

test('what a worker did last is known also of an earlier run, and how long what began then took', () => {
  scribe.write(draft('old', { worker: 'mail:0' }));
  scribe.write(draft('open'));
  journal.close();
  open();
  expect(scribe.lastOf('mail:0')?.id).toBe('old');
  expect(scribe.lastOf('nobody:0')).toBeNull();
  scribe.conclude({ of: 'open', ok: true, rule: 'lost', evidence: {} });
  expect(journal.entry('open')?.outcome?.tookMs).toBeGreaterThanOrEqual(0);
  scribe.write(draft('new', { worker: 'mail:0' }));
  expect(scribe.lastOf('mail:0')?.id).toBe('new');
});

test('of an entry that nobody remembers it is not known how long it took', () => {
  const told: (number | null | undefined)[] = [];
  const concluded = journal.conclude.bind(journal);
  journal.conclude = (line) => {
    told.push(line.outcome.tookMs);
    concluded(line);
  };
  scribe.conclude({ of: 'forgotten', ok: true, rule: 'lost', evidence: {} });
  expect(told).toEqual([null]);
});
