import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { readHistory } from '../../../src/controller/history.ts';
import { Journal } from '../../../src/controller/journal.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-journal-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const entry = (id: string): JournalEntry => ({
  id,
  time: '2026-11-22T21:03:11.204Z',
  action: 'recycle',
  worker: 'shop:0',
  program: 'shop',
  pid: 1,
  incarnation: 1,
  cause: null,
  reason: { rule: 'memory.hard', text: `Recycled ${id}`, evidence: { bytes: 1 }, policy: null },
  outcome: null,
});
const outcome = (of: string) => ({
  of,
  outcome: { ok: true, text: 'gone', time: '2026-11-22T21:03:12Z', tookMs: 1, evidence: {} },
});

describe('journal', () => {
  test('an intent is a line of its own, its outcome another; memory and history show them joined', () => {
    const journal = new Journal({ path: join(root, 'log', 'journal.jsonl'), maxSizeBytes: 0, backups: 3 });
    const told: (string | null)[] = [];
    journal.subscribe((seen) => told.push(seen.outcome?.text ?? null));
    journal.append(entry('a'));
    journal.append(entry('b'));
    journal.conclude(outcome('a'));
    journal.close();
    const lines = readFileSync(join(root, 'log', 'journal.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[1])).toEqual(['id', 'id', 'of']);
    expect(told).toEqual([null, null, 'gone']);
    expect(journal.entry('a')?.outcome?.text).toBe('gone');
    const history = readHistory(join(root, 'log', 'journal.jsonl'));
    expect(history.map(({ id, outcome: ended }) => [id, ended?.text ?? null])).toEqual([
      ['a', 'gone'],
      ['b', null],
    ]);
  });

  test('rotates by size and keeps every line in so many backups', () => {
    const path = join(root, 'journal.jsonl');
    const journal = new Journal({ path, maxSizeBytes: 2_000, backups: 50 });
    for (let number = 0; number < 100; number += 1) journal.append(entry(`e${number}`));
    journal.close();
    const lines = readdirSync(root).flatMap((file) => readFileSync(join(root, file), 'utf8').trimEnd().split('\n'));
    expect(readdirSync(root).length).toBeGreaterThan(5);
    expect(new Set(lines.map((line) => (JSON.parse(line) as JournalEntry).id)).size).toBe(100);
  });

  test('one that is removed or renamed while it is open begins anew under its name', () => {
    const path = join(root, 'journal.jsonl');
    const journal = new Journal({ path, maxSizeBytes: 0, backups: 1 });
    journal.append(entry('a'));
    rmSync(path);
    journal.append(entry('b'));
    renameSync(path, join(root, 'rotated'));
    journal.append(entry('c'));
    journal.close();
    expect(readHistory(path).map(({ id }) => id)).toEqual(['c']);
    expect(readHistory(join(root, 'rotated')).map(({ id }) => id)).toEqual(['b']);
    expect(journal.trouble).toBeNull();
  });

  test('a journal that cannot be written says so, writes to stderr and keeps its entries', () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const journal = new Journal({ path: join(root, 'journal.jsonl', 'below-a-file'), maxSizeBytes: 0, backups: 1 });
    journal.append(entry('a'));
    expect(existsSync(join(root, 'journal.jsonl'))).toBe(true);
    stderr.mockRestore();
    const blocked = new Journal({ path: '/proc/no/journal.jsonl', maxSizeBytes: 0, backups: 1 });
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    blocked.append(entry('b'));
    expect(said).toHaveBeenCalledWith(expect.stringContaining('"id":"b"'));
    said.mockRestore();
    expect(blocked.trouble).toContain('/proc/no/journal.jsonl cannot be written');
    expect(blocked.entries()).toHaveLength(1);
  });

  test('a line that was cut by a full disk or a SIGKILL takes no other with it', () => {
    const path = join(root, 'journal.jsonl');
    writeFileSync(path, `${JSON.stringify(entry('a'))}\n{"v":1,"id":"cut","ti`);
    const journal = new Journal({ path, maxSizeBytes: 0, backups: 1 });
    journal.append(entry('b'));
    journal.append(entry('c'));
    journal.close();
    expect(readHistory(path).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(5);
  });

  test('history survives a cut first line, broken lines and a missing file', () => {
    expect(readHistory(join(root, 'missing'))).toEqual([]);
  });
});
