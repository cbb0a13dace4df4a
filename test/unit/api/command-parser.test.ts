import { describe, expect, it } from 'vitest';
import { parseBisect } from '../../../src/api/command-parser.ts';

const REQUEST = { program: 'shop', suspects: ['newrelic', 'Zend OPcache'], messages: 100, seconds: 60, atOnce: 2 };

describe('a bisect that is asked for', () => {
  it('is taken as it is, without what nobody knows', () =>
    expect(parseBisect({ ...REQUEST, more: 1 })).toEqual(REQUEST));

  it('may leave the suspects to us', () => {
    const { suspects: _, ...rest } = REQUEST;
    expect(parseBisect(rest).suspects).toBeNull();
  });

  it.each([
    [null, 'the body: found null, expected an object with program'],
    [{ ...REQUEST, program: 5 }, 'program: found 5'],
    [{ ...REQUEST, suspects: 'a' }, 'suspects: found "a", expected a list of 1 to 32 extensions'],
    [{ ...REQUEST, suspects: [] }, 'suspects: found [], expected a list'],
    [{ ...REQUEST, suspects: ['../a'] }, 'suspects: found "../a", expected names'],
    [{ ...REQUEST, suspects: ['a\n'] }, 'suspects: found "a\\n", expected names'],
    [{ ...REQUEST, suspects: Array.from({ length: 33 }, (_, at) => `a${at}`) }, 'expected a list of 1 to 32'],
    [{ ...REQUEST, messages: 1.5 }, 'messages: found 1.5, expected a whole number from 1 to 1000000000'],
    [{ ...REQUEST, seconds: 0 }, 'seconds: found 0, expected a whole number'],
    [{ ...REQUEST, atOnce: 9 }, 'atOnce: found 9, expected a whole number from 1 to 8'],
    [{ program: 'shop' }, 'messages: found nothing'],
  ])('%j is refused', (value, text) => expect(() => parseBisect(value)).toThrow(text));
});
