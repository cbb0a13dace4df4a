import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  kernel: string;
  node: string;
  /** Null: not installed. */
  php: string | null;
  supervisord: string | null;
  text: string;
}

const versionOf = (command: string, argument: string, pattern: RegExp): string | null => {
  const asked = spawnSync(command, [argument], { encoding: 'utf8' });
  return asked.error === undefined ? (pattern.exec(asked.stdout)?.[1] ?? null) : null;
};

export const machine = (): Machine => {
  const known = {
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    php: versionOf('php', '--version', /^PHP (\S+)/),
    supervisord: versionOf('supervisord', '--version', /^(\S+)/),
  };
  const { cpu, cores, memoryGiB, kernel, node, php, supervisord } = known;
  const text =
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}, ` +
    `PHP ${php ?? 'not installed'}, supervisord ${supervisord ?? 'not installed'}`;
  return { ...known, text };
};
