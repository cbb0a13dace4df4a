/** The one exec chain that turns into the worker; the pid stays the same from the first instruction to the last. */
import type { ExitStatus } from './protocol.ts';
import type { SpawnSpec } from './spawn-spec.ts';
import type { BootIdentity } from '../linux/boot.ts';

/** Exit status of the chain when the process could not be recorded; nothing unrecorded ever execs. */
const NOT_RECORDED = 125;

/**
 * Constant; everything that varies comes as an argument: $1 boot id, $2 pid namespace, $3 oom_score_adj, $4 record file, $5 umask, then
 * the command. Only builtins run, so the shell forks nothing. `set -C` makes the record fail if the file is already there, and it fails
 * when a newer shim has fenced off the directory: either way nothing is executed. A refused oom_score_adj is not fatal: the value
 * read back goes into the record.
 */
const SCRIPT = `
read -r stat </proc/self/stat || exit 125
{ echo "$3" >/proc/self/oom_score_adj; } 2>/dev/null
adj=unknown
read -r adj </proc/self/oom_score_adj
set -C
printf '%s %s %s %s\\n' "$1" "$2" "$adj" "$stat" >"$4" || exit 125
set +C
umask "$5"
shift 5
unset -v stat adj
exec "$@"
`;

/** Absolute paths of the util-linux and coreutils programs of the chain. */
export interface ChainTools {
  sh: string;
  nice: string;
  prlimit: string;
  setpriv: string;
}

/** The user to become; null: stay who we are. */
export interface ChainUser {
  uid: number;
  gid: number;
}

export interface ChainRequest {
  spec: SpawnSpec;
  boot: BootIdentity;
  recordPath: string;
  user: ChainUser | null;
  tools: ChainTools;
}

/** The argv to execute; only the tools that this spec needs are in it. */
export function execChain(request: ChainRequest): string[] {
  const { spec, boot, recordPath, user, tools } = request;
  const head = [
    tools.sh,
    '-c',
    SCRIPT,
    'ackwarden',
    boot.bootId,
    boot.pidNamespace,
    String(spec.oomScoreAdj),
    recordPath,
  ];
  return [
    ...head,
    spec.umask.toString(8).padStart(3, '0'),
    ...niceWords(spec, tools),
    ...prlimitWords(spec, tools),
    ...setprivWords(user, tools),
    ...spec.argv,
  ];
}

function niceWords(spec: SpawnSpec, tools: ChainTools): string[] {
  return spec.nice === 0 ? [] : [tools.nice, '-n', String(spec.nice), '--'];
}

// Before setpriv: only root may raise a limit.
function prlimitWords(spec: SpawnSpec, tools: ChainTools): string[] {
  const limits = Object.entries(spec.limits).map(([name, value]) => `--${name}=${value ?? 'unlimited'}`);
  return limits.length === 0 ? [] : [tools.prlimit, ...limits, '--'];
}

// --init-groups keeps the user's supplementary groups; Node's own uid and gid options would drop them.
function setprivWords(user: ChainUser | null, tools: ChainTools): string[] {
  return user === null ? [] : [tools.setpriv, `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
}

/** What a chain that ended before it became the worker says of why. */
export function unrecorded(status: ExitStatus): string {
  const how = status.signal === null ? `exit status ${status.code}` : status.signal;
  if (status.code === NOT_RECORDED)
    return `The process could not be recorded in stateDir (${how}): is its disk full or read-only?`;
  return `The process ended before it ran the command (${how}); its output log may say why.`;
}
