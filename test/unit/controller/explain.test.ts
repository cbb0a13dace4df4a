import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { explainEntry, explainWorker, sentence } from '../../../src/controller/explain.ts';

const entry = (id: string, worker: string | null, cause: string | null): JournalEntry => ({
  id,
  time: '2026-11-22T21:03:11.204Z',
  action: 'start',
  worker,
  program: null,
  pid: null,
  incarnation: null,
  cause,
  reason: { rule: 'start.auto', text: `did ${id}`, evidence: {}, policy: null },
  outcome:
    id === 'b' ? { ok: true, text: 'and it was good', time: '2026-11-22T21:03:12Z', tookMs: 1, evidence: {} } : null,
});
const ALL = [
  entry('a', 'shop:0', null),
  entry('x', 'mail:0', null),
  entry('b', 'shop:0', 'a'),
  entry('c', 'shop:0', 'b'),
];

test('an entry is explained by what led to it and what it caused', () => {
  expect(explainEntry(ALL, 'b')?.entries.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(explainEntry(ALL, 'nothing')).toBeNull();
});

test('a cause that names itself does not loop', () => {
  expect(explainEntry([entry('a', 'shop:0', 'a')], 'a')?.entries).toHaveLength(2);
});

test('a worker is explained by its own story', () => {
  const told = explainWorker(ALL, 'shop:0', 'RUNNING');
  expect(told.text).toContain('shop:0 is RUNNING.');
  expect(told.text).toContain('did b; and it was good.');
  expect(told.text).not.toContain('did x');
});

test('a sentence ends with a full stop, with or without its outcome', () => {
  expect(sentence(entry('a', null, null))).toBe('did a.');
});
