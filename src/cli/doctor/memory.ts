/** How the kernel deals with memory here: cgroups, swap, pressure, limits of the container. */
import { join } from 'node:path';
import { formatBytes } from '../format.ts';
import { note, ok } from './host-check.ts';
import type { HostCheck } from './host-check.ts';
import type { HostReader } from './host-reader.ts';

const ROOT = '/sys/fs/cgroup';

/** Our own cgroup's directory: of the v2 hierarchy, or of v1's memory controller; null: there is none. */
export function ownCgroup(host: HostReader): { version: 1 | 2; path: string } | null {
  const lines = (host.read('/proc/self/cgroup') ?? '').split('\n');
  // proc_pid_cgroup(5): hierarchy-ID:controllers:path, with 0 and no controllers for v2.
  const v1 = lines.map((line) => /^\d+:[^:]*\bmemory\b[^:]*:(.*)$/.exec(line)?.[1]).find((path) => path !== undefined);
  if (v1 !== undefined) return { version: 1, path: visible(host, join(ROOT, 'memory'), v1) };
  const v2 = lines.map((line) => /^0::(.*)$/.exec(line)?.[1]).find((path) => path !== undefined);
  if (v2 === undefined || !host.exists(join(ROOT, 'cgroup.controllers'))) return null;
  return { version: 2, path: visible(host, ROOT, v2) };
}

/** In a container the path may be the host's, and the mount begins at our own cgroup. */
function visible(host: HostReader, root: string, path: string): string {
  const full = join(root, path);
  return host.exists(full) ? full : root;
}

export function checkCgroup(host: HostReader): HostCheck {
  const own = ownCgroup(host);
  if (own === null)
    return note('cgroup', 'no memory cgroup is visible', 'the `cgroup:` ceilings cannot be set; ours hold without');
  const name = `cgroup v${own.version}, ${own.path}`;
  if (!host.writable(own.path)) {
    const remedy = 'under systemd: `Delegate=yes` (deploy/systemd has it); in a container: a writable /sys/fs/cgroup';
    return note(
      'cgroup',
      `${name}, not delegated to us`,
      'the `cgroup:` ceilings cannot be set; ours hold without',
      remedy,
    );
  }
  if (own.version === 2 && !/\bmemory\b/.test(host.read(join(own.path, 'cgroup.controllers')) ?? '')) {
    const consequence = 'the `cgroup:` ceilings cannot be set; ours hold without';
    return note(
      'cgroup',
      `${name}, writable, but without the memory controller`,
      consequence,
      'enable `memory` in the parent',
    );
  }
  return ok('cgroup', `${name}, writable: a second wall with \`cgroup:\` is possible`);
}

/** With memory.oom.group the kernel kills everything in the cgroup at once: workers, shim and controller. */
export function checkOomGroup(host: HostReader): HostCheck {
  const own = ownCgroup(host);
  const text = own?.version === 2 ? (host.read(join(own.path, 'memory.oom.group'))?.trim() ?? null) : null;
  if (text !== '1') return ok('oomGroup', 'an OOM kill here takes one process, not the group');
  const consequence = 'when memory runs out here, the kernel kills workers, shim and controller together';
  return note(
    'oomGroup',
    'memory.oom.group is 1',
    consequence,
    'under systemd: `OOMPolicy=continue`; else write 0 into memory.oom.group',
  );
}

/** The limit of our own cgroup, which in a container is smaller than what /proc/meminfo says. */
export function checkMemoryLimit(host: HostReader): HostCheck {
  const own = ownCgroup(host);
  const file = own === null ? null : join(own.path, own.version === 2 ? 'memory.max' : 'memory.limit_in_bytes');
  const limit = Number(file === null ? Number.NaN : (host.read(file)?.trim() ?? Number.NaN));
  const total = meminfo(host, 'MemTotal');
  const known = total === null ? 'memory of unknown size' : `${formatBytes(total)} of memory`;
  // v1 says "none" with a number near 2^63, v2 with the word max.
  if (!Number.isFinite(limit) || (total !== null && limit >= total))
    return ok('memory', `${known}, no limit on our cgroup`);
  const consequence = 'the ceilings of all workers together should stay below that, or the kernel kills first';
  return note('memory', `${known}, of which our cgroup may use ${formatBytes(limit)}`, consequence);
}

function meminfo(host: HostReader, key: string): number | null {
  const kibibytes = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(host.read('/proc/meminfo') ?? '')?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

export function checkSwap(host: HostReader): HostCheck {
  const total = meminfo(host, 'SwapTotal');
  if (total === null) return note('swap', '/proc/meminfo is not readable', 'whether there is swap is not known');
  if (total > 0) return ok('swap', `${formatBytes(total)} of swap`);
  const consequence = 'a host that runs out of memory goes straight to the OOM killer; `host.swapIn` never fires';
  return note('swap', 'no swap', consequence, 'keep `host.reserve` generous; a little swap gives the ceilings time');
}

export function checkPressure(host: HostReader): HostCheck {
  if (host.read('/proc/pressure/memory') !== null) return ok('psi', 'memory pressure (PSI) is readable');
  const remedy = 'boot with psi=1 (kernel 4.20 or newer with CONFIG_PSI)';
  return note('psi', '/proc/pressure/memory is not readable', '`host.pressure` never fires', remedy);
}
