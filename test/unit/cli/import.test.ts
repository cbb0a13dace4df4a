/** `ackwarden import`: what goes where, and the exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importSupervisord } from '../../../src/cli/import.ts';
import { recordContext } from './samples.ts';

const cwd = mkdtempSync(join(tmpdir(), 'ackwarden-import-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function run(text: string, applyNames = false) {
  writeFileSync(join(cwd, 's.conf'), text);
  const context = recordContext({ cwd });
  const code = await importSupervisord({ files: ['s.conf'], applyNames }, context);
  return { code, out: context.out(), err: context.err() };
}

const TWO =
  '[program:w]\ncommand=/bin/w\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\nautorestart=true\n';

it('writes one document to stdout and the rest to stderr', async () => {
  const { code, out, err } = await run(`${TWO}stopwaitsec=9\n[inet_http_server]\nport=9001\n`);
  expect(code).toBe(0);
  expect(Object.keys(parse(out))).toEqual(['version', 'programs']);
  expect(err.split('\n').map((line) => line.split(': ')[0])).toContain('s.conf:6');
  expect(err).toMatch(/1 program and 0 groups imported; 1 thing to look at\.\n$/);
});

it('keeps the names of processes on request', async () => {
  expect(parse((await run(TWO)).out).programs.w.workerName).toBeUndefined();
  expect(parse((await run(TWO, true)).out).programs.w.workerName).toBe('{program}_{index:02}');
});

it('writes nothing where supervisord would not start', async () => {
  const { code, out, err } = await run('[program:w]\ncommand=/bin/w %(nope)s\n[unix_http_server]\nfile=/run/s.sock\n');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^s\.conf:2: \[program:w\] command: %\(nope\)s is no name/);
  expect(err).toMatch(/1 error; nothing was written\.\n$/);
  expect(err).not.toContain('unix_http_server');
});

it('says that a file is not there', async () => {
  const context = recordContext({ cwd });
  expect(await importSupervisord({ files: ['gone.conf'], applyNames: false }, context)).toBe(2);
  expect(context.err()).toMatch(/^gone\.conf:1: found no such file, expected a supervisord\.conf\n/);
});

it('lets no control character through to a terminal', async () => {
  const { err } = await run(`${TWO}\u001b]0;x\u0007=1\n`);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});
