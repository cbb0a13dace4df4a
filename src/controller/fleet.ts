/** The workers of a configuration by name. Expanded once per configuration: every spawn and every status asks. */
import { expandWorkers } from '../config/expand.ts';
import type { Config, ProgramConfig, WorkerConfig } from '../config/types.ts';

export interface FleetMember {
  program: ProgramConfig;
  worker: WorkerConfig;
}

const known = new WeakMap<Config, Map<string, FleetMember>>();

export const fleetOf = (config: Config): Map<string, FleetMember> => {
  let fleet = known.get(config);
  if (fleet === undefined) {
    fleet = new Map();
    for (const program of Object.values(config.programs)) {
      for (const worker of expandWorkers(program)) fleet.set(worker.name, { program, worker });
    }
    known.set(config, fleet);
  }
  return fleet;
};
