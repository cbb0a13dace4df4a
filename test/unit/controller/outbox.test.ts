import { expect, it } from 'vitest';
import { Outbox } from '../../../src/controller/outbox.ts';
import type { ToShim } from '../../../src/shim/protocol.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';

const specOf = (incarnation: string): SpawnSpec => ({ incarnation }) as SpawnSpec;
const signal = (incarnation: string): ToShim => ({ type: 'signal', incarnation, signal: 'TERM' });

const start = () => {
  const sent: string[] = [];
  const outbox = new Outbox((message) => {
    const of =
      message.type === 'spawn' ? message.spec.incarnation : 'incarnation' in message ? message.incarnation : '';
    sent.push(`${message.type} ${of}`);
  });
  return { sent, outbox };
};

it('holds back what is for a process that is still being prepared, and nothing else', async () => {
  const { sent, outbox } = start();
  let settle: (spec: SpawnSpec) => void = () => undefined;
  const later = outbox.spawnLater('a#1', new Promise((resolve) => (settle = resolve)), () => true);
  for (const incarnation of ['a#1', 'b#1', 'a#1']) outbox.send(signal(incarnation));
  expect(sent).toEqual(['signal b#1']);
  settle(specOf('a#1'));
  await later;
  outbox.send(signal('a#1'));
  expect(sent.slice(1)).toEqual(['spawn a#1', 'signal a#1', 'signal a#1', 'signal a#1']);
});

it('drops a spawn that nobody wants any more, with all that was to follow it', async () => {
  const { sent, outbox } = start();
  const later = outbox.spawnLater('a#1', Promise.resolve(specOf('a#1')), () => false);
  outbox.send(signal('a#1'));
  await later;
  expect(sent).toEqual([]);
});
