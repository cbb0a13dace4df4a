/**
 * oom_score_adj follows from the configuration and, with `oom.policy: byState`, from the state of the process: runs at the end of a turn
 * for each worker that it touched, and orders what differs from what was ordered last. Nothing else remembers it.
 */
import { roomOf, scoreAdjOf } from '../policy/oom.ts';
import type { Standing } from '../policy/oom.ts';
import { amend } from './amend.ts';
import { findIncarnation, incarnationsOf } from './find.ts';
import { change, journal } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Incarnation, ProgramPolicy, WorkerState } from './types.ts';

export const adjustOom = (turn: Turn, name: string): void => {
  const worker = turn.state.workers[name];
  const policy = turn.state.programs[worker?.program ?? ''];
  if (worker === undefined || policy === undefined || worker.oomRefused === true) return;
  if (turn.state.shim !== 'attached' || turn.state.mode !== 'running') return;
  for (const incarnation of incarnationsOf(worker)) adjustOne(turn, worker, policy, incarnation);
};

const adjustOne = (turn: Turn, worker: WorkerState, policy: ProgramPolicy, incarnation: Incarnation): void => {
  const { scoreAdj: from, pid, id } = incarnation;
  if (pid === null || from === undefined) return;
  const { scoreAdj: base, policy: how } = policy.oom;
  const standing = how === 'byState' ? standingOf(worker, incarnation) : 'ordinary';
  const to = scoreAdjOf(base, standing);
  if (to === from) return;
  const rule = ruleOf(base, standing, from);
  journal(turn, {
    action: 'setOom',
    rule,
    worker,
    incarnation,
    cause: causeOf(worker, incarnation, standing),
    evidence: { from, to, room: rule === 'config.oom' ? null : roomOf(base) },
    policy: policy.origins[rule === 'config.oom' ? 'oom.scoreAdj' : 'oom.policy'] ?? policy.origins['oom.adj'] ?? null,
  });
  turn.effects.push({ type: 'setOom', incarnation: id, scoreAdj: to });
  amend(turn, id, { scoreAdj: to });
};

const standingOf = (worker: WorkerState, incarnation: Incarnation): Standing => {
  const { life, pending, recycle, leaving } = worker;
  if (leaving.some(({ id }) => id === incarnation.id) || life.state === 'STOPPING') return 'goingAway';
  const isCurrent = 'incarnation' in life && life.incarnation.id === incarnation.id;
  if (isCurrent && (pending !== null || recycle?.from === incarnation.id)) return 'goingAway';
  return incarnation.suspect === true ? 'suspect' : 'ordinary';
};

const ruleOf = (base: number, standing: Standing, from: number): string => {
  if (standing !== 'ordinary') return `oom.${standing}`;
  const isOurs = from === scoreAdjOf(base, 'suspect') || from === scoreAdjOf(base, 'goingAway');
  return isOurs ? 'oom.cleared' : 'config.oom';
};

/** What made it so: the recycle, the wait for one, the stop; else its start. */
const causeOf = (worker: WorkerState, incarnation: Incarnation, standing: Standing): string => {
  if (standing !== 'goingAway') return incarnation.entry;
  const { leaving, life, recycle, pending } = worker;
  const old = leaving.find(({ id }) => id === incarnation.id);
  const stopped = life.state === 'STOPPING' ? life.why : null;
  return old?.why ?? recycle?.entry ?? stopped ?? pending?.hold ?? incarnation.entry;
};

/** Its growth is a leak, or is none any more. */
export const onTrend = (turn: Turn, event: { incarnation: string; leaking: boolean }): void =>
  amend(turn, event.incarnation, { suspect: event.leaking });

/** The kernel refused: no more tries for this worker, until the configuration changes. */
export const onOomRefused = (turn: Turn, event: { incarnation: string }): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  if (place !== null) change(turn, place.worker.name, { oomRefused: true });
};
