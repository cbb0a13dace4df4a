/** What holds for living processes without another process: told to the shim when it changes, and when a shim is met. */
import { isDeepStrictEqual } from 'node:util';
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Config } from '../config/types.ts';
import { incarnationsOf } from '../core/find.ts';
import type { CoreState } from '../core/types.ts';
import type { IncarnationReport, ToShim } from '../shim/protocol.ts';
import { fleetOf } from './fleet.ts';
import type { FleetMember } from './fleet.ts';
import { ceilingsOf, stopPlanOf } from './policies.ts';

type Limits = Omit<Extract<ToShim, { type: 'setLimits' }>, 'type' | 'incarnation'>;

type Tell = (message: ToShim) => void;

/**
 * A shim was met: its processes may be older than the configuration.
 *
 * @param changes of the configuration since they were started, where they are known
 */
export const renewAtAttach = (
  { config, changes }: { config: Config; changes: ReloadPlan | null },
  living: readonly IncarnationReport[],
  tell: Tell,
): void => {
  const logs = new Set((changes?.programs ?? []).filter(touchesLogs).map(({ name }) => name));
  for (const { incarnation, note } of living) {
    const member = fleetOf(config).get(note.worker);
    if (member === undefined) continue;
    tell({ type: 'setLimits', incarnation, ...limitsOf(config, member) });
    if (logs.has(member.program.name)) tellLogLimits(member, tell);
  }
};

const touchesLogs = ({ keys }: ReloadPlan['programs'][number]): boolean =>
  keys.some(({ key }) => /^std(out|err)\./.test(key));

/** Another configuration is in force: tell what is different for the processes that live. */
export const renewAtReload = (before: Config, after: Config, core: CoreState, tell: Tell): void => {
  for (const [name, member] of fleetOf(after)) {
    const was = fleetOf(before).get(name);
    const worker = core.workers[name];
    if (was === undefined || worker === undefined) continue;
    if (!isDeepStrictEqual([was.worker.stdout, was.worker.stderr], [member.worker.stdout, member.worker.stderr]))
      tellLogLimits(member, tell);
    const limits = limitsOf(after, member);
    const differ = !isDeepStrictEqual(limits, limitsOf(before, was));
    if (!differ) continue;
    for (const { id: incarnation } of incarnationsOf(worker)) tell({ type: 'setLimits', incarnation, ...limits });
  }
};

const limitsOf = (config: Config, { program }: FleetMember): Limits => ({
  ceilings: ceilingsOf(program),
  hardPlan: stopPlanOf(config, program),
});

/** Of a log that is open; whoever opens one brings its limits. */
const tellLogLimits = ({ worker }: FleetMember, tell: Tell): void => {
  for (const log of [worker.stdout, worker.stderr]) {
    if (log === 'stdout') continue;
    const { path, maxSizeBytes, backups, daily, compress } = log;
    tell({ type: 'setLogLimits', path, limits: { maxSizeBytes, backups, daily, compress } });
  }
};
