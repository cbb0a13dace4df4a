/** One action at a time for a host that is short of memory, and none on stale figures. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostStatus } from '../../../src/api/types.ts';
import type { Config, Origin } from '../../../src/config/types.ts';
import { HostGuard } from '../../../src/controller/host-guard.ts';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import { encodeRow } from '../../../src/shim/samples.ts';
import { Driven } from '../core/driven.ts';
import type { Given } from '../core/driven.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const HOST: HostStatus = {
  memoryTotalBytes: 16 * GIB,
  memoryAvailableBytes: 8 * GIB,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
  swapInBytesPerSecond: 0,
  swapOutBytesPerSecond: 0,
  load1: 1,
  cpuPercent: 1,
  softirqPercent: 0,
  stallPercent: 0,
};
const PRESSED = { memoryAvailableBytes: 900 * MIB, stallPercent: 50 };

let folder: Folder;
beforeEach(() => (folder = makeRoot()));
afterEach(() => folder.remove());

/** Three workers of 100, 200 and 300 MiB; what the guard says and finds, in words. */
class Host {
  readonly core: Driven;
  readonly log: string[] = [];
  /** Of the entry that was written last. */
  policy: Origin | null = null;
  readonly #guard: HostGuard;

  constructor(given: Given = {}) {
    this.core = Driven.up({ workers: 3, overlap: true, ...given });
    const samples = new SampleStore();
    for (const [index, mib] of [100, 200, 300].entries()) {
      samples.track(index + 1, `shop:${index}#1`);
      const sample = { ...NO_FIGURES, rssBytes: mib * MIB, anonBytes: mib * MIB, swapBytes: 0 };
      samples.update({ type: 'samples', at: 0, wall: 0, fast: [], slow: [encodeRow(index + 1, sample)] });
    }
    const config: Config = {
      ...configOf(folder.root, { shop: { command: 'sleep 1', directory: '/' } }),
      host: { reserveBytes: 0, swapInBytesPerSecond: null, pressurePercent: 20, forMs: 5_000, maxConcurrent: 10 },
      origins: { 'host.pressure': { key: 'host.pressure', line: 7 } },
    };
    this.#guard = new HostGuard({
      config: () => config,
      core: () => this.core.state,
      samples,
      post: (event) => {
        this.log.push(event.type === 'findings' ? `find ${event.incarnation} ${event.rule}` : event.type);
        this.core.send(event);
      },
      say: ({ rule, worker, policy }) => {
        this.log.push(`say ${rule}${worker === null ? '' : ` ${worker.name}`}`);
        this.policy = policy;
        return `entry-${this.log.length}`;
      },
      conclude: ({ rule }) => this.log.push(`conclude ${rule}`),
    });
  }

  pass(seconds: number, status: Partial<HostStatus> = PRESSED): this {
    for (let second = 0; second < seconds; second += 1) {
      this.core.now += 1_000;
      this.#guard.look(this.core.now, { ...HOST, ...status });
    }
    return this;
  }
}

const ACTS = ['say host.acts shop:2', 'find shop:2#1 host.pressure'];

test('the largest is recycled, without a replacement beside it, because of the entry', () => {
  const host = new Host().pass(10);
  expect(host.log).toEqual(ACTS);
  expect(host.policy).toEqual({ key: 'host.pressure', line: 7 });
  expect(host.core.is('shop:2')).toBe('STOPPING #1 then start');
  const entries = host.core.allEffects.flatMap((effect) => (effect.type === 'journal' ? [effect.entry] : []));
  expect(entries.find(({ rule }) => rule === 'host.pressure')).toMatchObject({ action: 'recycle', cause: 'entry-1' });
});

describe('one at a time', () => {
  test('nothing more while it is on its way out', () => {
    expect(new Host().pass(300).log).toEqual(ACTS);
  });

  test('after its exit all is read anew, and fifteen seconds pass', () => {
    const host = new Host().pass(10);
    host.core.exits('shop:2#1').toRunning('shop:2');
    host.pass(15);
    expect(host.log).toEqual([...ACTS, 'conclude host.gone']);
    host.pass(10);
    expect(host.log).toEqual([...ACTS, 'conclude host.gone', 'say host.acts shop:1', 'find shop:1#1 host.pressure']);
  });

  test('nor while another recycle for memory gives some back', () => {
    const host = new Host();
    host.core.send({ type: 'findings', incarnation: 'shop:0#1', rule: 'memory.soft', evidence: {} });
    expect(host.pass(60).log).toEqual([]);
  });

  test('it is not waited for for ever', () => {
    expect(new Host().pass(700).log).toEqual([...ACTS, 'conclude host.notGone']);
  });
});

describe('nothing is done', () => {
  test('about a stall with memory available; said once an episode', () => {
    const host = new Host().pass(60, { stallPercent: 50 });
    expect(host.log).toEqual(['say host.stallAlone']);
    host.pass(10, {}).pass(60, { stallPercent: 50 });
    expect(host.log).toEqual(['say host.stallAlone', 'say host.stallAlone']);
  });

  test('where no worker may be recycled now; said once', () => {
    const host = new Host({ budget: { count: 0, windowMs: 600_000 } }).pass(60);
    expect(host.log).toEqual(['say host.noVictim']);
  });

  test('where none would give anything back', () => {
    const host = new Host();
    host.core.memory(10 * GIB, { shop: 299 * MIB });
    expect(host.pass(60).log).toEqual(['say host.noVictim']);
  });

  test('on what is not known', () => {
    expect(new Host().pass(60, { memoryAvailableBytes: null, stallPercent: null }).log).toEqual([]);
  });
});
