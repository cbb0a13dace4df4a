/** What a person asks for over the socket: resolve the names, tell the core, wait for the end, answer for each worker. */
import { constants } from 'node:os';
import type { Command, CommandReply } from '../api/types.ts';
import { refusal } from '../core/command.ts';
import type { WorkerVerb } from '../core/command.ts';
import type { ProgramPolicy, WorkerState } from '../core/types.ts';
import type { Controller } from './controller.ts';
import { resolveNames } from './names.ts';
import type { Goal, WaitEnd, WaitResult } from './waiters.ts';

/** Beyond the worker's own deadlines, for the queue of spawns and a recycle's turn. */
const PATIENCE_MS = 60_000;
const RECYCLE_PATIENCE_MS = 900_000;

/** A request that makes no sense; the text is for the person. */
export class CommandError extends Error {}

type WorkerCommand = Command & { verb: WorkerVerb };

export const runWorkerCommand = async (controller: Controller, command: WorkerCommand): Promise<CommandReply> => {
  if (command.names.length === 0)
    throw new CommandError(`${command.verb} needs at least one worker, program, group:* or all`);
  const resolved = resolveNames(controller.config, command.names);
  if (!resolved.ok) throw new CommandError(resolved.text);
  if (command.verb === 'signal') return sendSignal(controller, resolved.workers, command.signal ?? '');
  const { core } = controller;
  const refused = new Map<string, string>();
  const waits = new Map<string, Promise<WaitResult>>();
  for (const name of resolved.workers) {
    const worker = core.workers[name];
    if (worker === undefined) continue;
    const why = refusal(worker, command.verb);
    if (why !== null) refused.set(name, why);
    else if (command.wait !== false) waits.set(name, waitFor(controller, worker, command.verb));
  }
  controller.post({
    type: 'command',
    verb: command.verb,
    workers: resolved.workers.filter((name) => !refused.has(name)),
    kill: command.now === true,
    reason: command.reason ?? null,
    by: { who: command.by ?? null, wall: Date.now() },
  });
  controller.waiters.check(controller.core);
  const results = resolved.workers.map(async (name) => {
    const why = refused.get(name);
    if (why !== undefined) return { name, ok: isHarmless(command.verb), text: why };
    const { ok, text } = (await waits.get(name)) ?? { ok: true, text: 'accepted' };
    return { name, ok, text };
  });
  return { results: await Promise.all(results) };
};

/** To start what runs and to stop what is stopped leaves things as they were meant to be. */
const isHarmless = (verb: WorkerVerb): boolean => verb === 'start' || verb === 'stop';

const GOALS: Record<Exclude<WorkerVerb, 'signal'>, Goal> = {
  start: 'running',
  stop: 'stopped',
  restart: 'replaced',
  recycle: 'replaced',
};

/** Until the worker is where the verb leads, or its own deadlines and our patience have passed. */
export const waitFor = (controller: Controller, worker: WorkerState, verb: WorkerVerb): Promise<WaitEnd> => {
  const goal = GOALS[verb === 'signal' ? 'start' : verb];
  const policy = controller.core.programs[worker.program];
  return controller.waiters.wait(worker, goal, deadlineOf(policy, verb));
};

const deadlineOf = (policy: ProgramPolicy | undefined, verb: WorkerVerb): number => {
  if (verb === 'recycle') return RECYCLE_PATIENCE_MS;
  const plan = policy?.plan;
  const start = (policy?.secondsMs ?? 0) + (policy?.ready?.timeoutMs ?? 0) + (policy?.beforeStartMs ?? 0);
  return (
    PATIENCE_MS + start + (plan?.hooksMs ?? 0) + (plan === undefined ? 0 : plan.drainTimeoutMs + plan.stopTimeoutMs)
  );
};

const sendSignal = (controller: Controller, workers: readonly string[], signal: string): CommandReply => {
  const name = signal.toUpperCase().replace(/^SIG/, '');
  if (!(`SIG${name}` in constants.signals)) throw new CommandError(`there is no signal named "${signal}"`);
  const results = workers.map((worker) => {
    const state = controller.core.workers[worker];
    const why = state === undefined ? 'is gone' : refusal(state, 'signal');
    if (why === null) controller.post({ type: 'signal', worker, signal: name });
    return { name: worker, ok: why === null, text: why ?? `SIG${name} sent` };
  });
  return { results };
};
