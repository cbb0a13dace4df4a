/** The next version of ackwarden, bundled beside this one, and the upgrade to it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './site.ts';
import type { Run, Site } from './site.ts';

const BUILD = fileURLToPath(new URL('../../../deploy/build.mjs', import.meta.url));

export interface NextVersion {
  main: string;
  remove: () => void;
}

export const buildNext = (): NextVersion => {
  const folder = mkdtempSync(join(tmpdir(), 'ackwarden-next-'));
  execFileSync(process.execPath, [BUILD, '--out', folder, '--version', '99.0.0']);
  return { main: join(folder, 'main.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** `ackwarden upgrade` once the new version is installed; started again as systemd would. */
export const upgradeTo = async (next: NextVersion, here: Site, running: Run): Promise<Run> => {
  here.main = next.main;
  const { code, stderr } = await here.cli('upgrade');
  if (code !== 0) throw new Error(stderr);
  const status = await running.exited;
  if (status !== 75) throw new Error(`the controller ended with ${status}, expected 75`);
  return here.run();
};

const parentOf = (pid: number): number =>
  Number(/^\d+ \(.*\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);

/** Every worker runs in one shim, which is not `old`, and that has ended. */
export const untilMoved = async (here: Site, old: number, deadlineMs?: number): Promise<void> => {
  const moved = async (): Promise<boolean> => {
    const { controller, workers } = await here.client.status([]);
    return (
      controller.shimPid !== old &&
      workers.every(({ state, leaving }) => state === 'RUNNING' && leaving.length === 0) &&
      workers.every(({ pid }) => pid !== null && parentOf(pid) === controller.shimPid)
    );
  };
  await here.until(moved, 'all have moved', deadlineMs);
  await here.until(() => !isAlive(old), 'the older shim has ended');
  const isQuiet = async (): Promise<boolean> =>
    !(await here.client.status([])).warnings.join().includes('an older shim');
  await here.until(isQuiet, 'status says nothing of an older shim any more');
};
