import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const TELL = `echo json_encode([
  'memory_limit' => ini_get('memory_limit'),
  'precision' => ini_get('precision'),
  'cwd' => getcwd(),
  'umask' => decoct(umask()),
  'nice' => (int) explode(' ', substr(strrchr(file_get_contents('/proc/self/stat'), ')'), 2))[16],
  'adj' => (int) file_get_contents('/proc/self/oom_score_adj'),
  'env' => getenv(),
]), "\\n"; sleep(1000);`;

test('a worker gets the ini settings, directory, umask, niceness, oom_score_adj and environment of workers.yaml, and none of ours', async () => {
  site = new Site({
    tell: {
      command: ['php', '-r', TELL],
      directory: '/usr',
      umask: '027',
      nice: 3,
      oom: { adj: 8 },
      php: { ini: { memory_limit: '77M', precision: '5' } },
      environment: { GREETING: 'hello {worker}', NUMBER: '{index:02}' },
      start: { seconds: '200ms' },
    },
  });
  const here = site;
  await here.run({ NODE_OPTIONS: '--no-warnings', NOTIFY_SOCKET: '/run/nowhere', LISTEN_FDS: '1', KEPT: 'yes' });
  await here.until(() => here.log('tell-0.log').includes('\n'), 'the worker has told');
  const told = JSON.parse(here.log('tell-0.log')) as Record<string, unknown> & { env: Record<string, string> };
  // The kernel's own conversion of the old scale: 8 × 1000 / 17.
  expect(told).toMatchObject({ memory_limit: '77M', precision: '5', cwd: '/usr', umask: '27', nice: 3, adj: 470 });
  expect(told.env).toMatchObject({
    GREETING: 'hello tell:0',
    NUMBER: '00',
    KEPT: 'yes',
    SUPERVISOR_ENABLED: '1',
    SUPERVISOR_PROCESS_NAME: '0',
    SUPERVISOR_GROUP_NAME: 'tell',
    SUPERVISOR_SERVER_URL: `unix://${here.path('state', 'control.sock')}`,
    ACKWARDEN_WORKER: 'tell:0',
  });
  for (const name of ['NODE_OPTIONS', 'NOTIFY_SOCKET', 'LISTEN_FDS']) expect(told.env).not.toHaveProperty(name);
});
