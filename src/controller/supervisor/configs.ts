/** The processes of a configuration as `avail` shows them. */
import { constants } from 'node:os';
import type { ProcessConfig, ProcessLog } from '../../api/rpc/supervisor.ts';
import { maskCommand } from '../../config/mask.ts';
import type { Config, LogConfig } from '../../config/types.ts';
import { fleetOf } from '../fleet.ts';
import type { FleetMember } from '../fleet.ts';
import { supervisorNameOf } from '../supervisor-names.ts';
import { hasGroup } from './regroup.ts';

/** @param active decides what is in use */
export const configsOf = (config: Config, active: Config): ProcessConfig[] =>
  [...fleetOf(config).values()].map((member) => configOf(config, active, member));

const configOf = (config: Config, active: Config, { program, worker }: FleetMember): ProcessConfig => {
  const names = supervisorNameOf(config, program.name, worker.name);
  return {
    ...names,
    groupPriority: groupPriorityOf(config, program.name, names.group),
    priority: program.priority,
    inUse: hasGroup(active, names.group),
    autostart: program.start.auto,
    directory: program.directory,
    user: program.user,
    command: maskCommand(worker.command).join(' '),
    exitCodes: program.start.exitCodes,
    startRetries: program.start.retries,
    startSeconds: Math.round(program.start.secondsMs / 1000),
    stopSignal: signalNumber(program.recycle.stopSignal),
    stopSeconds: Math.round(program.recycle.stopTimeoutMs / 1000),
    stdout: logOf(worker.stdout),
    stderr: worker.stderr === 'stdout' ? null : logOf(worker.stderr),
  };
};

/** A program that is its own group has its own priority. */
export const groupPriorityOf = (config: Config, program: string, group: string): number =>
  config.groups[group]?.priority ?? config.programs[program]?.priority ?? 999;

const signalNumber = (name: string): number => {
  const known: Record<string, number> = constants.signals;
  return known[`SIG${name}`] ?? constants.signals.SIGTERM;
};

const logOf = ({ path, backups, maxSizeBytes }: LogConfig): ProcessLog => ({ path, backups, maxSizeBytes });
