import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';

const HELD = 1;
const FLOCK_DEADLINE_MS = 5000;

/** A held flock(2); it dies with this process, however that ends. */
export interface Lock {
  release(): void;
}

/**
 * Take the lock file at `path` (created if missing, mode 0600) without waiting; null when another process holds it.
 *
 * Node has no flock(2): flock(1) locks the open file that it inherits from us as descriptor 3, and the lock stays with our
 * descriptor when it exits. Throws a sentence when the file cannot be opened or flock(1) cannot be run.
 */
export function takeLock(path: string): Lock | null {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const run = spawnSync('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    timeout: FLOCK_DEADLINE_MS,
    encoding: 'utf8',
  });
  if (run.status === 0) return held(descriptor);
  closeSync(descriptor);
  if (run.status === HELD) return null;
  const found = run.error?.message ?? (run.stderr.trim() || `exit status ${run.status ?? run.signal}`);
  throw new Error(`Cannot lock ${path}: flock(1) failed (${found}). Install util-linux, or check the directory.`);
}

/** Released once: a second close(2) could hit a descriptor that has been given to somebody else meanwhile. */
function held(descriptor: number): Lock {
  let open: number | null = descriptor;
  return {
    release: () => {
      if (open !== null) closeSync(open);
      open = null;
    },
  };
}
