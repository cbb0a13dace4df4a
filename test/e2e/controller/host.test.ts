/** A shortage of the host, by its real figures: who grows is recycled for it, and nothing starts until there is memory again. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

/** Takes 20 MiB a second. */
const EATER = `pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); });
  ini_set('memory_limit', '-1'); $kept = []; while (true) { if (count($kept) < 200) $kept[] = str_repeat('x', 2 << 20); usleep(100000); }`;
/** Large, and at rest. */
const FLAT = '$kept = str_repeat("x", 100 << 20); while (true) usleep(100000);';
const start = { seconds: '200ms' };
const PROGRAMS = {
  flat: { command: ['php', '-r', FLAT], start },
  eater: { command: ['php', '-r', EATER], start },
};

/** So much is never available: whatever else runs here, the host is short of it. */
const ALL = `${Math.floor(Number(/^MemTotal:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 1024)}MiB`;

test('below its reserve the host gets back what the largest grower took; who only is large stays', async () => {
  const here = (site = new Site(PROGRAMS));
  await here.run();
  await here.untilRunning();
  const { pid } = await here.worker('flat:0');
  here.configure(PROGRAMS, { host: { reserve: ALL, for: '2s' } });
  expect(await here.cli('reload')).toMatchObject({ code: 0, stderr: '' });
  const acted = await here.untilEntry(
    ({ reason, outcome }) => reason.rule === 'host.acts' && outcome !== null,
    'the host acts, and the worker is gone',
  );
  expect(acted).toMatchObject({ action: 'hostPressure', worker: 'eater:0', outcome: { ok: true } });
  const lines = readFileSync(here.file, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('"reserve"')) + 1;
  expect(acted.reason.policy).toEqual({ key: 'host.reserve', file: here.file, line });
  expect(acted.reason.text).toMatch(
    /^The host is short of memory: \S+ [GM]iB of \S+ GiB available for 2\.0 s, and host\.reserve is \S+ GiB \(workers\.yaml:\d+\); eater:0 is recycled for that, because it grows$/,
  );
  const recycled = await here.untilEntry(
    ({ reason, outcome }) => reason.rule === 'host.low' && outcome !== null,
    'it is recycled for that',
  );
  const because = { key: 'host.reserve', line };
  expect(recycled).toMatchObject({ action: 'recycle', cause: acted.id, reason: { policy: because } });
  const { stdout } = await here.cli('explain', recycled.id);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/The host is short of memory: .*Recycled eater:0 .* for the host: /);
  const held = await here.untilEntry(({ reason }) => reason.rule === 'host.reserve', 'its successor waits');
  expect(held).toMatchObject({ action: 'hold', worker: 'eater:0', reason: { policy: because } });
  here.configure(PROGRAMS);
  expect(await here.cli('reload')).toMatchObject({ code: 0 });
  await here.untilRunning('eater:0');
  expect(await here.worker('flat:0')).toMatchObject({ pid, recycles: 0 });
});
