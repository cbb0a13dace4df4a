/** Looks once a second for workers that have lived long enough (`lifetime`), by age, by messages and by the clock on the wall. */
import { Cron } from 'croner';
import type { CoreState, EventBody, ProgramPolicy, WorkerState } from '../core/types.ts';
import { judgeLifetime } from '../policy/lifetime.ts';
import { look, wind } from '../policy/schedule.ts';
import type { NextAfter, Wound } from '../policy/schedule.ts';

interface Scheduled {
  nextAfter: NextAfter;
  wound: Wound;
}

export interface LifetimeParts {
  core: () => CoreState;
  /** Messages that its gate saw acknowledged; null without one. */
  acknowledged: (incarnation: string) => number | null;
  post: (event: EventBody) => void;
  /** A time of the schedule that nobody was there for. */
  missed: (program: string, expression: string, at: number) => void;
}

/** In the time zone of the host. */
const nextAfterOf = (expression: string): NextAfter => {
  const cron = new Cron(expression, { paused: true });
  return (wall) => cron.nextRun(new Date(wall))?.getTime() ?? null;
};

export class LifetimeWatch {
  readonly #parts: LifetimeParts;
  /** By program and expression. */
  #scheduled = new Map<string, Scheduled>();

  constructor(parts: LifetimeParts) {
    this.#parts = parts;
  }

  /** @param now CLOCK_MONOTONIC, @param wall since the epoch, both in milliseconds */
  look(now: number, wall: number): void {
    const core = this.#parts.core();
    const before = this.#scheduled;
    this.#scheduled = new Map();
    for (const policy of Object.values(core.programs)) {
      if (policy.lifetime === null) continue;
      const due = policy.lifetime.schedule.filter((expression) => this.#isDue(before, policy.name, expression, wall));
      for (const name of policy.workers) this.#judge(core.workers[name], policy, { now, schedule: due[0] ?? null });
    }
  }

  #isDue(before: ReadonlyMap<string, Scheduled>, program: string, expression: string, wall: number): boolean {
    const key = `${program} ${expression}`;
    const known = before.get(key);
    const nextAfter = known?.nextAfter ?? nextAfterOf(expression);
    const { wound, due, missed } = look(known?.wound ?? wind(wall, nextAfter), wall, nextAfter);
    this.#scheduled.set(key, { nextAfter, wound });
    if (missed !== null) this.#parts.missed(program, expression, missed);
    return due !== null;
  }

  #judge(worker: WorkerState | undefined, policy: ProgramPolicy, at: { now: number; schedule: string | null }): void {
    if (worker?.life.state !== 'RUNNING' || worker.recycle !== null || worker.pending !== null) return;
    const { id, spawnedAt } = worker.life.incarnation;
    if (at.schedule !== null) {
      const evidence = { schedule: at.schedule };
      this.#parts.post({ type: 'findings', incarnation: id, rule: 'lifetime.schedule', evidence });
      return;
    }
    if (policy.lifetime === null) return;
    const lived = { incarnation: id, ageMs: at.now - spawnedAt, acknowledged: this.#parts.acknowledged(id) };
    const found = judgeLifetime(policy.lifetime, lived);
    if (found !== null) this.#parts.post({ type: 'findings', incarnation: id, ...found });
  }
}
