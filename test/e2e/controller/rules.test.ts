import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const start = { seconds: '100ms' };
/** A helper process that is busy while its worker waits. */
const BUSY_HELPER = ['sh', '-c', "sh -c 'while true; do :; done' & wait"];

test('a busy helper counts for its worker, which is said once, or recycled', async () => {
  const here = (site = new Site({
    loud: { command: BUSY_HELPER, start, cpu: { limit: '2%', for: '3s', action: 'warn' } },
    idle: { command: 'sleep 1000', start, cpu: { limit: '2%', for: '3s', action: 'recycle' } },
    hot: {
      command: BUSY_HELPER,
      start,
      cpu: { limit: '2%', for: '3s', action: 'recycle' },
      oom: { scoreAdj: 200, policy: 'byState' },
    },
  }));
  await here.run();
  const said = await here.untilEntry(({ reason }) => reason.rule === 'cpu.high', 'the loud one is said to be busy');
  expect(said.reason.text).toMatch(
    /^loud:0 \(pid \d+\) is busy: it has used \d+ % of a processor for [\d.]+ s \(user \d+ %, system \d+ %\), and cpu\.limit is 2 % \(workers\.yaml:\d+\)$/,
  );
  const recycled = await here.untilEntry(
    ({ reason, outcome }) => reason.rule === 'cpu.limit' && outcome !== null,
    'the hot one is recycled',
  );
  expect(recycled).toMatchObject({ worker: 'hot:0', action: 'recycle', outcome: { ok: true } });
  const set = await here.untilEntry(({ action, worker }) => action === 'setOom' && worker === 'hot:0', 'it goes first');
  expect(set.reason.text).toMatch(
    /^Set oom_score_adj of hot:0 \(pid \d+\) from 200 to 500: it is on its way out, so the kernel shall take it first \(workers\.yaml:\d+\)$/,
  );
  // Its successor is as busy: that is its work.
  await here.untilEntry(({ reason }) => reason.rule === 'cpu.limit.again', 'no more recycles of the hot one');
  const rules = (await here.client.journal({})).map(({ worker, reason }) => `${worker} ${reason.rule}`);
  expect(rules.filter((rule) => rule.endsWith('cpu.high'))).toEqual(['loud:0 cpu.high']);
  expect(rules.some((rule) => rule.startsWith('idle:0 cpu') || rule.includes('refused'))).toBe(false);
  await here.until(async () => (await here.worker('hot:0')).oomScoreAdj === 200, 'its successor is ordinary');
});
