/**
 * Who may use the control interface over TCP: who brings the token (`Authorization: Bearer`, or Basic with the token as the password of any
 * user), or the user and password of workers.yaml. Secrets are compared in constant time.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';

export interface Credentials {
  token: string;
  /** Null: only the token counts. */
  basic: { username: string; password: string } | null;
}

/** `app` behind a check of every request. */
export const authenticated = (app: Hono, credentials: Credentials): Hono => {
  const guarded = new Hono();
  guarded.use(async (context, next) => {
    if (isForeign(context.req.header('origin'), context.req.header('host')))
      return context.text('requests of other web sites are not served\n', 403);
    if (isAllowed(context.req.header('authorization') ?? '', credentials)) return next();
    const answer = { 'WWW-Authenticate': 'Basic realm="ackwarden"', Connection: 'close' };
    return context.text('expected Authorization: Bearer TOKEN, or Basic with the token as password\n', 401, answer);
  });
  guarded.route('/', app);
  return guarded;
};

/** A browser that knows the password sends it along with what any page makes it send; such a request names the page's origin. */
const isForeign = (origin: string | undefined, host: string | undefined): boolean =>
  origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`;

export const isAllowed = (header: string, { token, basic }: Credentials): boolean => {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return isSame(value, token);
  if (scheme.toLowerCase() !== 'basic') return false;
  const given = Buffer.from(value, 'base64').toString('utf8');
  const colon = given.indexOf(':');
  if (colon === -1) return false;
  if (isSame(given.slice(colon + 1), token)) return true;
  return basic !== null && isSame(given, `${basic.username}:${basic.password}`);
};

/** Digests have one length, so the time tells nothing of the secret's. */
const isSame = (given: string, secret: string): boolean => timingSafeEqual(digest(given), digest(secret));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
