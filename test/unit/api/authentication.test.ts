import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { authenticated, isAllowed } from '../../../src/api/authentication.ts';

const TOKEN = 'a-token-of-some-length';
const CREDENTIALS = { token: TOKEN, basic: { username: 'deploy', password: 'pass:word' } };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('who may come in', () => {
  test.each([
    ['the token', `Bearer ${TOKEN}`, true],
    ['the token, as sloppy clients write it', `bearer  ${TOKEN}`, true],
    ['the token as the password of anybody', basic(`anybody:${TOKEN}`), true],
    ['the user with the password', basic('deploy:pass:word'), true],
    ['nothing', '', false],
    ['another token', `Bearer ${TOKEN}x`, false],
    ['no token', 'Bearer ', false],
    ['the token alone', TOKEN, false],
    ['another user with the password', basic('other:pass:word'), false],
    ['the user with another password', basic('deploy:pass'), false],
    ['the user without password', basic('deploy'), false],
    ['the password as a token', 'Bearer pass:word', false],
    ['another scheme', `Digest ${TOKEN}`, false],
  ])('%s', (_what, header, allowed) => expect(isAllowed(header, CREDENTIALS)).toBe(allowed));

  test('without a user in workers.yaml only the token counts', () => {
    expect(isAllowed(basic('deploy:pass:word'), { token: TOKEN, basic: null })).toBe(false);
  });
});

test('every path is behind it, and a refusal asks for a password', async () => {
  const app = authenticated(
    new Hono().get('/a', (context) => context.text('in')),
    CREDENTIALS,
  );
  const authorization = `Bearer ${TOKEN}`;
  expect((await app.request('/a', { headers: { authorization } })).status).toBe(200);
  expect((await app.request('/nothing', { headers: { authorization } })).status).toBe(404);
  for (const path of ['/a', '/nothing', '/RPC2']) {
    const refused = await app.request(path);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="ackwarden"']);
  }
});

test('a page of another site gets nothing, also in a browser that knows the password', async () => {
  const app = authenticated(
    new Hono().get('/a', (context) => context.text('in')),
    CREDENTIALS,
  );
  const from = async (origin: string): Promise<number> => {
    const headers = { authorization: basic('deploy:pass:word'), host: '127.0.0.1:9876', origin };
    return (await app.request('/a', { headers })).status;
  };
  expect(await from('https://elsewhere.example')).toBe(403);
  expect(await from('null')).toBe(403);
  expect(await from('http://127.0.0.1:9876')).toBe(200);
});
