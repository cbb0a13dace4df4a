/** supervisord's part of the HTTP server: `/RPC2`, the logs that are followed, and `/ok.html`. */
import { decodeCall, MalformedCall } from './decode.ts';
import { dispatcher } from './dispatch.ts';
import { encodeFault, encodeResult } from './encode.ts';
import { Fault } from './faults.ts';
import { logTail, mainLogTail } from './log-streams.ts';
import type { Supervisor } from './supervisor.ts';

const MOST_BODY_BYTES = 1024 * 1024;

/** Null: the path is none of supervisord's. */
export const createRpcRoutes = (supervisor: Supervisor): ((request: Request) => Promise<Response | null>) => {
  const call = dispatcher(supervisor);
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/RPC2')) return answerCall(request, call);
    const isTail = pathname.startsWith('/logtail/');
    if (!isTail && pathname !== '/mainlogtail' && pathname !== '/ok.html') return null;
    if (request.method !== 'GET') return refused(400, 'expected GET');
    if (pathname === '/ok.html') return new Response('OK', { headers: { 'content-type': 'text/html' } });
    return isTail ? logTail(supervisor, pathname) : mainLogTail(supervisor);
  };
};

const answerCall = async (request: Request, call: ReturnType<typeof dispatcher>): Promise<Response> => {
  if (request.method !== 'POST') return refused(400, 'expected POST with a methodCall');
  const length = request.headers.get('content-length');
  if (length === null) return refused(411, 'expected a Content-Length');
  if (!(Number(length) <= MOST_BODY_BYTES)) return refused(413, `expected at most ${MOST_BODY_BYTES} bytes`);
  const body = await request.text().catch((error: unknown) => error as Error);
  // Who asked has hung up; nobody reads the answer, and nothing went wrong here.
  if (body instanceof Error) return refused(400, `the request ended early: ${body.message}`);
  try {
    return xml(encodeResult(await call(await decodeCall(body))));
  } catch (error) {
    if (error instanceof Fault) return xml(encodeFault(error));
    if (error instanceof MalformedCall) return refused(400, `no method call: ${error.message}`);
    process.stderr.write(`ackwarden: an XML-RPC call failed: ${(error as Error).stack ?? String(error)}\n`);
    return xml(encodeFault(new Fault('FAILED', (error as Error).message)));
  }
};

const xml = (body: string): Response => {
  const bytes = Buffer.from(body);
  return new Response(bytes, {
    headers: { 'content-type': 'text/xml', 'content-length': String(bytes.length) },
  });
};

const refused = (status: number, text: string): Response => new Response(`${text}\n`, { status });
