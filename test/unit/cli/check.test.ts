import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../../src/cli/check.ts';
import type { Output } from '../../../src/cli/context.ts';
import { excerptOf } from '../../../src/cli/problem-text.ts';
import { displayWidth } from '../../../src/cli/width.ts';

const folder = mkdtempSync(join(tmpdir(), 'ackwarden-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Capture extends Output {
  text: string;
}

function capture(colour = false): Capture {
  return {
    text: '',
    terminal: { tty: colour, columns: 80, rows: 24, colour, unicode: true },
    write(text) {
      this.text += text;
    },
    writeBytes() {
      throw new Error('check writes no bytes');
    },
  };
}

async function run(
  text: string | null,
  options: { json?: boolean; colour?: boolean; env?: Record<string, string> } = {},
) {
  if (text !== null) writeFileSync(join(folder, 'workers.yaml'), text);
  const [stdout, stderr] = [capture(options.colour), capture(options.colour)];
  const context = { stdout, stderr, env: { HOME: '/root', ...options.env }, cwd: folder, uid: 0 };
  const file = text === null ? 'none.yaml' : null;
  const code = await check({ file, json: options.json === true }, context);
  return { code, stdout: stdout.text, stderr: stderr.text.replaceAll(`${folder}/`, '') };
}

const VALID = `version: 1
programs:
  shop:
    command: php x --password=hunter2
    cgroup: {}
    environment: { DB_PASSWORD: hunter2 }
`;
const INVALID = `version: 1
programs:
  shop:
    comand: php x
    environment: { DB_PASSWORD: hunter2, A-B: x }
`;

describe('check of a valid file', () => {
  it('prints the effective configuration as YAML, secrets masked, and exits 0', async () => {
    const { code, stdout, stderr } = await run(VALID);
    expect(code).toBe(0);
    expect(stdout).toContain(`# ${folder}/workers.yaml is valid; this is in force:\nversion: 1\n`);
    expect(stdout).toContain('    command: [php, x, --password=***]\n');
    expect(stdout).toContain('      DB_PASSWORD: "***"\n');
    expect(stdout).toContain('      stopTimeout: 10s\n');
    expect(stdout).not.toContain('hunter2');
    expect(stderr.replaceAll(/\s+/g, ' ').trim()).toBe(
      'workers.yaml:5: programs.shop.cgroup is not yet active: no cgroup is made; the ceilings hold.',
    );
  });

  it('prints one object with --json', async () => {
    const { code, stdout, stderr } = await run(VALID, { json: true });
    const answer: unknown = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(Object.keys(Object(answer))).toEqual(['ok', 'problems', 'config', 'notYetActive', 'warnings']);
    expect(answer).toMatchObject({
      ok: true,
      problems: [],
      config: { stateDir: '/run/ackwarden', programs: { shop: { environment: { DB_PASSWORD: '***' } } } },
      notYetActive: [{ path: 'programs.shop.cgroup', line: 5 }],
    });
    expect(stdout).not.toContain('hunter2');
  });
});

describe('check of a file that is valid and will probably not work', () => {
  const ELSEWHERE = `version: 1
broker: { url: "amqp://h/" }
programs:
  shop:
    amqp: {}
    command: docker exec app php artisan queue:work
`;
  const TEXT =
    'programs.shop.command: docker starts the worker in a container or another network namespace: it cannot reach its gate on ' +
    '127.0.0.1, and the variables do not arrive; write recycle: { drain: signal }, or run ackwarden where the worker runs.';

  it('warns, with the line, and exits 0', async () => {
    const { code, stderr } = await run(ELSEWHERE);
    expect(code).toBe(0);
    expect(stderr.replaceAll(/\s+/g, ' ').trim()).toBe(`workers.yaml:6: ${TEXT}`);
  });

  it('says so of extensions that nobody can tell whether they go', async () => {
    const text = VALID.replace('    cgroup: {}', '    directory: /\n    php: { disableExtensions: [newrelic] }');
    const { code, stderr } = await run(text, { env: { PATH: '/nowhere' } });
    expect(code).toBe(0);
    expect(stderr.replaceAll(/\s+/g, ' ').trim()).toBe(
      'workers.yaml:6: programs.shop.php.disableExtensions: whether it works cannot be tried out (php could not be started: ' +
        'spawn php ENOENT): where that is so at a start, too, workers start with all extensions; let whoever runs ackwarden try it.',
    );
  });

  it('lists it with --json', async () => {
    const answer: unknown = JSON.parse((await run(ELSEWHERE, { json: true })).stdout);
    expect(answer).toMatchObject({ ok: true, warnings: [{ path: 'programs.shop.command', line: 6, text: TEXT }] });
  });
});

describe('check of an invalid file', () => {
  it('shows each problem with its line and a caret, and exits 2', async () => {
    const { code, stdout, stderr } = await run(INVALID);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`workers.yaml:4:5  programs.shop.comand
  unknown key; did you mean command?
    4 |     comand: php x
      |     ^

workers.yaml:5:42  programs.shop.environment.A-B
  found the name "A-B", expected letters, digits and _, not starting with a
  digit
    5 |     environment: { DB_PASSWORD: ***, A-B: x }
      |                                      ^

2 problems; nothing was changed.
`);
  });

  it('prints the problems as they are with --json', async () => {
    const { code, stdout } = await run(INVALID, { json: true });
    const answer: unknown = JSON.parse(stdout);
    expect(code).toBe(2);
    expect(answer).toMatchObject({ ok: false, config: null, notYetActive: [] });
    expect(answer).toMatchObject({
      problems: [
        {
          file: join(folder, 'workers.yaml'),
          line: 4,
          column: 5,
          path: 'programs.shop.comand',
          found: 'the unknown key "comand"',
          suggestion: 'command',
          text: `${folder}/workers.yaml:4:5: programs.shop.comand: unknown key; did you mean command?`,
        },
        { line: 5, column: 42, suggestion: null },
      ],
    });
  });

  it('colours where colours are wanted', async () => {
    const { stderr } = await run(INVALID, { colour: true });
    expect(stderr).toContain('\u001b[1mworkers.yaml:4:5\u001b[0m');
  });

  it('names a file that is not there', async () => {
    const { code, stderr } = await run(null);
    expect(code).toBe(2);
    expect(stderr).toBe(`none.yaml
  found no such file, expected a readable text file

1 problem; nothing was changed.
`);
  });

  it('lets no control character through', async () => {
    const { stderr } = await run(`version: 1\nprograms: { shop: { command: "\\e[31mx; y", "\\e[2J": 1 } }\n`);
    expect(stderr.includes('\u001b')).toBe(false);
  });

  it('fits 80 columns', async () => {
    const { stderr } = await run(
      `version: 1\nprograms: { shop: { ${'x'.repeat(30)}: 1, command: "${'y'.repeat(200)} | z", workers: -1 } }\n`,
    );
    for (const line of stderr.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });
});

describe('the quoted line', () => {
  it.each([
    ['    hard: 128M', 11, 72, { line: '    hard: 128M', indent: 10 }],
    ['\thard: 1', 2, 72, { line: ' hard: 1', indent: 1 }],
    ['名前: 値', 5, 72, { line: '名前: 値', indent: 6 }],
    ['P_KEY: abcdef, x', 16, 72, { line: 'P_KEY: ***, x', indent: 12 }],
  ])('%j', (line, column, room, expected) => expect(excerptOf(line, column, room)).toEqual(expected));

  it('is cut around a column far to the right', () => {
    const { line, indent } = excerptOf(`${'a'.repeat(100)}X${'b'.repeat(100)}`, 101, 40);
    expect(displayWidth(line)).toBeLessThanOrEqual(40);
    expect(line[indent]).toBe('X');
  });
});
