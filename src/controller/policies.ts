/** What the core needs of a configuration: numbers, worker names, and where each was written. */
import type { Config, ProgramConfig } from '../config/types.ts';
import { isGated } from '../config/gated.ts';
import { fleetOf } from './fleet.ts';
import type { ProgramPolicy } from '../core/types.ts';
import type { StopPlan } from '../shim/spawn-spec.ts';

/** Key of the broker that most programs share (the top-level `broker:`). */
export const DEFAULT_BROKER = 'default';

/** The default of a group's priority. */
const UNGROUPED = 999;

/** Programs in the order in which they start: by the priority of their group, then by their own, then as written. */
export const policiesOf = (config: Config): ProgramPolicy[] => {
  const specs = specsOf(config);
  return Object.values(config.programs)
    .toSorted((a, b) => groupPriority(config, a) - groupPriority(config, b) || a.priority - b.priority)
    .map((program) => policyOf(config, program, specs.get(program.name) ?? {}));
};

/** When a program starts among others: the lower, the earlier; by its group, then by itself. */
export const rankOf = (config: Config, program: ProgramConfig): [number, number] => [
  groupPriority(config, program),
  program.priority,
];

/** Of several groups the first one counts; a program in none is a group of its own. */
const groupPriority = ({ groups }: Config, { name }: ProgramConfig): number => {
  const own = Object.values(groups).filter(({ programs }) => programs.includes(name));
  return own.length === 0 ? UNGROUPED : Math.min(...own.map(({ priority }) => priority));
};

/** By program, the specs of its workers. */
const specsOf = (config: Config): Map<string, Record<string, string>> => {
  const specs = new Map<string, Record<string, string>>();
  for (const [name, { program, spec }] of fleetOf(config)) {
    const own = specs.get(program.name) ?? {};
    own[name] = spec;
    specs.set(program.name, own);
  }
  return specs;
};

const policyOf = (config: Config, program: ProgramConfig, specs: Record<string, string>): ProgramPolicy => ({
  name: program.name,
  workers: Object.keys(specs),
  specs,
  auto: program.start.auto,
  secondsMs: program.start.secondsMs,
  retries: program.start.retries,
  backoffMinMs: program.start.backoffMinMs,
  backoffMaxMs: program.start.backoffMaxMs,
  restart: program.start.restart,
  exitCodes: program.start.exitCodes,
  after: program.after,
  cpu: program.cpu,
  lifetime: program.lifetime,
  stuck: program.stuck,
  ready: program.ready && { timeoutMs: program.ready.timeoutMs, shown: readyText(program.ready) },
  beforeStartMs: program.hooks?.beforeStart == null ? 0 : program.hooks.timeoutMs,
  broker: brokerKeyOf(config, program),
  overlap: program.recycle.overlap,
  maxConcurrent: program.recycle.maxConcurrent,
  budget: program.recycle.budget,
  plan: stopPlanOf(config, program),
  ceilings: ceilingsOf(program),
  oom: program.oom,
  growth: program.memory.growth,
  // A worker's entries may follow from what is set for its host.
  origins: { ...config.origins, ...program.origins },
});

/** Which broker a program depends on; null if it does not speak AMQP, or if there is none to ask. */
export const brokerKeyOf = (config: Config, program: ProgramConfig): string | null => {
  if (program.amqp === null) return null;
  if (program.broker !== null) return `program:${program.name}`;
  return config.broker === null ? null : DEFAULT_BROKER;
};

export const ceilingsOf = (program: ProgramConfig): ProgramPolicy['ceilings'] => ({
  softBytes: program.memory.softBytes,
  hardBytes: program.memory.hardBytes,
  killBytes: program.memory.killBytes,
  metric: program.memory.metric,
});

const readyText = (ready: NonNullable<ProgramConfig['ready']>): string => {
  switch (ready.check) {
    case 'consuming':
      return 'consuming';
    case 'log':
      return `log ${JSON.stringify(ready.text)}`;
    case 'file':
      return `file ${ready.path}`;
    case 'command':
      return `command ${ready.argv[0] ?? ''}`;
  }
};

const hooksMsOf = ({ hooks }: ProgramConfig): number =>
  hooks === null ? 0 : [hooks.beforeStop, hooks.afterStop].filter((hook) => hook !== null).length * hooks.timeoutMs;

/** Behind a gate a stop drains first; without one the drain is the worker's own graceful stop on the signal. */
export const stopPlanOf = (config: Config, program: ProgramConfig): StopPlan => ({
  quiesce: isGated(config, program),
  drainTimeoutMs: program.recycle.drainTimeoutMs,
  drainAttempts: 1,
  onStuckDrain: program.recycle.onStuckDrain,
  settleMs: program.recycle.settleMs,
  stopSignal: program.recycle.stopSignal,
  stopTimeoutMs: program.recycle.stopTimeoutMs,
  kill: 'afterTimeout',
  hooksMs: hooksMsOf(program),
});
