/** The configurations of the processes, as last read: more than what runs, until `update`. */
import type { Methods } from '../method.ts';
import type { ProcessConfig } from '../supervisor.ts';
import type { RpcValue } from '../value.ts';

export const configMethods: Methods = {
  getAllConfigInfo: {
    text: 'All processes of the configuration that was read last, by name.',
    parameters: [],
    returns: 'array',
    run: (supervisor) =>
      supervisor
        .configs()
        .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
        .map(configInfo),
  },
};

/** What workers.yaml does not have has supervisord's default. */
const configInfo = (config: ProcessConfig): RpcValue => ({
  autostart: config.autostart,
  directory: config.directory,
  uid: config.user ?? 'none',
  command: config.command,
  exitcodes: config.exitCodes,
  group: config.group,
  group_prio: config.groupPriority,
  inuse: config.inUse,
  killasgroup: true,
  name: config.name,
  process_prio: config.priority,
  redirect_stderr: config.stderr === null,
  startretries: config.startRetries,
  startsecs: config.startSeconds,
  ...logInfo('stdout', config.stdout),
  ...logInfo('stderr', config.stderr),
  stopsignal: config.stopSignal,
  stopwaitsecs: config.stopSeconds,
  serverurl: 'auto',
});

const logInfo = (channel: string, log: ProcessConfig['stderr']): Record<string, RpcValue> => ({
  [`${channel}_capture_maxbytes`]: 0,
  [`${channel}_events_enabled`]: false,
  [`${channel}_logfile`]: log?.path ?? 'none',
  [`${channel}_logfile_backups`]: log?.backups ?? 0,
  [`${channel}_logfile_maxbytes`]: log?.maxSizeBytes ?? 0,
  [`${channel}_syslog`]: false,
});
