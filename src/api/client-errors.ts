/** What can go wrong between a command and the controller, as sentences with the exit code of docs/design.md, section 9. */
import { dirname } from 'node:path';

/**
 * Not by `import`: that makes a facade which evaluates every lazy export of node:fs (streams and all), 15 ms of the 50 that a
 * client command has.
 */
const { readFileSync, statSync } = process.getBuiltinModule('node:fs');

export class ClientError extends Error {
  override name = 'ClientError';
  /** Stable word for `--json`: `noController`, `permission`, `noAnswer`, `badAnswer`, or the server's own code. */
  readonly code: string;
  /** 1 failed, 2 usage, 4 no controller. */
  readonly exitCode: 1 | 2 | 4;

  constructor(code: string, exitCode: 1 | 2 | 4, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}

export interface Owner {
  path: string;
  user: string;
  group: string;
  /** Permission bits. */
  mode: number;
}

/** Name of a number in /etc/passwd or /etc/group; the number itself where it has none or the file cannot be read. */
function nameOf(file: string, id: number): string {
  try {
    const row = readFileSync(file, 'utf8')
      .split('\n')
      .map((text) => text.split(':'))
      .find((fields) => fields[2] === String(id));
    return row?.[0] ?? String(id);
  } catch {
    // Without the file (a distroless container) the number is all there is, and enough to act on.
    return String(id);
  }
}

/** Owner of the path, or of the nearest directory above it that we may look at: that one is shut. */
export function ownerOf(path: string): Owner | null {
  for (let candidate = path; ; candidate = dirname(candidate)) {
    try {
      const stat = statSync(candidate);
      const user = nameOf('/etc/passwd', stat.uid);
      return { path: candidate, user, group: nameOf('/etc/group', stat.gid), mode: stat.mode & 0o777 };
    } catch {
      // Not allowed to look below a directory that is shut: ask the directory.
      if (candidate === dirname(candidate)) return null;
    }
  }
}

/** The sentence for EACCES: who may talk to the controller, and what to do. */
export function permissionText(socketPath: string, owner: Owner | null): string {
  const start = `permission denied for the control socket ${socketPath}`;
  if (owner === null) return `${start}; run this command as the user that runs the controller`;
  const mode = owner.mode.toString(8).padStart(4, '0');
  const groupMay = (owner.mode & 0o010) !== 0 || (owner.path === socketPath && (owner.mode & 0o020) !== 0);
  const who = `${owner.path} belongs to user ${owner.user}, group ${owner.group} (mode ${mode})`;
  const remedy = groupMay
    ? `run this command as ${owner.user}, or as a member of group ${owner.group}`
    : `run this command as ${owner.user}, or let a group in with \`socket: { mode: "0660", group: … }\` in workers.yaml`;
  return `${start}: ${who}; ${remedy}`;
}

/** An error of connect(2) as a sentence. `configuration` is the file to name in the advice, if one is known. */
export function connectError(
  error: NodeJS.ErrnoException,
  socketPath: string,
  configuration: string | null,
): ClientError {
  const stateDir = dirname(socketPath);
  const start = `start one with \`ackwarden run -c ${configuration ?? 'workers.yaml'}\``;
  const cause = { cause: error };
  switch (error.code ?? '') {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ClientError('noController', 4, `no controller is running for stateDir ${stateDir}; ${start}`, cause);
    case 'ECONNREFUSED':
    case 'ENOTSOCK': {
      const text = `no controller is running for stateDir ${stateDir}: nothing listens on ${socketPath}, which an earlier one left behind; ${start}`;
      return new ClientError('noController', 4, text, cause);
    }
    case 'EACCES':
    case 'EPERM':
      return new ClientError('permission', 1, permissionText(socketPath, ownerOf(socketPath)), cause);
    case 'ECONNRESET':
    case 'EPIPE':
      return new ClientError(
        'noAnswer',
        1,
        'the controller ended before it answered; look at `ackwarden status`',
        cause,
      );
    default:
      return new ClientError('noAnswer', 1, `cannot talk to the controller on ${socketPath}: ${error.message}`, cause);
  }
}
