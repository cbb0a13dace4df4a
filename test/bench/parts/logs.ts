/** Eight writers on one rotated file, in which there is room for every line: how many are missing afterwards? */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signalQuietly } from '../../e2e/controller/site.ts';
import { onEnd } from '../cleanup.ts';
import { startOurs } from '../ours.ts';
import type { Bench, Part } from '../part.ts';
import { ABSENT, startPeer } from '../peer.ts';
import { medianAtMost } from '../row.ts';
import { command } from '../scripts.ts';
import { until, untilBooted } from '../timing.ts';

const WRITERS = 8;
const LINES = 1500;
const PAUSE_US = 500;
/** supervisord's KB is ours of 1024 bytes. Fifteen files of 50 KiB take the 612 KB of all lines. */
const MAX_KIB = 50;
const BACKUPS = 14;
/** A log that has not grown for so long is complete. */
const QUIET_MS = 1_500;

interface Place {
  folder: string;
  environment: Record<string, string>;
  go: () => void;
  /** Lines that are not there once all writers are done. */
  lost: () => Promise<number>;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('all.log'))
    .map((name) => join(folder, name));

/** `logFolder`: where all.log and its rotated files are. */
const place = (root: string, name: string, logFolder: string): Place => {
  const [mark, start] = [join(root, `${name}.mark`), join(root, `${name}.go`)];
  const bytes = (): number => filesOf(logFolder).reduce((sum, path) => sum + statSync(path).size, 0);
  const untilQuiet = async (): Promise<void> => {
    for (let before = -1; before !== bytes(); await pause(QUIET_MS)) before = bytes();
  };
  return {
    folder: logFolder,
    environment: { MARK: mark, GO: start },
    go: () => writeFileSync(start, ''),
    lost: async () => {
      await untilBooted(mark, WRITERS);
      await untilQuiet();
      const lines = filesOf(logFolder).flatMap((path) => readFileSync(path, 'utf8').split('\n'));
      const whole = new Set(lines.filter((line) => /^\d{7} \d{5} \.{36}$/.test(line)));
      return WRITERS * LINES - whole.size;
    },
  };
};

const writer = (bench: Bench): string[] => command(bench.scripts, 'lines.php', String(LINES), String(PAUSE_US));

/** `killed`: the controller dies by SIGKILL once the first rotations are done. */
const ours = async (bench: Bench, root: string, killed: boolean): Promise<number> => {
  const name = killed ? 'killed' : 'ours';
  const folder = join(root, name);
  const { environment, go, lost } = place(root, name, folder);
  const stdout = { path: join(folder, 'all.log'), maxSize: `${MAX_KIB}KiB`, backups: BACKUPS };
  const { site, end } = await startOurs({
    w: { command: writer(bench), workers: WRITERS, environment, stdout, start: { seconds: '100ms' } },
  });
  const { pid } = (await site.client.status([])).controller;
  bench.progress(killed ? 'ours, kill -9 of the controller' : 'ours');
  go();
  if (killed) {
    await until(() => filesOf(folder).length > 3, 'some rotations');
    signalQuietly(pid, 'SIGKILL');
  }
  const missing = await lost();
  // For its end: somebody has to shut the workers down.
  if (killed) await site.run();
  await end();
  return missing;
};

const supervisord = async (bench: Bench, root: string): Promise<number[]> => {
  const { folder, environment, go, lost } = place(root, 'theirs', root);
  const log = { path: join(folder, 'all.log'), maxBytes: `${MAX_KIB}KB`, backups: BACKUPS };
  const run = startPeer({ command: writer(bench), count: WRITERS, environment, log });
  if (run === null) return [];
  await run.untilRunning();
  bench.progress('supervisord');
  go();
  const missing = await lost();
  await run.end();
  return [missing];
};

export const logs: Part = {
  name: 'logs',
  about: `lines lost of ${WRITERS * LINES}: ${WRITERS} writers on one log file that is rotated`,
  run: async (bench) => {
    const root = mkdtempSync(join(tmpdir(), 'ackwarden-bench-logs-'));
    const tidy = onEnd(() => rmSync(root, { recursive: true, force: true }));
    const kept = [await ours(bench, root, false)];
    const killed = [await ours(bench, root, true)];
    const peer = { name: 'supervisord', values: await supervisord(bench, root), absent: ABSENT };
    await tidy();
    const what = `lines lost of ${WRITERS * LINES}: ${WRITERS} writers, one file, ${MAX_KIB} KiB x ${BACKUPS + 1}`;
    const common = { unit: 'lines', digits: 0, note: null };
    return [
      { ...common, what, ours: kept, peer, goal: medianAtMost(kept, 0) },
      {
        ...common,
        what: 'the same, kill -9 of the controller',
        ours: killed,
        peer: null,
        goal: medianAtMost(killed, 0),
      },
    ];
  },
};
