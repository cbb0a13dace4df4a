/** What we may do to other processes: users, oom_score_adj, reading their memory. */
import { note, ok } from './host-check.ts';
import type { HostCheck } from './host-check.ts';
import type { HostReader } from './host-reader.ts';

/** Bits of capability sets (linux/capability.h). */
const CAP_SYS_PTRACE = 19n;
const CAP_SYS_RESOURCE = 24n;

/** CapEff of our own process; null: cannot be known. */
function effective(host: HostReader): bigint | null {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(host.read('/proc/self/status') ?? '')?.[1];
  return hex === undefined ? null : BigInt(`0x${hex}`);
}

function has(host: HostReader, bit: bigint): boolean | null {
  const set = effective(host);
  return set === null ? null : ((set >> bit) & 1n) === 1n;
}

export function checkUser(host: HostReader): HostCheck {
  if (host.uid === 0) return ok('user', 'root: workers can run as any user');
  const consequence = 'workers run as this user; a program with another `user:` cannot start';
  return note('user', `not root (uid ${host.uid})`, consequence, 'run as root, or leave `user:` out');
}

export function checkOomScore(host: HostReader): HostCheck {
  const capable = has(host, CAP_SYS_RESOURCE);
  if (capable === true) return ok('oom', 'CAP_SYS_RESOURCE: oom_score_adj can be set to anything');
  const text = capable === null ? 'our capabilities are not readable' : 'no CAP_SYS_RESOURCE';
  const consequence = '`oom.scoreAdj` can be raised, but not lowered below what we were started with';
  return note('oom', text, consequence, 'run as root on the host, or `docker run --cap-add SYS_RESOURCE`');
}

const SCOPES: Readonly<Record<string, string>> = {
  '0': 'processes of the same user may be read',
  '1': 'only descendants may be read',
  '2': 'only root may read other processes',
  '3': 'nobody may, until the next boot',
};

export function checkPtrace(host: HostReader): HostCheck {
  const scope = host.read('/proc/sys/kernel/yama/ptrace_scope')?.trim() ?? null;
  const yama = scope === null ? 'no yama' : `yama ptrace_scope ${scope} (${SCOPES[scope] ?? 'unknown'})`;
  const capable = has(host, CAP_SYS_PTRACE);
  if (capable === true && scope !== '3') return ok('ptrace', `CAP_SYS_PTRACE, ${yama}: any worker can be looked into`);
  const what = capable === true ? 'CAP_SYS_PTRACE' : 'no CAP_SYS_PTRACE';
  const consequence =
    'the Zend heap of a worker of another user cannot be read (`diagnose` then tells code from extensions only by what the controller knows), and a peer of the gate is known by its user only';
  const remedy = scope === '3' ? null : 'run as root on the host, or `docker run --cap-add SYS_PTRACE`';
  return note('ptrace', `${what}, ${yama}`, consequence, remedy);
}
