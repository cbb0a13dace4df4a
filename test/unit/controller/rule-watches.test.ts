/** The watches of `cpu` and `stuck`: from samples to what is said, found or looked into. */
import { describe, expect, test } from 'vitest';
import { CpuWatch } from '../../../src/controller/cpu-watch.ts';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import { StuckWatch } from '../../../src/controller/stuck-watch.ts';
import { encodeGate, encodeRow } from '../../../src/shim/samples.ts';
import type { GateFigures } from '../../../src/shim/protocol.ts';
import { Driven } from '../core/driven.ts';
import type { Given } from '../core/driven.ts';

const GATE: GateFigures = {
  inFlight: 0,
  prefetch: 1,
  delivered: 0,
  acknowledged: 0,
  rejected: 0,
  redelivered: 0,
  returned: 0,
  oldestUnacknowledgedAt: null,
  connections: 1,
  draining: 0,
};

/** One worker, its samples, and a log of what its watches do: `warn …`, `find …`, `diagnose …`. */
class Watched {
  readonly core: Driven;
  readonly log: string[] = [];
  readonly evidence: Record<string, unknown>[] = [];
  readonly #store = new SampleStore();
  readonly #cpu: CpuWatch;
  readonly #stuck: StuckWatch;

  constructor(given: Given) {
    this.core = Driven.up({ overlap: false, ...given });
    this.#store.track(1, 'shop:0#1');
    const shared = {
      core: () => this.core.state,
      samples: this.#store,
      post: (event: Parameters<Driven['send']>[0]) => {
        this.log.push(`find ${event.type === 'findings' ? event.rule : event.type}`);
        this.core.send(event);
      },
    };
    this.#cpu = new CpuWatch({
      ...shared,
      warn: (evidence, incarnation) => {
        this.log.push(`warn ${incarnation}`);
        this.evidence.push(evidence);
      },
    });
    this.#stuck = new StuckWatch({
      ...shared,
      say: (evidence, incarnation) => {
        this.log.push(`say ${incarnation}`);
        this.evidence.push(evidence);
        return 'entry';
      },
      diagnose: (incarnation, cause) => this.log.push(`diagnose ${incarnation} ${cause}`),
      waitOf: () => 'in flock on /srv/lock',
    });
  }

  /** One second with these figures. */
  second(ticks: number | null, gate: Partial<GateFigures> = {}): this {
    this.core.now += 1_000;
    const sample = { ...NO_FIGURES, rssBytes: 1, treeUserTicks: ticks, treeSystemTicks: ticks === null ? null : 0 };
    const gates = [encodeGate(1, { ...GATE, ...gate })];
    this.#store.update({ type: 'samples', at: this.core.now, wall: 0, fast: [], slow: [encodeRow(1, sample)], gates });
    this.#cpu.look(this.core.now);
    this.#stuck.look(this.core.now);
    return this;
  }
}

describe('cpu', () => {
  const busy = (action: 'warn' | 'recycle', seconds: number): Watched => {
    const watched = new Watched({ cpu: { limitPercent: 90, forMs: 10_000, action } });
    for (let second = 1; second <= seconds; second += 1) watched.second(second * 97, { acknowledged: second * 3 });
    return watched;
  };

  test('is said once an episode', () => {
    const watched = busy('warn', 60);
    expect(watched.log).toEqual(['warn shop:0#1']);
    expect(watched.evidence[0]).toMatchObject({ percent: 97, limitPercent: 90, forMs: 9_000, acknowledged: 27 });
  });

  test('leads to a recycle by the ordinary rules', () => {
    const watched = busy('recycle', 20);
    expect(watched.log).toEqual(['find cpu.limit']);
    expect(watched.core.is()).toBe('STOPPING #1 then start');
    expect(watched.core.state.granted['shop']).toHaveLength(1);
  });

  test('of a worker without the rule is nobody’s business', () => {
    const watched = new Watched({ cpu: null });
    for (let second = 1; second <= 30; second += 1) watched.second(second * 100);
    expect(watched.log).toEqual([]);
  });

  test('that is not known leads to nothing', () => {
    const watched = new Watched({ cpu: { limitPercent: 1, forMs: 5_000, action: 'warn' } });
    for (let second = 1; second <= 30; second += 1) watched.second(null);
    expect(watched.log).toEqual([]);
  });
});

describe('stuck', () => {
  const hold = (action: 'diagnose' | 'warn' | 'recycle', seconds: number): Watched => {
    const watched = new Watched({ stuck: { inFlightMs: 10_000, action } });
    const at = watched.core.now + 1_000;
    for (let second = 1; second <= seconds; second += 1)
      watched.second(50, { inFlight: 1, oldestUnacknowledgedAt: at });
    return watched;
  };

  test('is said once a message, with its age, its CPU time and what it waits in', () => {
    const watched = hold('warn', 60);
    expect(watched.log).toEqual(['say shop:0#1']);
    expect(watched.evidence[0]).toEqual({
      ageMs: 10_000,
      cpuMs: 0,
      limitMs: 10_000,
      inFlight: 1,
      waits: 'in flock on /srv/lock',
    });
    const next = watched.core.now;
    for (let second = 1; second <= 11; second += 1) watched.second(50, { inFlight: 1, oldestUnacknowledgedAt: next });
    expect(watched.log).toEqual(['say shop:0#1', 'say shop:0#1']);
  });

  test('is looked into where that is asked for, because of its entry', () => {
    expect(hold('diagnose', 60).log).toEqual(['say shop:0#1', 'diagnose shop:0#1 entry']);
  });

  test('leads to a recycle that drains once, not patiently', () => {
    const watched = new Watched({ stuck: { inFlightMs: 10_000, action: 'recycle' }, quiesce: true });
    const at = watched.core.now + 1_000;
    for (let second = 1; second <= 11; second += 1) watched.second(50, { inFlight: 1, oldestUnacknowledgedAt: at });
    expect(watched.log).toEqual(['find stuck.inFlight']);
    const stops = watched.core.allEffects.flatMap((effect) =>
      effect.type === 'stop' ? [effect.plan.drainAttempts] : [],
    );
    expect(stops).toEqual([1]);
  });

  test('a worker that goes on is not', () => {
    const watched = new Watched({ stuck: { inFlightMs: 10_000, action: 'warn' } });
    for (let second = 1; second <= 60; second += 1)
      watched.second(50, { inFlight: 1, oldestUnacknowledgedAt: watched.core.now - 8_000 });
    expect(watched.log).toEqual([]);
  });
});
