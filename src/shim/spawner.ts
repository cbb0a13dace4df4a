/** Starting a process, with execa behind a small interface: its types and its promise stay in here. */
import { execa } from 'execa';
import type { ExitStatus } from './protocol.ts';

export interface ChildHandle {
  readonly pid: number;
  /** Called once, when the process is reaped: the truth about its end. */
  onExit(listener: (status: ExitStatus) => void): void;
}

export interface ChildRequest {
  argv: string[];
  directory: string;
  environment: Record<string, string>;
  /** Descriptor that becomes 0; null: /dev/null. */
  stdin: number | null;
  /** Descriptors that become 1 and 2; they stay open here. */
  stdout: number;
  stderr: number;
}

/**
 * Start a process in its own session and process group. Throws a sentence when it cannot be started.
 *
 * execa's comforts would break a supervisor (each is turned off): it buffers output, sends SIGKILL on its own after 5 s, ties the
 * worker's life to ours, and adds our environment. Its promise waits for streams; the exit comes from the `exit` event.
 */
export function spawnChild(request: ChildRequest): ChildHandle {
  const [command, ...words] = request.argv;
  if (command === undefined) throw new Error('Nothing to start: the command is empty.');
  const child = execa(command, words, {
    buffer: false,
    forceKillAfterDelay: false,
    reject: false,
    cleanup: false,
    detached: true,
    extendEnv: false,
    env: request.environment,
    cwd: request.directory,
    stdin: request.stdin === null ? 'ignore' : (request.stdin as 0),
    // The types know only 0, 1 and 2; any descriptor of ours is handed on as it is.
    stdout: request.stdout as 1,
    stderr: request.stderr as 2,
    stripFinalNewline: false,
  });
  const { pid } = child;
  if (pid === undefined) {
    // The reason arrives only with the promise; what can go wrong here is the fork or /bin/sh itself.
    throw new Error('The process could not be started: no process or memory was left, or /bin/sh is missing.');
  }
  return {
    pid,
    onExit: (listener) => {
      child.once('exit', (code, signal) => listener({ code, signal: signal ?? null }));
    },
  };
}
