import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const SLEEPER = { command: 'sleep 1000', start: { seconds: '100ms' } };

test('workers of age are recycled, one after the other, and the journal says why', async () => {
  const here = (site = new Site({ shop: { ...SLEEPER, workers: 2, lifetime: { age: '2s', jitter: '50%' } } }));
  await here.run();
  await here.untilRunning();
  const isOld = (worker: string) => (entry: { worker: string | null; reason: { rule: string } }) =>
    entry.worker === worker && entry.reason.rule === 'lifetime.age';
  const [one, other] = [
    await here.untilEntry(isOld('shop:0'), 'the first is recycled'),
    await here.untilEntry(isOld('shop:1'), 'the second is recycled'),
  ];
  expect(one.reason.text).toMatch(
    /^Recycled shop:0 \(pid \d+\): it is [\d.]+ s old, and lifetime\.age is 2\.0 s, less its part of the jitter \(workers\.yaml:\d+\)$/,
  );
  await here.until(async () => {
    const entries = await here.client.journal({});
    return [one, other].every(({ id }) => entries.find((entry) => entry.id === id)?.outcome?.ok === true);
  }, 'both are replaced');
});
