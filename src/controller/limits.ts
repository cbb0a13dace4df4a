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
import type { Scribe } from './scribe.ts';

type Limits = Omit<Extract<ToShim, { type: 'setLimits' }>, 'type' | 'incarnation'>;

export interface LimitParts {
  tell: (message: ToShim) => void;
  scribe: Scribe;
}

/**
 * A shim was met: its processes may be older than the configuration.
 *
 * @param changes of the configuration since they were started, where they are known
 */
export const renewAtAttach = (
  { config, changes }: { config: Config; changes: ReloadPlan | null },
  living: readonly IncarnationReport[],
  parts: LimitParts,
): void => {
  const logs = new Set((changes?.programs ?? []).filter(touchesLogs).map(({ name }) => name));
  for (const { incarnation, note, pid, oomScoreAdj } of living) {
    const member = fleetOf(config).get(note.worker);
    if (member === undefined) continue;
    parts.tell({ type: 'setLimits', incarnation, ...limitsOf(config, member) });
    if (logs.has(member.program.name)) tellLogLimits(member, parts);
    if (oomScoreAdj !== undefined) setOom({ incarnation, pid, from: oomScoreAdj }, member, parts);
  }
};

const touchesLogs = ({ keys }: ReloadPlan['programs'][number]): boolean =>
  keys.some(({ key }) => /^std(out|err)\./.test(key));

/** Another configuration is in force: tell what is different for the processes that live. */
export const renewAtReload = (before: Config, after: Config, core: CoreState, parts: LimitParts): void => {
  for (const [name, member] of fleetOf(after)) {
    const was = fleetOf(before).get(name);
    const worker = core.workers[name];
    if (was === undefined || worker === undefined) continue;
    if (!isDeepStrictEqual([was.worker.stdout, was.worker.stderr], [member.worker.stdout, member.worker.stderr]))
      tellLogLimits(member, parts);
    const limits = limitsOf(after, member);
    const differ = !isDeepStrictEqual(limits, limitsOf(before, was));
    for (const { id: incarnation, pid } of incarnationsOf(worker)) {
      if (differ) parts.tell({ type: 'setLimits', incarnation, ...limits });
      setOom({ incarnation, pid, from: was.program.oom.scoreAdj }, member, parts);
    }
  }
};

const limitsOf = (config: Config, { program }: FleetMember): Limits => ({
  ceilings: ceilingsOf(program),
  hardPlan: stopPlanOf(config, program),
});

/** Of a log that is open; whoever opens one brings its limits. */
const tellLogLimits = ({ worker }: FleetMember, { tell }: LimitParts): void => {
  for (const log of [worker.stdout, worker.stderr]) {
    if (log === 'stdout') continue;
    const { path, maxSizeBytes, backups, daily, compress } = log;
    tell({ type: 'setLogLimits', path, limits: { maxSizeBytes, backups, daily, compress } });
  }
};

const setOom = (
  { incarnation, pid, from }: { incarnation: string; pid: number | null; from: number },
  { program, worker }: FleetMember,
  { tell, scribe }: LimitParts,
): void => {
  const { scoreAdj } = program.oom;
  if (scoreAdj === from) return;
  scribe.say('setOom', 'config.oom', { pid, from, to: scoreAdj }, { name: worker.name, program: program.name });
  tell({ type: 'setOom', incarnation, scoreAdj });
};
