import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY, put, putBack, take, written } from '../../../../src/controller/listeners/queue.ts';
import type { Letter, Queue } from '../../../../src/controller/listeners/queue.ts';

const event = (serial: number, payload = 'x') => ({ serial, eventName: 'TICK_5', payload });

const filled = (count: number, size = 100): Queue => {
  let queue = EMPTY;
  for (let serial = 0; serial < count; serial += 1) ({ queue } = put(queue, event(serial), size));
  return queue;
};

const serials = (queue: Queue): number[] => queue.waiting.map(({ serial }) => serial);

describe('the queue of a pool', () => {
  test('hands out in order, with serials of its own', () => {
    const { queue } = put(put(EMPTY, event(7), 10).queue, event(9), 10);
    const first = take(queue);
    expect(first.letter).toEqual({ serial: 7, poolSerial: 0, eventName: 'TICK_5', payload: 'x' });
    expect(take(first.queue).letter).toEqual(expect.objectContaining({ serial: 9, poolSerial: 1 }));
    expect(take(EMPTY).letter).toBeNull();
  });

  test('drops the oldest when it is full', () => {
    const full = filled(3, 3);
    const { queue, dropped } = put(full, event(3), 3);
    expect(dropped?.serial).toBe(0);
    expect(serials(queue)).toEqual([1, 2, 3]);
  });

  test('a letter that comes back is the next one, with its old serials', () => {
    const { queue, letter } = take(filled(3));
    const back = putBack(queue, letter as Letter, 10);
    expect(back.dropped).toBeNull();
    expect(take(back.queue).letter).toEqual(letter);
    expect(put(back.queue, event(3), 10).queue.waiting.at(-1)?.poolSerial).toBe(3);
  });

  test('one that comes back to a full queue takes the place of the oldest that waits, as in supervisord', () => {
    const { queue, letter } = take(filled(3, 3));
    const full = put(queue, event(3), 3).queue;
    const back = putBack(full, letter as Letter, 3);
    expect(back.dropped?.serial).toBe(1);
    expect(serials(back.queue)).toEqual([0, 2, 3]);
  });

  test('never holds more than fits, and loses none without saying so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom('put', 'take', 'back')), (size, acts) => {
        let queue = EMPTY;
        let made = 0;
        let gone = 0;
        let held: Letter | null = null;
        for (const act of acts) {
          const done =
            act === 'put'
              ? put(queue, event(made++), size)
              : act === 'back' && held !== null
                ? putBack(queue, held, size)
                : null;
          if (act === 'back') held = null;
          if (done !== null) {
            queue = done.queue;
            gone += done.dropped === null ? 0 : 1;
          } else if (act === 'take' && held === null) {
            const taken = take(queue);
            ({ queue } = taken);
            held = taken.letter;
          }
          expect(queue.waiting.length).toBeLessThanOrEqual(size);
          expect(queue.waiting.length + gone + (held === null ? 0 : 1)).toBe(made);
        }
      }),
    );
  });
});

describe('an event as it is written', () => {
  const pool = { identifier: 'supervisor', name: 'ear' };

  test('a header and the payload', () => {
    const letter = { serial: 21, poolSerial: 3, eventName: 'TICK_5', payload: 'when:1764115200' };
    expect(written(letter, pool)).toBe(
      'ver:3.0 server:supervisor serial:21 pool:ear poolserial:3 eventname:TICK_5 len:15\nwhen:1764115200',
    );
  });

  test.each([
    ['', 0],
    ['é', 1],
    ['\u{1F41B}', 1],
    ['日本\n', 3],
  ])('%j has the length that Python counts', (payload, length) => {
    expect(written({ ...event(0, payload), poolSerial: 0 }, pool)).toContain(` len:${length}\n`);
  });
});
