import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BEGIN, listener } from '../../../../src/controller/listeners/talk.ts';
import type { Talk, TalkInput, TalkOutput } from '../../../../src/controller/listeners/talk.ts';

const SENT = null;

/** Says these things to it in turn (null: an event is sent); what it meant, and where that ends. */
const talked = (said: readonly (string | null)[], from: Talk = BEGIN): { outputs: TalkOutput[]; talk: Talk } => {
  let talk = from;
  const all: TalkOutput[] = [];
  for (const words of said) {
    const input: TalkInput = words === SENT ? { type: 'sent' } : { type: 'bytes', bytes: words };
    const heard = listener(talk, input);
    talk = heard.talk;
    all.push(...heard.outputs);
  }
  return { outputs: all, talk };
};

describe('what a listener says', () => {
  test.each<[string, (string | null)[], TalkOutput[], Talk['state']]>([
    ['nothing yet', [], [], 'acknowledged'],
    ['READY', ['READY\n'], ['ready'], 'ready'],
    ['an event that is done', ['READY\n', SENT, 'RESULT 2\nOK'], ['ready', 'ok'], 'acknowledged'],
    ['and the next', ['READY\n', SENT, 'RESULT 2\nOKREADY\n', SENT], ['ready', 'ok', 'ready'], 'busy'],
    ['a refusal', ['READY\n', SENT, 'RESULT 4\nFAIL'], ['ready', 'fail'], 'acknowledged'],
    ['whatever is not OK', ['READY\n', SENT, 'RESULT 3\nOK\n'], ['ready', 'fail'], 'acknowledged'],
    ['an empty result', ['READY\n', SENT, 'RESULT 0\n'], ['ready', 'fail'], 'acknowledged'],
    ['a result with a line feed in it', ['READY\n', SENT, 'RESULT 5\nA\nB\nC'], ['ready', 'fail'], 'acknowledged'],
    ['a result that is not whole', ['READY\n', SENT, 'RESULT 4\nFAI'], ['ready'], 'busy'],
    ['something else than READY', ['Hello\n'], ['garbage'], 'unknown'],
    ['its first wrong letter', ['REB'], ['garbage'], 'unknown'],
    ['READY twice', ['READY\nREADY\n'], ['ready', 'garbage'], 'unknown'],
    ['words while it should wait', ['READY\n', 'x'], ['ready', 'garbage'], 'unknown'],
    ['a line feed after the result', ['READY\n', SENT, 'RESULT 2\nOK\n'], ['ready', 'ok', 'garbage'], 'unknown'],
    ['a result without a number', ['READY\n', SENT, 'RESULT OK\n'], ['ready', 'garbage'], 'unknown'],
    ['a negative number', ['READY\n', SENT, 'RESULT -1\n'], ['ready', 'garbage'], 'unknown'],
    ['a result of more than anybody says', ['READY\n', SENT, 'RESULT 99999\n'], ['ready', 'garbage'], 'unknown'],
    ['a line without an end', ['READY\n', SENT, `RESULT ${'1'.repeat(40)}`], ['ready', 'garbage'], 'unknown'],
    ['READY where a result is due', ['READY\n', SENT, 'READY\n'], ['ready', 'garbage'], 'unknown'],
    ['nothing is heard after garbage', ['x', 'READY\n'], ['garbage'], 'unknown'],
  ])('%s', (_, said, outputs, state) => {
    const heard = talked(said);
    expect(heard.outputs).toEqual(outputs);
    expect(heard.talk.state).toBe(state);
  });

  test('an event is sent only to one that is ready', () => {
    expect(() => talked([SENT])).toThrow('acknowledged');
    expect(() => talked(['READY\n', SENT, SENT])).toThrow('busy');
  });

  test('garbage is kept for the journal, and not much of it', () => {
    expect(talked([`x${'y'.repeat(1000)}`]).talk).toEqual({ state: 'unknown', garbage: `x${'y'.repeat(59)}` });
  });
});

/** Words and noise between READY and the next one. */
const speech = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('READY\n', 'RESULT 2\nOK', 'RESULT 4\nFAIL') },
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((words) => words.join(''));

test('it makes no difference in which pieces the words come', () => {
  fc.assert(
    fc.property(fc.boolean(), speech, fc.array(fc.nat({ max: 60 }), { maxLength: 10 }), (isBusy, said, cuts) => {
      const start = isBusy ? talked(['READY\n', SENT]).talk : BEGIN;
      const edges = [...new Set([0, ...cuts.filter((cut) => cut < said.length), said.length])].toSorted(
        (a, b) => a - b,
      );
      const pieces = edges.slice(1).map((edge, at) => said.slice(edges[at], edge));
      expect(pieces.join('')).toBe(said);
      const whole = talked([said], start);
      const parts = talked(pieces, start);
      expect(parts.outputs).toEqual(whole.outputs);
      expect(parts.talk.state).toBe(whole.talk.state);
    }),
  );
});

test('a talk by the rules is understood, byte by byte', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('OK', 'FAIL', 'else'), { maxLength: 6 }), (results) => {
      let talk = BEGIN;
      const outputs: TalkOutput[] = [];
      const hear = (words: string): void => {
        for (const byte of words) {
          const heard = listener(talk, { type: 'bytes', bytes: byte });
          talk = heard.talk;
          outputs.push(...heard.outputs);
        }
      };
      for (const result of results) {
        hear('READY\n');
        talk = listener(talk, { type: 'sent' }).talk;
        hear(`RESULT ${result.length}\n${result}`);
      }
      expect(outputs).toEqual(results.flatMap((result) => ['ready', result === 'OK' ? 'ok' : 'fail']));
      expect(talk).toEqual(BEGIN);
    }),
  );
});
