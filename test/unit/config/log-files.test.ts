import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { write } from './files.ts';

const said = (...programs: string[]): string[] => {
  const path = write('workers.yaml', `version: 1\nprograms:\n${programs.map((line) => `  ${line}\n`).join('')}`);
  const result = loadConfig(path, {}, { uid: 0, home: '/root' });
  if (!result.ok) throw new Error(result.problems.map(({ text }) => text).join('\n'));
  return result.notYetActive.map(({ line, text }) => `${line}: ${text}`);
};

describe('two programs with one log file', () => {
  it.each([
    ['alike', 'a: { command: x, stdout: { path: all.log } }', 'b: { command: x, stdout: { path: all.log } }'],
    ['different files', 'a: { command: x }', 'b: { command: x, stdout: { backups: 1 } }'],
    [
      'no file',
      'a: { command: x, stdout: { path: none } }',
      'b: { command: x, stdout: { path: none, format: json, maxSize: 1MB } }',
    ],
    [
      'what belongs to the line',
      'a: { command: x, stdout: { path: all.log } }',
      'b: { command: x, stdout: { path: all.log, prefix: true, stripAnsi: true } }',
    ],
  ])('%s', (_, ...programs) => expect(said(...programs)).toEqual([]));

  it('kept in two ways', () =>
    expect(
      said(
        'a: { command: x, stdout: { path: all.log, maxSize: 1MiB } }',
        'b: { command: x, stdout: { path: /var/log/ackwarden/all.log, maxSize: 2MiB, format: json } }',
      ),
    ).toEqual([
      '4: programs.b.stdout.maxSize: /var/log/ackwarden/all.log has maxSize 2MiB, but 1MiB by programs.a.stdout.maxSize (line 3); whichever starts last decides. Give both the same, or another path.',
      '4: programs.b.stdout.format: /var/log/ackwarden/all.log has format json, but text by programs.a.stdout.format (line 3); whichever starts last decides. Give both the same, or another path.',
    ]));

  it('two streams of one, by the names of its workers', () =>
    expect(
      said('a: { command: x, workers: 2, stdout: { path: "{index}.log" }, stderr: { path: "1.log", backups: 1 } }'),
    ).toEqual([
      '3: programs.a.stderr.backups: /var/log/ackwarden/1.log has backups 1, but 10 by programs.a.stdout.backups (line 3); whichever starts last decides. Give both the same, or another path.',
    ]));
});
