import { expect, test } from 'vitest';
import { OperationError } from '../../../src/api/operations.ts';
import { GrowthWatch } from '../../../src/controller/growth-watch.ts';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import { traceOf } from '../../../src/controller/trace.ts';
import { encodeRow } from '../../../src/shim/samples.ts';
import { Driven } from '../core/driven.ts';

test('what was read of a worker, in seconds of its process, with its descendants', () => {
  const { state: core } = Driven.up();
  const [samples, growth] = [new SampleStore(), new GrowthWatch()];
  samples.track(1, 'shop:0#1');
  for (let second = 0; second < 60; second += 1) {
    const figures = { rssBytes: 100, anonBytes: 70, swapBytes: 5, treeBytes: 130, zendHeapRealBytes: 40 };
    const at = 50_000 + second * 1_000;
    const slow = [encodeRow(1, { ...NO_FIGURES, ...figures })];
    for (const tracked of samples.update({ type: 'samples', at, wall: 0, fast: [], slow }))
      growth.judge(core, tracked, at);
  }
  const { rows, ...about } = traceOf({ core, samples }, 'shop:0');
  expect(about).toEqual({ name: 'shop:0', program: 'shop', pid: 101 });
  expect(rows.map(({ seconds }) => seconds)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]);
  expect(rows[0]).toMatchObject({ rssBytes: 130, anonBytes: 100, swapBytes: 5, zendBytes: 40, acknowledged: null });
});

test('without a process, or before the first reading, it is said why there is none', () => {
  const { state: core } = Driven.up();
  expect(() => traceOf({ core, samples: new SampleStore() }, 'shop:0')).toThrow(/has not been read yet/);
  expect(() => traceOf({ core, samples: new SampleStore() }, 'shop:9')).toThrow(OperationError);
});
