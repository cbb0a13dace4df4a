import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate } from '../../../src/config/interpolate.ts';

const ENV = { NAME: 'value', EMPTY: '', BRACE: '${NAME} a: [b]', UNSET: undefined, RABBITMQ_HOST: 'mq' };

describe('variables', () => {
  it.each([
    ['plain', 'plain'],
    ['${NAME}', 'value'],
    ['a${NAME}b${NAME}', 'avaluebvalue'],
    ['${NAME:-x}', 'value'],
    ['${EMPTY}', ''],
    ['${EMPTY:-x}', 'x'],
    ['${NOWHERE:-x y: z}', 'x y: z'],
    ['${NOWHERE:-}', ''],
    ['$${NAME}', '${NAME}'],
    ['$$${NAME}', '$${NAME}'],
    ['$NAME $ {NAME} $$', '$NAME $ {NAME} $$'],
    ['${BRACE}', '${NAME} a: [b]'],
    ['{worker}', '{worker}'],
  ])('%s gives %s', (text, filled) => expect(interpolate(text, ENV)).toMatchObject({ text: filled, faults: [] }));

  it.each([
    ['${NOWHERE}', 0, '${NOWHERE}, which is not set in the environment', null],
    ['a ${UNSET}', 2, '${UNSET}, which is not set in the environment', null],
    ['${RABITMQ_HOST}', 0, '${RABITMQ_HOST}, which is not set in the environment', '${RABBITMQ_HOST}'],
    ['${toString}', 0, '${toString}, which is not set in the environment', null],
    ['${1A}', 0, '"${1A}"', null],
    ['${}', 0, '"${}"', null],
    ['${NAME', 0, '"${NAME"', null],
    ['${NAME-x}', 0, '"${NAME-x}"', null],
    ['${A:-${B}}', 0, '"${A:-${B}"', null],
  ])('%s is a fault', (text, offset, found, suggestion) =>
    expect(interpolate(text, ENV).faults).toMatchObject([{ offset, found, suggestion }]),
  );

  it('lists every fault', () => expect(interpolate('${A} ${B}', {}).faults).toHaveLength(2));

  const noise = fc
    .array(fc.constantFrom('$', '{', '}', 'a', ' ', ':-', 'é'), { maxLength: 20 })
    .map((parts) => parts.join(''));

  it('never touches a text without ${', () =>
    fc.assert(
      fc.property(
        noise.filter((text) => !text.includes('${')),
        (text) => interpolate(text, ENV).text === text,
      ),
    ));

  it('gives back every text whose ${ are escaped', () =>
    fc.assert(
      fc.property(noise, (text) => {
        expect(
          interpolate(
            text.replaceAll('${', () => '$${'),
            ENV,
          ),
        ).toEqual({ text, changed: false, faults: [] });
      }),
    ));

  it('keeps everything around a variable', () =>
    fc.assert(
      fc.property(noise, noise, fc.string(), (before, after, value) => {
        fc.pre(!before.includes('${') && !before.endsWith('$') && !after.includes('${'));
        expect(interpolate(`${before}\${X}${after}`, { X: value }).text).toBe(`${before}${value}${after}`);
      }),
    ));
});
