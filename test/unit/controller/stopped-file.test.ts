import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Journal } from '../../../src/controller/journal.ts';
import { Scribe } from '../../../src/controller/scribe.ts';
import { StoppedFile, sayWhatStaysStopped } from '../../../src/controller/stopped-file.ts';
import { Driven } from '../core/driven.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeRoot();
});
afterEach(() => folder.remove());

const path = (): string => join(folder.root, 'data', 'stopped.json');
const fileOf = (rememberStopped: boolean): StoppedFile =>
  new StoppedFile({ dataDir: join(folder.root, 'data'), rememberStopped });
const ANNA = { 'shop:0': { who: 'anna', wall: 1_700_000_000_000 } };

test('what was stopped comes back, private, and is written only when it changes', () => {
  const file = fileOf(true);
  file.keep(ANNA);
  expect(fileOf(true).read()).toEqual(ANNA);
  const { ino, mode } = statSync(path());
  expect(mode & 0o777).toBe(0o600);
  file.keep({ ...ANNA });
  expect(statSync(path()).ino).toBe(ino);
  file.keep({});
  expect(fileOf(true).read()).toEqual({});
});

test('without the option nothing is written, and what an earlier one left is forgotten', () => {
  fileOf(false).keep(ANNA);
  expect(existsSync(path())).toBe(false);
  fileOf(true).keep(ANNA);
  expect(fileOf(false).read()).toEqual({});
  expect(fileOf(true).read()).toEqual({});
});

test.each(['', '{', 'null', '{"version":2,"stopped":{"shop:0":{}}}'])('%j stops nobody', (text) => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  writeFileSync(path(), text);
  expect(fileOf(true).read()).toEqual({});
  said.mockRestore();
});

test('a directory that cannot be written is said once, and in status', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const file = new StoppedFile({ dataDir: join(folder.root, 'none'), rememberStopped: true });
  file.keep(ANNA);
  file.keep(ANNA);
  expect(said).toHaveBeenCalledTimes(1);
  said.mockRestore();
  expect(file.trouble).toMatch(
    /^rememberStopped: .*stopped\.json cannot be written .* may start again after a reboot$/,
  );
});

test('the journal says of each such worker who stopped it and when', () => {
  const config = configOf(folder.root, { shop: { command: 'sleep 1', directory: '/' } });
  const journal = new Journal(config.journal);
  const { state } = Driven.up();
  sayWhatStaysStopped(
    { ...state, stopped: { ...ANNA, 'gone:0': { who: null, wall: 0 } } },
    new Scribe(journal, '', 't'),
  );
  journal.close();
  const [only, ...others] = journal.entries();
  expect(others).toEqual([]);
  expect(only?.reason.text).toMatch(
    /^shop:0 stays stopped because anna stopped it at 2023-11-1\d \d\d:\d\d; ackwarden start shop:0 starts it$/,
  );
  expect(readFileSync(config.journal.path, 'utf8')).toContain('stopped.kept');
});
