import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

/** supervisord's sendProcessStdin, as `supervisorctl fg` calls it; the answer's XML. */
const sendStdin = (here: Site, name: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const value = (one: string): string => `<param><value><string>${one}</string></value></param>`;
    const body = `<?xml version="1.0"?><methodCall><methodName>supervisor.sendProcessStdin</methodName><params>${value(name)}${value(text)}</params></methodCall>`;
    const socketPath = here.path('state', 'control.sock');
    const headers = { 'Content-Type': 'text/xml', 'Content-Length': Buffer.byteLength(body) };
    const asked = request({ socketPath, path: '/RPC2', method: 'POST', headers }, (response) => {
      let answer = '';
      response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      response.on('end', () => resolve(answer));
    });
    asked.on('error', reject);
    asked.end(body);
  });

test('supervisord’s sendProcessStdin reaches a worker whose stdin is open, and is refused where it is closed', async () => {
  const command = ['sh', '-c', 'while read -r line; do echo "got $line"; done; exec sleep 1000'];
  const start = { seconds: '100ms' };
  const here = (site = new Site({ open: { command, start, stdin: 'open' }, closed: { command, start } }));
  await here.run();
  await here.untilRunning();
  expect(await sendStdin(here, 'open:0', 'hello\n')).toContain('<boolean>1</boolean>');
  await here.until(() => here.log('open-0.log') === 'got hello\n', 'it has read the line');
  expect(await sendStdin(here, 'closed:0', 'hello\n')).toContain('NO_FILE');
});
