import { expect, test } from 'vitest';
import type { Operations } from '../../../src/api/operations.ts';
import type { Supervisor } from '../../../src/api/rpc/supervisor.ts';
import { createApp } from '../../../src/api/server.ts';
import type { JournalEntry } from '../../../src/api/types.ts';

const build = () => {
  const listeners = new Set<(entry: JournalEntry) => void>();
  const operations = {
    status: () => ({ workers: [] }),
    onJournal: (listener: (entry: JournalEntry) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Operations;
  return { app: createApp(operations, {} as Supervisor), listeners };
};

test('a client that does not read its events is hung up on before they fill our memory', async () => {
  const { app, listeners } = build();
  const response = await app.request('/api/v1/events');
  expect(listeners.size).toBe(1);
  const entry = { id: 'e' } as JournalEntry;
  for (let sent = 0; sent < 1_500; sent += 1) for (const listener of listeners) listener(entry);
  expect(listeners.size).toBe(0);
  await response.body?.cancel();
});

test('a client that goes away is not written to any longer', async () => {
  const { app, listeners } = build();
  const response = await app.request('/api/v1/events');
  expect(listeners.size).toBe(1);
  await response.body?.cancel();
  expect(listeners.size).toBe(0);
});
