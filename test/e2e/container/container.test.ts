/**
 * As in a container, without one: a pid namespace of its own, with the entry point's init or without any. Needs root. In a chroot the kernel
 * refuses such a namespace (its root is no mount point): then these tests are skipped, and shown as skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { MAIN, Site, signalQuietly } from '../controller/site.ts';

const ENTRY = fileURLToPath(new URL('../../../deploy/container/entrypoint.sh', import.meta.url));
const UNSHARE = ['--pid', '--fork', '--mount-proc', '--kill-child'];

let site: Site | null = null;
let box: Box | null = null;
afterEach(async () => {
  await box?.end();
  await site?.dispose();
  box = null;
  site = null;
});

/** One such namespace. Its end is the end of everything in it. */
class Box {
  readonly #process: ChildProcess;
  readonly exited: Promise<number | null>;
  said = '';

  constructor(here: Site, command: readonly string[]) {
    mkdirSync(here.path('bin'));
    symlinkSync(MAIN, here.path('bin', 'ackwarden'));
    const env = { ...process.env, NO_COLOR: '1', PATH: `${here.path('bin')}:${process.env['PATH'] ?? ''}` };
    const argv = [...UNSHARE, '--', ...command, 'run', '-c', here.file];
    this.#process = spawn('unshare', argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
    this.exited = new Promise((resolve) => this.#process.once('close', resolve));
  }

  /** Its PID 1, as we see it. */
  get init(): number {
    const { pid = 0 } = this.#process;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
  }

  /** States of what its PID 1 has as children, or was given. */
  childStates(): string[] {
    const { init } = this;
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      const [, state, parent] = /^\d+ \(.*\) (\S) (\d+) /s.exec(readStat(name)) ?? [];
      return state !== undefined && Number(parent) === init ? [state] : [];
    });
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }
}

const readStat = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
};

/** Leaves an orphan behind every 0.2 s, and says when it was told to stop. */
const LITTERING = [
  'sh',
  '-c',
  'trap "echo told; exit 0" TERM; while :; do (setsid sleep 0.1 &); echo .; sleep 0.2; done',
];
const TINI = ['tini', '--', ENTRY];

const start = (command: readonly string[], programs: Record<string, unknown>, extra = {}): { here: Site; box: Box } => {
  const here = (site = new Site(programs, extra));
  return { here, box: (box = new Box(here, command)) };
};
const litter = { shop: { command: LITTERING, start: { seconds: '200ms' } } };
const untilLittered = (here: Site): Promise<void> =>
  here.until(() => here.log('shop-0.log').split('.').length > 10, 'ten orphans were left behind');

const isAllowed = spawnSync('unshare', [...UNSHARE, '--', 'true']).status === 0;

describe.skipIf(!isAllowed)('in a pid namespace of its own', () => {
  test('under tini every orphan is reaped; SIGTERM to PID 1 stops the workers before anything ends', async () => {
    const { here, box: container } = start(TINI, litter);
    await here.untilRunning();
    await untilLittered(here);
    await here.until(() => !container.childStates().includes('Z'), 'no zombie is left');
    signalQuietly(container.init, 'SIGTERM');
    expect(await container.exited).toBe(0);
    expect(here.log('shop-0.log')).toMatch(/told\n$/);
    expect(container.said).toContain('Everything is stopped.');
  });

  test('without an init the zombies stay: it is said, in status too, and an upgrade that would kill all is refused', async () => {
    const { here, box: container } = start(['ackwarden'], litter);
    await here.untilRunning();
    await untilLittered(here);
    await here.until(() => container.childStates().filter((state) => state === 'Z').length > 5, 'zombies pile up');
    expect(container.said.match(/this process is PID 1/g)).toHaveLength(1);
    expect((await here.client.status([])).warnings.join()).toContain('they stay as zombies');
    const upgrade = await here.cli('upgrade');
    expect(upgrade).toMatchObject({ code: 1 });
    expect(upgrade.stdout).toContain('not upgraded: the container would end with this process');
    expect((await here.worker('shop:0')).state).toBe('RUNNING');
  });

  test('the entry point starts the controller again after an upgrade and after kill -9; the worker does not notice', async () => {
    const { here, box: container } = start(TINI, litter);
    await here.untilRunning();
    const before = await here.client.status([]);
    const isNext = (last: number) => async (): Promise<boolean> =>
      (await here.client.status([])).controller.pid !== last;
    expect((await here.cli('upgrade')).code).toBe(0);
    await here.until(isNext(before.controller.pid), 'the next controller answers');
    await here.untilRunning();
    const second = await here.client.status([]);
    expect(second.workers[0]?.pid).toBe(before.workers[0]?.pid);
    // Its pid as it is seen in there: only somebody in there can signal it.
    spawn('nsenter', ['-t', String(container.init), '-p', '-m', 'kill', '-9', String(second.controller.pid)]);
    await here.until(isNext(second.controller.pid), 'and the one after it');
    await here.untilRunning();
    const third = await here.client.status([]);
    expect(third.workers[0]?.pid).toBe(before.workers[0]?.pid);
    expect(container.said).toContain('the controller was ended by signal 9 and is started again over its workers');
    signalQuietly(container.init, 'SIGTERM');
    expect(await container.exited).toBe(0);
  });

  test('exitOnFatal: the others are stopped, the reason is on stderr, the status is 1', async () => {
    const broken = { command: ['sh', '-c', 'exit 3'], start: { retries: 0 } };
    const { here, box: container } = start(TINI, { ...litter, broken }, { exitOnFatal: true });
    expect(await container.exited).toBe(1);
    expect(container.said).toMatch(
      /ackwarden: everything was stopped, because exitOnFatal is set: Gave up on broken:0 after 1 failed starts, the last one exited with status 3/,
    );
    expect(here.log('shop-0.log')).toMatch(/told\n$|^$/);
  });
});
