// npm run fuzz -- [--minutes N] [--seed N]: the random tests of the gate (test/unit/gate) for as long as you like, not as in `npm test`
// for some thousand cases. It says the seed and the cases a second, and of a failure the smallest case.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`fuzz: --minutes is a number above 0, not ${values.minutes}.`);
  process.exit(2);
}
const files = ['conversation', 'lanes', 'malice', 'scanner'].map((name) => `test/unit/gate/${name}.test.ts`);
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--config', 'test/vitest.config.ts', '--root', '.', '--project', 'unit', ...files],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      FUZZ_MINUTES: String(minutes),
      ...(values.seed === undefined ? {} : { FUZZ_SEED: values.seed }),
    },
  },
);
process.exit(status ?? 1);
