/** A controller's API on a unix socket that answers what a test tells it to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

export type Answer = (request: FakeRequest, response: ServerResponse, raw: IncomingMessage) => unknown;

export interface FakeController {
  directory: string;
  socketPath: string;
  requests: FakeRequest[];
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? null : JSON.parse(text);
}

/** `answer` returns the JSON to send with 200, or answers by itself and returns undefined. */
export async function fakeController(answer: Answer): Promise<FakeController> {
  const directory = await mkdtemp(join(tmpdir(), 'ackwarden-cli-'));
  const socketPath = join(directory, 'control.sock');
  const requests: FakeRequest[] = [];
  const server = createServer((raw, response) => {
    void (async () => {
      const url = new URL(raw.url ?? '/', 'http://localhost');
      const request = {
        method: raw.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        body: await bodyOf(raw),
      };
      requests.push(request);
      const json: unknown = answer(request, response, raw);
      if (json === undefined) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(json));
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
  return {
    directory,
    socketPath,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function sendError(response: ServerResponse, status: number, code: string, text: string): undefined {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ error: { code, text } }));
}

export function sendEvent(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
