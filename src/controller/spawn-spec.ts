/** A complete spawn (docs/design.md, section 2): everything the process will have, so that the shim adds nothing of its own. */
import { join } from 'node:path';
import type { Config, ProgramConfig, WorkerConfig } from '../config/types.ts';
import type { Effect } from '../core/types.ts';
import type { GateSpec, SpawnSpec } from '../shim/spawn-spec.ts';
import { isGated } from '../config/gated.ts';
import { redirectOf } from '../config/redirect.ts';
import { fleetOf } from './fleet.ts';
import { passedOn } from './passed-on.ts';
import { ceilingsOf, stopPlanOf } from './policies.ts';
import { supervisorNameOf } from './supervisor-names.ts';

type SpawnEffect = Extract<Effect, { type: 'spawn' }>;

/** Where a worker finds its broker: the embedded one tells us, an external one is the user's own business. */
export interface Endpoint {
  /** With user and password: goes into the environment of the worker's own user only. */
  url: string;
  host: string;
  port: number;
}

export const specOf = (
  effect: SpawnEffect,
  from: { config: Config; inherited: NodeJS.ProcessEnv; endpoint: Endpoint | null; iniDirectory: string | null },
): SpawnSpec | null => {
  const found = fleetOf(from.config).get(effect.worker);
  if (found === undefined) return null;
  const { program, worker } = found;
  const environment = environmentOf(effect, { ...from, program, worker });
  const gate = gateOf(from, program, environment);
  const body = {
    argv: worker.command,
    environment: gate === null ? environment : withoutCachedConfig(environment, worker.command, from.config),
    directory: program.directory,
    user: program.user,
    umask: program.umask,
    nice: program.nice,
    limits: program.limits,
    oomScoreAdj: program.oom.scoreAdj,
    ceilings: ceilingsOf(program),
    hardPlan: stopPlanOf(from.config, program),
    gate,
    ready: program.ready,
    hooks: program.hooks,
    stdin: program.stdin,
    stdout: worker.stdout,
    stderr: worker.stderr,
  };
  return {
    incarnation: effect.incarnation,
    note: {
      worker: effect.worker,
      program: program.name,
      number: effect.number,
      role: effect.role,
      specHash: effect.spec,
      cause: effect.cause,
    },
    ...body,
  };
};

const environmentOf = (
  effect: SpawnEffect,
  from: {
    config: Config;
    inherited: NodeJS.ProcessEnv;
    endpoint: Endpoint | null;
    iniDirectory: string | null;
    program: ProgramConfig;
    worker: WorkerConfig;
  },
): Record<string, string> => {
  const environment = passedOn(from.inherited);
  // Libraries test SUPERVISOR_ENABLED; the names are supervisord's (supervisord.md, section 1).
  environment['SUPERVISOR_ENABLED'] = '1';
  const { group, name } = supervisorNameOf(from.config, from.program.name, effect.worker);
  environment['SUPERVISOR_PROCESS_NAME'] = name;
  environment['SUPERVISOR_GROUP_NAME'] = group;
  environment['SUPERVISOR_SERVER_URL'] = `unix://${from.config.socket.path}`;
  const { amqp } = from.program;
  if (from.endpoint !== null && amqp !== null) {
    environment[amqp.hostVariable] = from.endpoint.host;
    environment[amqp.portVariable] = String(from.endpoint.port);
    environment['ACKWARDEN_BROKER_URL'] = from.endpoint.url;
  }
  Object.assign(environment, from.worker.environment);
  // After the user's own variables: a scan directory of theirs is kept, and ours comes last.
  // One that is set and empty means none at all, where an empty part of a list means PHP's own.
  if (from.iniDirectory !== null) {
    const own = environment['PHP_INI_SCAN_DIR'];
    environment['PHP_INI_SCAN_DIR'] = own === '' ? from.iniDirectory : `${own ?? ''}:${from.iniDirectory}`;
  }
  return {
    ...environment,
    ACKWARDEN_INCARNATION: effect.incarnation,
    ACKWARDEN_WORKER: effect.worker,
  };
};

const gateOf = (
  from: { config: Config; endpoint: Endpoint | null },
  program: ProgramConfig,
  environment: Record<string, string>,
): GateSpec | null => {
  const { amqp } = program;
  if (amqp === null || !isGated(from.config, program)) return null;
  const redirect = redirectOf(from.config, program, { environment, embedded: from.endpoint });
  if (redirect === null) return null;
  const { hostVariable, portVariable, prefetch } = amqp;
  const poison = { ...amqp.poison, exitCodes: program.start.exitCodes };
  return { ...redirect, hostVariable, portVariable, prefetch, poison };
};

/**
 * Laravel's cached configuration has the broker's address in it and reads no variable: an `artisan` is shown a cache that does not
 * exist, so that it reads its configuration itself (php-workers.md, finding 5). Whoever sets the variable knows better.
 */
const withoutCachedConfig = (
  environment: Record<string, string>,
  command: readonly string[],
  config: Config,
): Record<string, string> => {
  if (environment['APP_CONFIG_CACHE'] !== undefined || !command.some((word) => /(^|\/)artisan$/.test(word)))
    return environment;
  return { ...environment, APP_CONFIG_CACHE: join(config.stateDir, 'no-cached-config.php') };
};
