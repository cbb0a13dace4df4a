/** The controller as supervisord's clients see it. */
import type { SupervisedProcess, StartOutcome, StopOutcome, Supervisor } from '../../api/rpc/supervisor.ts';
import { NO_FILE } from '../../config/paths.ts';
import { waitFor } from '../commands.ts';
import type { Controller } from '../controller.ts';
import { fleetOf } from '../fleet.ts';
import type { FleetMember } from '../fleet.ts';
import type { Listeners } from '../listeners/listeners.ts';
import { clearLogs } from '../log-commands.ts';
import { shownState } from '../status.ts';
import { supervisorNameOf } from '../supervisor-names.ts';
import { Activity } from './activity.ts';
import { groupPriorityOf } from './configs.ts';
import { executableProblem } from './executable.ts';
import { ListenerProcesses, startListener, stopListener } from './listener-processes.ts';
import { groupOperations } from './groups.ts';
import type { Reconfiguration } from './groups.ts';
import type { WaitEnd } from '../waiters.ts';
import { writeStdin } from '../stdin.ts';
import { Pasts } from './past.ts';

export interface SupervisorOptions {
  listeners: Listeners;
  shutdown: () => void;
  reconfiguration: Reconfiguration;
}

export const supervisorOf = (controller: Controller, options: SupervisorOptions): Supervisor => {
  const listeners = new ListenerProcesses(options.listeners);
  const pasts = new Pasts();
  const activity = new Activity(controller.journal, (program) => controller.core.programs[program]?.secondsMs ?? 0);
  for (const entry of controller.journal.entries()) {
    pasts.learn({ ...entry, outcome: null });
    if (entry.outcome !== null) pasts.learn(entry);
  }
  controller.journal.subscribe((entry) => pasts.learn(entry));
  return {
    activity,
    isShuttingDown: () => controller.core.mode === 'shuttingDown',
    processes: () => [
      ...[...fleetOf(controller.config).values()].flatMap((member) => processOf(controller, pasts, member)),
      ...listeners.all(),
    ],
    executableProblem: (worker) => {
      const member = fleetOf(controller.config).get(worker);
      return member === undefined ? null : executableProblem(member);
    },
    start: (worker, wait) => {
      const listener = listeners.find(worker);
      return listener === null ? start(controller, worker, wait) : startListener(listener, wait);
    },
    stop: (worker, wait) => {
      const listener = listeners.find(worker);
      return listener === null ? stop(controller, worker, wait) : stopListener(listener, wait);
    },
    signal: (worker, signal) => {
      const listener = listeners.find(worker);
      if (listener === null) controller.post({ type: 'signal', worker, signal });
      else listener.signal(signal);
    },
    tellListeners: (type, data) => options.listeners.remote(type, data),
    clearLogs: async (worker) => {
      // What a listener prints is kept nowhere.
      if (listeners.find(worker) !== null) return null;
      const { results } = await clearLogs(controller, [worker]);
      return results.find(({ ok }) => !ok)?.text ?? null;
    },
    shutdown: options.shutdown,
    ...groupOperations(controller, options.reconfiguration),
    writeStdin: (worker, text) =>
      listeners.find(worker) === null
        ? writeStdin(controller, worker, text)
        : { why: 'closed', text: `the input of ${worker} is for events` },
  };
};

const processOf = (controller: Controller, pasts: Pasts, { program, worker }: FleetMember): SupervisedProcess[] => {
  const { config, core, samples } = controller;
  const state = core.workers[worker.name];
  if (state === undefined) return [];
  const incarnation = 'incarnation' in state.life ? state.life.incarnation : null;
  const past = pasts.of(worker.name);
  const names = supervisorNameOf(config, program.name, worker.name);
  return [
    {
      worker: worker.name,
      ...names,
      groupPriority: groupPriorityOf(config, program.name, names.group),
      priority: program.priority,
      state: shownState(state.life, incarnation === null ? null : samples.of(incarnation.id)),
      pid: incarnation?.pid ?? null,
      startedAt: incarnation === null || incarnation.spawnedWall === 0 ? past.startedAt : incarnation.spawnedWall,
      endedAt: past.endedAt,
      exitStatus: past.exitStatus,
      spawnError: past.spawnError,
      stdoutPath: fileOf(worker.stdout.path),
      stderrPath: worker.stderr === 'stdout' ? null : fileOf(worker.stderr.path),
    },
  ];
};

const fileOf = (path: string): string => (path === NO_FILE ? '' : path);

const start = async (controller: Controller, worker: string, wait: boolean): Promise<StartOutcome> => {
  const end = await command(controller, worker, { verb: 'start', wait });
  if (end === null || end.ok) return { kind: 'running' };
  if (end.state === null) return { kind: 'late', text: end.text };
  return { kind: end.state === 'BACKOFF' || end.state === 'FATAL' ? 'spawnError' : 'ended' };
};

const stop = async (controller: Controller, worker: string, wait: boolean): Promise<StopOutcome> => {
  const end = await command(controller, worker, { verb: 'stop', wait });
  return end === null || end.ok ? { kind: 'stopped' } : { kind: 'late', text: end.text };
};

/** Null: nobody waits. */
const command = async (
  controller: Controller,
  name: string,
  { verb, wait }: { verb: 'start' | 'stop'; wait: boolean },
): Promise<WaitEnd | null> => {
  const worker = controller.core.workers[name];
  const waiting = wait && worker !== undefined ? waitFor(controller, worker, verb) : null;
  controller.post({ type: 'command', verb, workers: [name], kill: false, reason: null });
  controller.waiters.check(controller.core);
  return waiting;
};
