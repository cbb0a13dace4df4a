/** What a process has to know when it is at the head of a pid namespace (pid_namespaces(7)): with PID 1 everything in it ends. */
import { readFileSync } from 'node:fs';

/** They end with their one child, whatever else still runs; a real init (systemd) does not. */
const SMALL_INITS = new Set(['tini', 'docker-init', 'dumb-init', 'catatonit', 'podman-init']);

const REMEDY = 'start it under a small init and the entry point of deploy/container (docs/container.md)';

/** A sentence where this process is PID 1; else null. */
export const initTrouble = (pid: number): string | null =>
  pid === 1
    ? `this process is PID 1 and reaps no process that a worker leaves behind: they stay as zombies; ${REMEDY}`
    : null;

/**
 * Why this controller must not end for its successor: nobody would start one, and its end would take every worker along.
 *
 * @param of its own pid, its parent's pid, and the name of PID 1 (null: not readable)
 */
export const upgradeRefusal = (of: { pid: number; parentPid: number; initName: string | null }): string | null => {
  const isHead = of.pid === 1 || (of.parentPid === 1 && SMALL_INITS.has(of.initName ?? ''));
  return isHead
    ? `not upgraded: the container would end with this process, and every worker with it; ${REMEDY}, or replace the container`
    : null;
};

/** The name of PID 1; null where /proc does not say. */
export const initName = (): string | null => {
  try {
    return readFileSync('/proc/1/comm', 'utf8').trim();
  } catch {
    return null;
  }
};
