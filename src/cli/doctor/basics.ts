/** What `run` needs to work at all: kernel, Node, the tools of the exec chain, an init. */
import { blocker, note, ok, problem } from './host-check.ts';
import type { HostCheck } from './host-check.ts';
import type { HostReader } from './host-reader.ts';

/** Every worker starts through these (and its locks and pipes need the last two); Debian package by command. */
const TOOLS = {
  sh: 'dash',
  nice: 'coreutils',
  prlimit: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  mkfifo: 'coreutils',
};
const MIN_NODE = [20, 19] as const;
/** Programs that reap what is reparented to them. */
const INITS = /^(?:systemd|init|tini|dumb-init|docker-init|catatonit|s6-svscan|runit|openrc-init|podman-init|conmon)$/;

export function checkKernel(host: HostReader): HostCheck {
  const release = host.read('/proc/sys/kernel/osrelease')?.trim() ?? null;
  if (release !== null) return ok('kernel', `Linux ${release}`);
  return blocker('kernel', '/proc is not readable', 'no process can be watched', 'mount /proc (and /proc/sys) here');
}

export function checkNode({ nodeVersion }: HostReader): HostCheck {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const enough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  if (enough) return ok('node', `Node ${nodeVersion}`);
  return blocker(
    'node',
    `Node ${nodeVersion}`,
    `ackwarden needs at least ${MIN_NODE.join('.')}`,
    'install a newer Node',
  );
}

export function checkTools(host: HostReader): HostCheck {
  const missing = Object.entries(TOOLS).filter(([tool]) => host.which(tool) === null);
  if (missing.length === 0) return ok('tools', Object.keys(TOOLS).join(', '));
  const names = missing.map(([tool]) => tool).join(', ');
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
  return blocker('tools', `missing: ${names}`, 'workers are started through them', `apt-get install ${packages}`);
}

export function checkPs(host: HostReader): HostCheck {
  if (host.which('ps') !== null) return ok('ps', 'ps is there');
  const consequence = 'the last rung of a stop (a tree kill of what left its process group) is not available';
  return note('ps', 'ps is missing', consequence, 'apt-get install procps');
}

/** Whether somebody reaps what is reparented: only PID 1 (or a subreaper) can. */
export function checkInit(host: HostReader): HostCheck {
  const comm = host.read('/proc/1/comm')?.trim() ?? null;
  const remedy =
    'start the container with an init: `docker run --init`, `init: true` in compose, or tini as entry point';
  if (host.pid === 1) {
    return problem('init', 'ackwarden itself is PID 1', 'orphans of workers stay as zombies', remedy);
  }
  const command = host.read('/proc/1/cmdline')?.split('\0').slice(0, 3) ?? [];
  if (command.includes('run') && command.some((word) => /(?:^|\/)(?:ackwarden|main\.js)$/.test(word)))
    return problem('init', 'PID 1 is ackwarden', 'orphans of workers stay as zombies', remedy);
  if (comm === null) return note('init', '/proc/1/comm is not readable', 'whether PID 1 reaps orphans is not known');
  if (INITS.test(comm)) return ok('init', `PID 1 is ${comm}`);
  return note(
    'init',
    `PID 1 is ${comm}, which is no init we know`,
    'if it does not reap, orphans of workers stay as zombies',
    remedy,
  );
}

export function checkSystemd(host: HostReader): HostCheck {
  if (host.exists('/run/systemd/system')) return ok('systemd', 'systemd runs this host');
  return note(
    'systemd',
    'no systemd here',
    'nothing starts ackwarden again by itself',
    'let the container runtime restart it, or another init',
  );
}
