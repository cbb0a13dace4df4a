import { expect, test, vi } from 'vitest';
import type { Operations } from '../../../../src/api/operations.ts';
import { createApp } from '../../../../src/api/server.ts';
import { aProcess, fakeSupervisor } from './fake-supervisor.ts';

const app = createApp({} as Operations, fakeSupervisor([aProcess({})]));
const BODY = '<methodCall><methodName>supervisor.getVersion</methodName></methodCall>';

const post = async (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<[number, string]> => {
  const length = { 'content-length': String(body.length), ...headers };
  const answer = await app.request('/RPC2', { method: 'POST', body, headers: length });
  return [answer.status, await answer.text()];
};

test('a call is answered with its length', async () => {
  const answer = await app.request('/RPC2', { method: 'POST', body: BODY, headers: { 'content-length': '71' } });
  const text = await answer.text();
  expect(text).toContain('<string>3.0</string>');
  expect(answer.headers.get('content-type')).toBe('text/xml');
  expect(answer.headers.get('content-length')).toBe(String(text.length));
});

test('broken UTF-8 in a call is a name that does not exist, not an error of ours', async () => {
  const broken = BODY.replace('getVersion', 'getProcessInfo').replace(
    '</methodCall>',
    '<params><param><value>\xFF</value></param></params></methodCall>',
  );
  const [status, text] = await post(Buffer.from(broken, 'latin1'));
  expect([status, text.includes('BAD_NAME: \uFFFD')]).toEqual([200, true]);
});

test('what is no call is refused', async () => {
  expect((await app.request('/RPC2', { method: 'POST', body: BODY })).status).toBe(411);
  expect((await app.request('/RPC2')).status).toBe(400);
  expect((await post('nonsense'))[0]).toBe(400);
  expect((await post('', { 'content-length': 'x' }))[0]).toBe(413);
  expect((await post('', { 'content-length': String(2 ** 30) }))[0]).toBe(413);
});

test('who hangs up in the middle of a call is no error of ours', async () => {
  const body = new ReadableStream({
    start: (half) => {
      half.enqueue(Buffer.from(BODY.slice(0, 20)));
      half.error(new Error('aborted'));
    },
  });
  const written = vi.spyOn(process.stderr, 'write');
  const init = { method: 'POST', body, headers: { 'content-length': '71' }, duplex: 'half' as const };
  expect((await app.request('/RPC2', init)).status).toBe(400);
  expect(written).not.toHaveBeenCalled();
});

test('ok.html, and logs that are not there', async () => {
  expect(await (await app.request('/ok.html')).text()).toBe('OK');
  for (const path of ['/logtail/cat', '/logtail/no', '/logtail/cat/stderr', '/logtail/cat/x', '/logtail/%ff'])
    expect([path, (await app.request(path)).status]).toEqual([path, 404]);
  expect((await app.request('/logtail/cat', { method: 'POST' })).status).toBe(400);
});
