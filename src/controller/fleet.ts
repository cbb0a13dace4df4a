/** The workers of a configuration by name. Expanded once per configuration: every spawn and every status asks. */
import { createHash } from 'node:crypto';
import { expandWorkers } from '../config/expand.ts';
import { makingOf } from '../config/reload/leaves.ts';
import type { Config, ProgramConfig, WorkerConfig } from '../config/types.ts';

export interface FleetMember {
  program: ProgramConfig;
  worker: WorkerConfig;
  /** What its processes are made of: one that was spawned with another is out of date (core/roll.ts). */
  spec: string;
}

const known = new WeakMap<Config, Map<string, FleetMember>>();

export const fleetOf = (config: Config): Map<string, FleetMember> => {
  let fleet = known.get(config);
  if (fleet === undefined) {
    fleet = new Map();
    for (const program of Object.values(config.programs)) {
      const making = makingOf(config, program);
      for (const worker of expandWorkers(program))
        fleet.set(worker.name, { program, worker, spec: specOf(making, worker) });
    }
    known.set(config, fleet);
  }
  return fleet;
};

/**
 * In front of the hash: which values it covers, and how. Where that changes (a key gets a row in config/reload/effects.ts), this number
 * has to: processes of another number are left alone, instead of rolling every fleet at its next upgrade.
 */
const SPEC_VERSION = 2;

/** Templates are filled in per worker; what they hold may differ although the templates do not (`firstIndex`). */
const specOf = (making: string, { command, environment, stdout, stderr }: WorkerConfig): string => {
  const filled = [command, environment, stdout.path, stderr === 'stdout' ? stderr : stderr.path];
  const hash = createHash('sha256').update(making).update(JSON.stringify(filled)).digest('hex');
  return `${SPEC_VERSION}.${hash.slice(0, 16)}`;
};
