/** The control interface over TCP: what supervisord has not (differential.test.ts compares what it has). */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Site } from '../controller/site.ts';
import { freePort } from './free-port.ts';
import { Supervisorctl } from './sides.ts';

const TOKEN = '0123456789abcdef-token';
const PASSWORD = 'secret of deploy';

describe('TCP', () => {
  const site = new Site({});
  let url = '';

  const basic = (user: string, password: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });
  const bearer = { authorization: `Bearer ${TOKEN}` };

  const get = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { ...headers, connection: 'close' } });

  const stop = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/api/v1/commands`, {
      method: 'POST',
      headers: { ...headers, connection: 'close', 'content-type': 'application/json' },
      body: JSON.stringify({ verb: 'stop', names: ['quiet'] }),
    });

  const control = async (user: string, password: string, ...args: string[]): Promise<unknown> => {
    const ctl = new Supervisorctl('-s', url, '-u', user, '-p', password);
    try {
      return await ctl.call({ args });
    } finally {
      ctl.end();
    }
  };

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    writeFileSync(site.path('token'), `${TOKEN}\n`, { mode: 0o600 });
    writeFileSync(site.path('password'), `${PASSWORD}\n`, { mode: 0o600 });
    site.configure(
      { quiet: { command: ['/bin/sleep', '1000'], workers: 1, start: { seconds: '0s' } } },
      { http: { listen: `127.0.0.1:${port}`, tokenFile: 'token', username: 'deploy', passwordFile: 'password' } },
    );
    await site.run();
    await site.untilRunning();
  });
  afterAll(() => site.dispose());

  it.each([
    ['nothing', {}],
    ['another token', { authorization: `Bearer ${TOKEN}x` }],
    ['the password as token', { authorization: `Bearer ${PASSWORD}` }],
    ['a wrong password', basic('deploy', 'wrong')],
    ['the password of another user', basic('root', PASSWORD)],
    ['no password', basic('deploy', '')],
  ])('with %s nothing is told and nothing done', async (_what, headers) => {
    for (const path of ['/api/v1/status', '/api/v1/events', '/mainlogtail', '/nosuch']) {
      const answer = await get(path, headers);
      expect([path, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        path,
        401,
        'Basic realm="ackwarden"',
      ]);
      expect(await answer.text()).not.toContain('quiet');
    }
    expect((await stop(headers)).status).toBe(401);
    expect((await site.worker('quiet:0')).state).toBe('RUNNING');
  });

  it('a page of another web site does nothing, even in the browser of who knows the password', async () => {
    expect((await stop({ ...basic('deploy', PASSWORD), origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await site.worker('quiet:0')).state).toBe('RUNNING');
  });

  it.each([
    ['the token', bearer],
    ['the token as the password of anybody', basic('anybody', TOKEN)],
    ['name and password', basic('deploy', PASSWORD)],
  ])('with %s /api answers', async (_what, headers) => {
    const answer = await get('/api/v1/status', headers);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ workers: [{ name: 'quiet:0', state: 'RUNNING' }] });
  });

  it('supervisorctl takes the token as password', async () => {
    expect(await control('anybody', TOKEN, 'pid', 'quiet:0')).toEqual({
      code: 0,
      output: `${(await site.worker('quiet:0')).pid}\n`,
    });
  });

  it('a command over TCP is done, and no secret is in the journal', async () => {
    expect((await stop(bearer)).status).toBe(200);
    await site.untilStatus(({ workers }) => workers[0]?.state === 'STOPPED', 'it is stopped');
    expect(await control('deploy', PASSWORD, 'start', 'quiet:0')).toEqual({ code: 0, output: 'quiet:0: started\n' });
    const told = JSON.stringify(await site.client.journal({}));
    for (const secret of [TOKEN, PASSWORD]) expect(told).not.toContain(secret);
  });
});
