/**
 * Keeps the host usable: one recycle at a time for it, of the worker whose recycle helps most.
 *
 *     watching ── short for `host.for`, a victim ──▶ acting ── it is gone ──▶ cooling ── 15 s ──▶ watching
 *
 * After each action all is read anew: memory is freed late, and what was read before says nothing of what came of it. What is refused
 * is said once an episode, which ends when the host is fine again.
 */
import type { HostStatus } from '../api/types.ts';
import type { Config, Origin } from '../config/types.ts';
import { grantable, takeCensus } from '../core/budget.ts';
import { findIncarnation } from '../core/find.ts';
import type { CoreState, EventBody, Evidence, Outcome, WorkerState } from '../core/types.ts';
import { HOST_KEYS, HostWindow } from '../policy/host-guard.ts';
import type { HostRule, HostVerdict } from '../policy/host-guard.ts';
import { pickVictim } from '../policy/host-victim.ts';
import type { Candidate } from '../policy/host-victim.ts';
import { ownBytes } from '../shim/samples.ts';
import { rankOf } from './policies.ts';
import type { SampleStore } from './sample-store.ts';

const COOLING_MS = 15_000;
/** A recycle that takes longer is waited for no more: its drain may be patient, the host is not. */
const ACTING_MS = 600_000;

export interface HostSaying {
  rule: string;
  evidence: Evidence;
  worker: { name: string; program: string } | null;
  /** The line of workers.yaml that it follows from; null: a default. */
  policy: Origin | null;
}

export interface GuardParts {
  config: () => Config;
  core: () => CoreState;
  samples: SampleStore;
  post: (event: EventBody) => void;
  /** Write a `hostPressure` entry; its id. */
  say: (said: HostSaying) => string;
  conclude: (outcome: Outcome) => void;
}

type Guard =
  | { kind: 'watching' }
  | { kind: 'acting'; incarnation: string; entry: string; availableBytes: number | null; since: number }
  | { kind: 'cooling'; until: number };

export class HostGuard {
  readonly #parts: GuardParts;
  readonly #window = new HostWindow();
  #guard: Guard = { kind: 'watching' };
  /** What was refused in this episode; null: nothing so far. */
  #refused: string | null = null;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** @param now CLOCK_MONOTONIC in milliseconds */
  look(now: number, status: HostStatus): void {
    const rules = this.#parts.config().host;
    this.#window.add(
      {
        at: now,
        totalBytes: status.memoryTotalBytes,
        availableBytes: status.memoryAvailableBytes,
        swapInBytesPerSecond: status.swapInBytesPerSecond,
        swapOutBytesPerSecond: status.swapOutBytesPerSecond,
        stallPercent: status.stallPercent,
      },
      rules.forMs,
    );
    if (this.#guard.kind === 'acting') this.#follow(this.#guard, now, status.memoryAvailableBytes);
    else if (this.#guard.kind === 'watching') this.#watch(this.#window.judge(rules), now);
    else if (now >= this.#guard.until) this.#guard = { kind: 'watching' };
  }

  #watch(verdict: HostVerdict, now: number): void {
    if (verdict.state === 'fine') this.#refused = null;
    else if (verdict.state === 'stallAlone') this.#refuse('host.stallAlone', 'host.pressure', verdict.evidence);
    else if (verdict.state === 'short') this.#act(verdict.rule, verdict.evidence, now);
  }

  #act(rule: HostRule, evidence: Evidence, now: number): void {
    const { core, post } = this.#parts;
    // One that is under way gives memory back first.
    if (Object.values(core().workers).some(givesBack)) return;
    const victim = pickVictim(rule, this.#candidates(rule, now));
    if (victim === null) {
      this.#refuse('host.noVictim', rule, evidence);
      return;
    }
    const { incarnation, worker: name, why, freesBytes } = victim;
    const worker = core().workers[name];
    if (worker === undefined) return;
    const said = { ...evidence, wanted: rule, why, freesBytes };
    const entry = this.#say('host.acts', rule, { evidence: said, worker });
    this.#guard = {
      kind: 'acting',
      incarnation,
      entry,
      availableBytes: numberOf(evidence['availableBytes']),
      since: now,
    };
    post({ type: 'findings', incarnation, rule, evidence: said, cause: entry });
  }

  #follow(acting: Extract<Guard, { kind: 'acting' }>, now: number, availableBytes: number | null): void {
    const isGone = findIncarnation(this.#parts.core(), acting.incarnation) === null;
    if (!isGone && now - acting.since < ACTING_MS) return;
    const evidence = { availableBytes, beforeBytes: acting.availableBytes, tookMs: Math.round(now - acting.since) };
    this.#parts.conclude({ of: acting.entry, ok: isGone, rule: isGone ? 'host.gone' : 'host.notGone', evidence });
    this.#window.clear();
    this.#guard = { kind: 'cooling', until: now + COOLING_MS };
  }

  #refuse(what: string, wanted: HostRule, evidence: Evidence): void {
    if (this.#refused === what) return;
    this.#refused = what;
    this.#say(what, wanted, { evidence: { ...evidence, wanted }, worker: null });
  }

  #say(rule: string, wanted: HostRule, said: Pick<HostSaying, 'evidence' | 'worker'>): string {
    const { say, config } = this.#parts;
    return say({ rule, ...said, policy: config().origins[HOST_KEYS[wanted]] ?? null });
  }

  /** Of our own workers those that run, are not on their way out, and may be recycled now. */
  #candidates(rule: HostRule, now: number): Candidate[] {
    const { core, samples, config } = this.#parts;
    const state = core();
    const census = takeCensus(state);
    return Object.values(state.workers).flatMap((worker) => {
      const { life, name, program, pending, recycle } = worker;
      if (life.state !== 'RUNNING' || pending !== null || recycle !== null) return [];
      const wish = { rule, reasonText: null, evidence: {}, kill: false, since: now, hold: null };
      if (!grantable(state, census, { ...worker, pending: wish }, now).ok) return [];
      const tracked = samples.of(life.incarnation.id);
      const bytes = tracked?.sample == null ? null : ownBytes(tracked.sample);
      if (tracked === null || bytes === null) return [];
      const written = config().programs[program];
      return {
        worker: name,
        incarnation: life.incarnation.id,
        priority: written === undefined ? [] : rankOf(config(), written),
        freesBytes: bytes - (state.needs[program] ?? 0),
        leaking: tracked.trend === 'leaking',
        growthBytesPerMinute: tracked.growth?.bytesPerMinute ?? null,
      };
    });
  }
}

const givesBack = ({ recycle }: WorkerState): boolean =>
  recycle !== null && (recycle.rule.startsWith('memory.') || recycle.rule.startsWith('host.'));

const numberOf = (value: Evidence[string] | undefined): number | null => (typeof value === 'number' ? value : null);
