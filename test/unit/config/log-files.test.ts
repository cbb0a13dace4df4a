import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { write } from './files.ts';

const said = (...programs: string[]): string[] => {
  const path = write('workers.yaml', `version: 1\nprograms:\n${programs.map((line) => `  ${line}\n`).join('')}`);
  const result = loadConfig(path, {}, { uid: 0, home: '/root' });
  return result.ok ? [] : result.problems.map(({ text }) => text.slice(path.length));
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
      ':4:73: programs.b.stdout.maxSize: found 2MiB for /var/log/ackwarden/all.log, expected 1MiB, as for programs.a.stdout (line 3), which writes the same file; or another path',
      ':4:87: programs.b.stdout.format: found json for /var/log/ackwarden/all.log, expected text, as for programs.a.stdout (line 3), which writes the same file; or another path',
    ]));

  it('two streams of one, by the names of its workers', () =>
    expect(
      said('a: { command: x, workers: 2, stdout: { path: "{index}.log" }, stderr: { path: "1.log", backups: 1 } }'),
    ).toEqual([
      ':3:99: programs.a.stderr.backups: found 1 for /var/log/ackwarden/1.log, expected 10, as for programs.a.stdout (line 3), which writes the same file; or another path',
    ]));
});
