/** What it costs and how fast it is, next to supervisord in the same run. Prints; asserts nothing. */
import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { MAIN, Site, signalQuietly } from '../e2e/controller/site.ts';
import { cpuSeconds, load, pssBytes, rssBytes, spread } from './measure.ts';
import { startPeer } from './peer.ts';

const MB = 1e6;
const LEAK = `$f = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
  if ($argv[1] === 'term') { pcntl_async_signals(true); pcntl_signal(SIGTERM, function () { exit(0); }); } else pcntl_signal(SIGTERM, SIG_IGN);
  while (true) { $p = $f->malloc(1000000); $f->memset($p, 1, 1000000); usleep(9500); }`;
const IDLE = ['php', '-r', 'while (true) sleep(1);'];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const row = (what: string, ours: string, peer: string, goal: string): void =>
  say(`${what.padEnd(44)} ${ours.padEnd(38)} ${peer.padEnd(34)} ${goal}`);

const withSite = async (site: Site, work: (site: Site) => Promise<void>): Promise<void> => {
  try {
    await site.run();
    await work(site);
  } finally {
    await site.dispose();
  }
};

/** Peak of every incarnation of three leakers, read from outside every few milliseconds, against the ceiling it met. */
const containment = async (
  how: 'term' | 'ignore',
  ceilingMb: number,
  memory: Record<string, string>,
): Promise<void> => {
  const site = new Site({
    leaker: {
      command: ['php', '-r', LEAK, '--', how],
      workers: 3,
      start: { seconds: '100ms', backoff: '100ms..1s' },
      memory,
      recycle: { stopTimeout: '60s' },
    },
  });
  const peaks = new Map<number, number>();
  await withSite(site, async () => {
    let known: number[] = [];
    const until = Date.now() + 25_000;
    for (let looked = 0; Date.now() < until; await pause(5)) {
      if (Date.now() - looked > 150) {
        const { workers } = await site.client.status([]);
        known = [
          ...new Set([...known, ...workers.flatMap(({ pid, leaving }) => [pid, ...leaving.map((old) => old.pid)])]),
        ].filter((pid) => pid !== null);
        looked = Date.now();
      }
      for (const pid of known) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, rssBytes(pid) ?? 0));
    }
  });
  const over = [...peaks.values()].filter((peak) => peak > ceilingMb * MB).map((peak) => peak / MB - ceilingMb);
  row(
    `past ${ceilingMb} MB, 3 × 100 MB/s, ${how === 'term' ? 'hard, handles TERM' : 'kill, ignores TERM'} (MB)`,
    spread(over, 1),
    '-',
    'median ≤ 12, worst ≤ 30',
  );
};

const respawn = async (): Promise<void> => {
  const ours: number[] = [];
  await withSite(new Site({ w: { command: 'sleep 1000', workers: 10, start: { seconds: '100ms' } } }), async (site) => {
    await site.untilRunning();
    for (const { name, pid } of (await site.client.status([])).workers) {
      const began = performance.now();
      signalQuietly(pid ?? 0, 'SIGKILL');
      let now = await site.worker(name);
      while (now.pid === pid || now.pid === null) now = await site.worker(name);
      ours.push(performance.now() - began);
    }
  });
  const peer = await startPeer('sleep 1000', 5);
  const theirs: number[] = [];
  for (const pid of peer?.pids() ?? []) {
    const began = performance.now();
    signalQuietly(pid, 'SIGKILL');
    // A supervisorctl takes 0.3 s by itself: look for the new child of the daemon in /proc instead.
    const before = new Set(children());
    while (children().every((child) => before.has(child))) await pause(2);
    theirs.push(performance.now() - began);
  }
  await peer?.stop();
  row(
    'respawn after SIGKILL (ms, as status tells)',
    spread(ours, 0),
    theirs.length === 0 ? 'not installed' : spread(theirs, 0),
    'median ≤ 50',
  );
};

const children = (): string[] => spawnSync('pgrep', ['-x', 'sleep'], { encoding: 'utf8' }).stdout.trim().split('\n');

const cost = async (count: number, seconds: number): Promise<void> => {
  await withSite(new Site({ w: { command: IDLE, workers: count, start: { seconds: '100ms' } } }), async (site) => {
    await site.untilStatus(({ workers }) => workers.every(({ state }) => state === 'RUNNING'), 'all run');
    await pause(3_000);
    const { controller } = await site.client.status(['w:0']);
    const both = [controller.pid, controller.shimPid ?? 0];
    const before = both.map(cpuSeconds);
    await pause(seconds * 1000);
    const spent = both.map((pid, index) => ((cpuSeconds(pid) - (before[index] ?? 0)) * 120) / seconds);
    const pss = both.map((pid) => pssBytes(pid) / MB);
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    const parts = (values: number[], digits: number): string =>
      `${sum(values).toFixed(digits)} (controller ${values[0]?.toFixed(digits)}, shim ${values[1]?.toFixed(digits)})`;
    row(`${count} PHP workers every 250 ms, CPU s per 120 s`, parts(spent, 2), '-', '≤ 1.5');
    row(`PSS of both processes at ${count} workers (MB)`, parts(pss, 0), '-', '≤ 75');
    const peer = await startPeer('sleep 1000', 10);
    const ours = Array.from({ length: 8 }, () => statusCpu(site));
    const theirs = Array.from({ length: peer === null ? 0 : 5 }, () => peer?.ctl('status').cpuSeconds ?? 0);
    await peer?.stop();
    row(
      `status, CPU s (${count} workers; supervisorctl: 10)`,
      spread(ours, 2),
      theirs.length === 0 ? 'not installed' : spread(theirs, 2),
      '≤ 0.15',
    );
  });
};

const statusCpu = (site: Site): number => {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null';
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, MAIN, 'status', '-c', site.file], {
    encoding: 'utf8',
  });
  return (stderr.trim().split('\n').at(-1) ?? '').split(' ').reduce((sum, value) => sum + Number(value), 0);
};

const PARTS: Record<string, () => Promise<void>> = {
  hard: () => containment('term', 256, { hard: '256MB', kill: '600MB' }),
  kill: () => containment('ignore', 320, { hard: '256MB', kill: '320MB' }),
  respawn,
  cost: () => cost(100, 60),
};

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
say(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`,
);
row('what', 'ackwarden', 'supervisord', 'goal');
for (const [name, part] of Object.entries(PARTS)) {
  if (only !== null && only !== name) continue;
  const before = load();
  await part();
  say(`  (load ${before} before, ${load()} after)`);
}
