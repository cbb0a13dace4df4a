// /usr/sbin/policy-rc.d decides whether a package's scripts may start its service (invoke-rc.d and deb-systemd-invoke ask it;
// 101 is "forbidden by policy"). Ours stands there while apt runs; what stood there before is set aside by a rename, and so
// comes back with its owner, mode and times. Should we be killed in between, the next run finds our marker and puts it right.
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { SetupError } from './report.mjs';
import { holdSignals } from './run.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const MARKER = '# written by ackwarden set-up, process';

/** @param {string | number} pid @returns {string | null} start time in clock ticks, null when the process is gone */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // No such process (or no /proc: then nobody can be waited for).
  }
}

/** @param {string} path */
const exists = (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** @param {string} path @returns {{ pid: string, started: string } | null} who wrote the policy that stands there, if we did */
function markedOwner(path) {
  if (!existsSync(path)) return null;
  const found = new RegExp(`^${MARKER} (\\d+) (\\d+)$`, 'm').exec(readFileSync(path, 'latin1'));
  return found?.[1] && found[2] ? { pid: found[1], started: found[2] } : null;
}

/** Puts back what a dead run left aside. @param {string} path */
function restore(path) {
  const aside = `${path}.ackwarden-aside`;
  if (exists(aside)) renameSync(aside, path);
  else if (markedOwner(path)) rmSync(path);
}

/** @param {string} path @param {number} timeoutMs */
async function takeOver(path, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (let owner = markedOwner(path); owner && startTime(owner.pid) === owner.started; owner = markedOwner(path)) {
    if (Date.now() > deadline) {
      throw new SetupError(
        `another set-up (process ${owner.pid}) has been installing packages for long; wait for it, then try again.`,
      );
    }
    await wait(500);
  }
  restore(path);
}

/**
 * Runs `work` while no package may start a service.
 * @param {() => Promise<void>} work
 * @param {{ path?: string, timeoutMs?: number }} [options] `path` is for tests
 */
export async function withoutServiceStarts(work, { path = POLICY, timeoutMs = 900_000 } = {}) {
  await takeOver(path, timeoutMs);
  // A signal from here on must not end us before the restore; the work stops at its next step instead.
  const release = holdSignals();
  const script = `#!/bin/sh\n${MARKER} ${process.pid} ${startTime(process.pid) ?? 0}\nexit 101\n`;
  const fresh = `${path}.ackwarden-new`;
  writeFileSync(fresh, script, { mode: 0o755 });
  if (exists(path)) renameSync(path, `${path}.ackwarden-aside`);
  renameSync(fresh, path);
  try {
    await work();
  } finally {
    restore(path);
    release();
  }
}
