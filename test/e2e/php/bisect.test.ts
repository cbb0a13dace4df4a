/** `bisect` on real workers, a real broker and an extension that really leaks: it is named, and no message is lost or done twice. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BisectReport } from '../../../src/api/bisect-types.ts';
import type { WorkerStatus } from '../../../src/api/types.ts';
import { buildLeaky } from '../../fixtures/leaky-extension/build.ts';
import { openSite, readWork } from '../gate/site.ts';
import type { Site as Messages } from '../gate/site.ts';
import { MAIN, Site, isAlive } from '../controller/site.ts';
import type { Run } from '../controller/site.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');
const leaky = buildLeaky();
const innocent = leaky.skipped === null ? buildLeaky({ name: 'innocent', bytesPerCall: 0 }) : leaky;
if (leaky.skipped !== null) console.log(`skipped: ${leaky.skipped}`);

const QUEUE = 'bisect';
const KNOWN = {
  id: 'own-leaky',
  extension: 'leaky',
  affected: '<999',
  symptom: 'leaks with every call',
  zend: 'no',
  remedy: 'leave it out',
  link: 'https://tracker.example/1',
};

describe.skipIf(leaky.skipped !== null)('bisect', () => {
  let messages: Messages;
  let site: Site;
  let run: Run;
  let published = 0;
  let log = '';
  /** Keeps the queue filled, so that the workers always have something to do. */
  let publisher: NodeJS.Timeout;

  const publish = async (): Promise<void> => {
    const { messageCount } = await messages.channel.checkQueue(QUEUE);
    for (let room = 700 - messageCount; room > 0; room -= 1)
      messages.channel.sendToQueue(QUEUE, Buffer.from(String(published++)));
  };

  beforeAll(async () => {
    messages = await openSite();
    log = join(messages.dir, `${QUEUE}.log`);
    await messages.channel.assertQueue(QUEUE, { durable: true });
    const { username, password, hostname, port } = new URL(messages.broker.url);
    site = new Site({});
    mkdirSync(site.path('conf.d'));
    const load = [leaky, innocent].map(({ so }) => `extension="${so}"\n`).join('');
    writeFileSync(site.path('conf.d', '30-agents.ini'), load);
    const shop = {
      command: ['php', WORKER, ...[username, password, QUEUE, 'consume', 10, 2_000, log].map(String)],
      environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port, PHP_INI_SCAN_DIR: `:${site.path('conf.d')}` },
      start: { seconds: '100ms' },
      recycle: { settle: '10ms' },
      amqp: {},
    };
    writeFileSync(site.path('leaks.yaml'), JSON.stringify({ advisories: [KNOWN] }));
    const extra = { broker: { url: messages.broker.url }, sampling: { interval: '50ms' }, advisories: ['leaks.yaml'] };
    site.configure({ shop }, extra);
    run = await site.run();
    await site.untilRunning();
    await publish();
    publisher = setInterval(() => void publish(), 100);
  });
  afterAll(async () => {
    clearInterval(publisher);
    await site.dispose();
    await messages.close();
  });

  let cli: ChildProcess | null = null;
  /** What is left of a try that failed. */
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    cli?.kill('SIGKILL');
    await site.client.endBisect().catch(() => undefined);
  });

  const canaries = async (): Promise<WorkerStatus[]> =>
    (await site.client.status([])).workers.filter(({ name }) => name.includes('.bisect-'));
  const untilCanariesWork = (): Promise<void> =>
    site.until(async () => {
      const found = await canaries();
      return found.length === 3 && found.every(({ acknowledged }) => (acknowledged ?? 0) > 0);
    }, 'all canaries work');
  const request = { program: 'shop', suspects: ['leaky', 'innocent'], messages: 100_000, seconds: 60, atOnce: 4 };

  test('an interrupted one drains its canaries before it ends', async () => {
    cli = spawn(process.execPath, [MAIN, 'bisect', 'shop', '--suspects', 'leaky,innocent', '-c', site.file]);
    let said = '';
    cli.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(cli, 'close');
    await untilCanariesWork();
    cli.kill('SIGINT');
    expect(await ended).toEqual([1, null]);
    expect(said).toMatch(/bisect shop: [^]*it was interrupted\.\n$/);
    expect(await canaries()).toEqual([]);
  });

  test('one whose controller is killed is over, and the next controller drains what is left of it', async () => {
    await site.client.beginBisect(request);
    await untilCanariesWork();
    const pids = (await canaries()).map(({ pid }) => pid ?? 0);
    run.process.kill('SIGKILL');
    await run.exited;
    run = await site.run();
    await site.until(() => !pids.some((pid) => isAlive(pid)), 'the canaries are gone');
    expect(await canaries()).toEqual([]);
    await expect(site.client.bisect()).rejects.toThrow('no bisect has been begun');
  });

  test('the extension that leaks is found unasked, and named with its share', async () => {
    const { code, stdout, stderr } = await site.cli('bisect', 'shop', '--at-once', '2', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { conclusion, suspects, control, state } = JSON.parse(stdout) as BisectReport;
    expect(state).toBe('done');
    expect(conclusion).toMatchObject({ kind: 'found', extension: 'leaky' });
    expect(conclusion?.text).toContain('programs.shop.php.disableExtensions: [leaky]');
    const [suspect, other] = suspects;
    expect(suspects).toHaveLength(2);
    expect(suspect).toMatchObject({ extension: 'leaky', verdict: 'leaks', state: 'ended' });
    expect(suspect?.why).toMatch(/^\S+ is known to leak: leaks with every call \(own-leaky\)$/);
    expect(other).toMatchObject({ extension: 'innocent', why: 'it is loaded, and code is not known to call it' });
    expect(['innocent', 'undecided']).toContain(other?.verdict);
    expect(control.growth?.lowBytesPerMessage).toBeGreaterThan(10_000);
    expect(suspect?.growth?.highBytesPerMessage).toBeLessThan(10_000);
    expect(await canaries()).toEqual([]);
    expect(readdirSync(site.path('data/php'))).toEqual([]);
    const journal = await site.client.journal({});
    const told = journal.filter(({ reason }) => reason.rule === 'bisect.begun');
    expect(told.at(-1)?.outcome?.text).toBe(conclusion?.text);
    const gone = journal.findLast(({ reason }) => reason.rule === 'bisect.canaries');
    expect(gone?.reason.text).toMatch(/^Canaries of a bisect: shop\.bisect-control is gone: /);
  });

  test('no message was lost or given to two workers in all of that', async () => {
    clearInterval(publisher);
    await messages.channel.waitForConfirms();
    await site.until(async () => {
      const { messageCount } = await messages.channel.checkQueue(QUEUE);
      return messageCount === 0 && (await site.worker('shop:0')).inFlight === 0;
    }, 'all messages are done');
    const { done, again } = readWork(log);
    expect(published).toBeGreaterThan(2_000);
    expect({ done: done.length, different: new Set(done).size, again }).toEqual({
      done: published,
      different: published,
      again: [],
    });
  });

  test.each([
    ['none', {}, 'there is no program named "none"'],
    ['shop', { suspects: ['standard'] }, 'standard cannot be taken away from shop: it is compiled into this PHP'],
    ['shop', { suspects: ['nothing'] }, 'nothing cannot be taken away from shop: its PHP does not load it'],
    ['shop', { messages: 0 }, 'messages: found 0, expected a whole number from 1'],
  ])('%s with %j makes no sense, and changes nothing', async (program, changed, text) => {
    await expect(site.client.beginBisect({ ...request, ...changed, program })).rejects.toThrow(text);
    expect(await canaries()).toEqual([]);
  });
});
