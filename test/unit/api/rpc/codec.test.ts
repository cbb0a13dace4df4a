import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedCall, decodeCall } from '../../../../src/api/rpc/decode.ts';
import { cappedInt, encodeFault, encodeResult, encodeValue } from '../../../../src/api/rpc/encode.ts';
import { Fault } from '../../../../src/api/rpc/faults.ts';
import type { RpcValue } from '../../../../src/api/rpc/value.ts';
import { withoutTerminalSequences, xmlText } from '../../../../src/api/rpc/xml-text.ts';
import golden from '../../../fixtures/rpc/golden.json' with { type: 'json' };

const {
  values: VALUES,
  faults: FAULTS,
  calls: CALLS,
} = golden as unknown as {
  values: [RpcValue, string][];
  faults: [number, string, string][];
  calls: [string, RpcValue[], string][];
};

const call = (params: string): string => `<methodCall><methodName>a.b</methodName>${params}</methodCall>`;
const param = (value: string): string => call(`<params><param><value>${value}</value></param></params>`);

describe('as Python writes it', () => {
  test.each(VALUES)('%j is encoded byte for byte', (value, xml) => {
    expect(encodeResult(value)).toBe(xml);
  });

  test.each(FAULTS)('fault %i %s', (_code, text, xml) => {
    const [name = '', extra = null] = text.split(': ');
    expect(encodeFault(new Fault(name as 'BAD_NAME', extra))).toBe(xml);
  });

  test.each(CALLS)('the call of %s is decoded', async (method, params, xml) => {
    expect(JSON.stringify(await decodeCall(xml))).toBe(JSON.stringify({ method, params }));
  });
});

describe('what arrives', () => {
  test.each([
    ['<i4>-5</i4>', -5],
    [' untyped ', ' untyped '],
    ['', ''],
    ['<string/>', ''],
    ['<boolean>0</boolean>', false],
    ['<base64>w7w=</base64>', 'ü'],
    ['<dateTime.iso8601>20261126T00:00:00</dateTime.iso8601>', '20261126T00:00:00'],
    ['<array><data/></array>', []],
  ])('%s', async (xml, value) => {
    expect((await decodeCall(param(xml))).params).toEqual([value]);
  });

  test('params may be missing', async () => {
    expect(await decodeCall(call(''))).toEqual({ method: 'a.b', params: [] });
  });

  test.each([
    ['nothing', ''],
    ['no XML', 'hello'],
    ['half of it', '<methodCall><methodName>a.b</methodName>'],
    ['no method', '<methodCall><params/></methodCall>'],
    ['an empty method', '<methodCall><methodName> </methodName></methodCall>'],
    ['another root', '<methodResponse/>'],
    ['an unknown type', param('<nil/>')],
    ['a number that is none', param('<int>1.5</int>')],
    ['something in params', call('<params><value>x</value></params>')],
    ['an entity of its own', `<!DOCTYPE a [<!ENTITY b "c">]>${param('&b;')}`],
    ['values nested deep', param('<array><data><value>'.repeat(120) + '</value></data></array>'.repeat(120))],
    [
      'values nested very deep',
      param('<array><data><value>'.repeat(15_000) + '</value></data></array>'.repeat(15_000)),
    ],
  ])('%s is malformed, and nothing worse', async (_what, body) => {
    await expect(decodeCall(body)).rejects.toBeInstanceOf(MalformedCall);
  });

  test('a member called __proto__ changes no prototype', async () => {
    const struct = '<struct><member><name>__proto__</name><value><struct/></value></member></struct>';
    const [value] = (await decodeCall(param(struct))).params;
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
  });
});

const text = fc.string({ unit: 'binary' });
const values = fc.letrec<{ value: RpcValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.boolean(),
    fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** What must come back: what XML cannot carry has become U+FFFD. */
const carried = (value: RpcValue): RpcValue => {
  if (typeof value === 'string') return unescape(xmlText(value));
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(carried);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [unescape(xmlText(key)), carried(member)]));
};
const unescape = (xml: string): string =>
  xml.replaceAll('&#13;', '\r').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

test('whatever is encoded is well-formed and comes back', async () => {
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const body = call(`<params>\n<param>\n${encodeValue(value)}</param>\n</params>`);
      expect(JSON.stringify((await decodeCall(body)).params)).toBe(JSON.stringify([carried(value)]));
    }),
  );
});

test('text keeps what XML can carry, and nothing else', () => {
  expect(xmlText('a\u001Bb\u0000c\uD800d\uFFFEe 😀\tf\n')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe 😀\tf\n');
  expect(withoutTerminalSequences('\u001B[1;31mred\u001B[0m \u001B]0;title\u0007x \u001B]8;;u\u001B\\y \u001BM')).toBe(
    'red x y ',
  );
});

test('numbers that do not fit are a bug, and times stop in 2038', () => {
  expect(() => encodeValue(2 ** 31)).toThrow('no 32-bit integer');
  expect(() => encodeValue(Number.NaN)).toThrow('no form');
  expect(cappedInt(2 ** 40)).toBe(2 ** 31 - 1);
  expect(cappedInt(-5.5)).toBe(0);
});
