import { userInfo } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { runCommandLine, usageSentence } from '../../../src/cli/command-line.ts';
import { fakeController } from './fake-controller.ts';
import type { FakeController } from './fake-controller.ts';
import { makeStatus, recordContext } from './samples.ts';
import type { RecordedContext } from './samples.ts';

let fake: FakeController | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
});

const LINUX = { version: '1.2.3', platform: 'linux' };

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const context: RecordedContext = recordContext({ cwd: '/nonexistent' });
  const code = await runCommandLine(argv, LINUX, context);
  return { code, out: context.out(), err: context.err() };
}

describe('usage errors: exit 2, one sentence, what to do', () => {
  test.each([
    [['stats'], /^ackwarden: unknown command 'stats' \(did you mean status\?\); `ackwarden --help` shows/],
    [['status', '--jsn'], /unknown option '--jsn' \(did you mean --json\?\)/],
    [['signal', 'HUP'], /missing required argument 'NAME'/],
    [['stop'], /missing required argument 'NAME'/],
    [['status', '-c'], /argument missing/],
    [['logs'], /which worker\?/],
    [['logs', '-n', '-5', 'a'], /-n -5: expected a number of lines/],
    [['journal', '--since', 'yesterday'], /expected how long ago/],
    [
      ['status', '-c', 'nofile.yaml'],
      /cannot read the configuration \/nonexistent\/nofile\.yaml: there is no such file/,
    ],
  ])('%j', async (argv, sentence) => {
    const { code, out, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(sentence);
    expect(err.trimEnd()).not.toContain('\n');
    expect(out).toBe('');
  });

  test('no command: the help, on stderr', async () => {
    const { code, out, err } = await run();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: ackwarden');
  });

  test('--json has the error on stdout too', async () => {
    const { code, out } = await run('status', '--json', '--socket', '/nonexistent/x.sock');
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'noController' } });
  });
});

test.each(['top'])('%s is listed and says that it is not built yet', async (name) => {
  const { code, err } = await run(name, '--pid', '5', 'x');
  expect(code).toBe(2);
  expect(err).toMatch(new RegExp(`^ackwarden: ${name} is not built yet; it will .*\n$`));
  expect((await run('--help')).out).toMatch(new RegExp(`^ {2}${name} .*\\(not built yet\\)`, 'm'));
});

test('help and version go to stdout and exit 0', async () => {
  expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  expect(await run('help', 'stop')).toMatchObject({ code: 0, err: '' });
  expect((await run('stop', '--help')).out).toMatch(/--now[^]*--socket/);
});

test.each(['status', 'run', 'check', 'top'])('%s elsewhere than on Linux', async (name) => {
  const context = recordContext();
  expect(await runCommandLine([name], { version: '1', platform: 'darwin' }, context)).toBe(2);
  expect(context.err()).toMatch(/^ackwarden: ackwarden needs Linux .*, and this is darwin; run it on a Linux host/);
});

describe('the command line reaches the controller', () => {
  test.each([
    [['stop', 'a', 'b', '--now'], { verb: 'stop', names: ['a', 'b'], now: true }],
    [['restart', 'a', '--no-wait'], { verb: 'restart', names: ['a'], wait: false }],
    [['recycle', 'all', '--reason', 'deploy 7'], { verb: 'recycle', names: ['all'], reason: 'deploy 7' }],
    [['signal', 'USR1', 'a'], { verb: 'signal', names: ['a'], signal: 'USR1' }],
    [['start', 'a'], { verb: 'start', names: ['a'] }],
    [['logs', '--reopen'], { verb: 'reopenLogs', names: [] }],
    [['shutdown', '--no-wait'], { verb: 'shutdown', names: [], wait: false }],
  ])('%j', async (argv, body) => {
    fake = await fakeController(() => ({ results: [] }));
    expect(await run('--socket', fake.socketPath, ...argv)).toMatchObject({ code: 0, err: '' });
    expect(fake.requests).toHaveLength(1);
    expect(fake.requests[0]?.body).toEqual({ ...body, by: userInfo().username });
  });

  test('global options may stand behind the command', async () => {
    fake = await fakeController(() => makeStatus([]));
    const { code, out } = await run('status', '--json', '--socket', fake.socketPath);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(makeStatus([]));
  });
});

test('an error of the parser becomes one sentence', () => {
  expect(usageSentence("error: unknown option '--x'")).toBe(
    "unknown option '--x'; `ackwarden --help` shows what there is",
  );
});
