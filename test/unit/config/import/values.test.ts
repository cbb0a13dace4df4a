import { describe, expect, it } from 'vitest';
import {
  readAutorestart,
  readBoolean,
  readBytes,
  readExitCodes,
  readInteger,
  readList,
  readName,
  readOctal,
  readSignal,
} from '../../../../src/config/import/values.ts';
import type { Parsed } from '../../../../src/config/parsed.ts';

const value = <T>(parsed: Parsed<T>): T | string =>
  parsed.ok ? parsed.value : `no, ${parsed.suggestion ?? 'unknown'}`;

describe('values', () => {
  it.each([
    ['10', 10],
    [' +1_000 ', 1000],
    ['-3', -3],
    ['0.5', 'no, 1'],
    ['1__0', 'no, unknown'],
    ['', 'no, unknown'],
    ['0x10', 'no, unknown'],
  ])('integer %j', (text, expected) => expect(value(readInteger(text))).toBe(expected));

  it.each([
    ['yes', true],
    ['ON', true],
    ['0', false],
    ['tru', 'no, true'],
    ['2', 'no, unknown'],
  ])('boolean %j', (text, expected) => expect(value(readBoolean(text))).toBe(expected));

  it.each([
    ['0', 0],
    ['1KB', 1024],
    ['50mb', 52_428_800],
    ['2 GB', 2_147_483_648],
    ['10M', 'no, 10MB'],
    ['10MiB', 'no, 10MB'],
    ['many', 'no, unknown'],
  ])('bytes %j', (text, expected) => expect(value(readBytes(text))).toBe(expected));

  it.each([
    ['022', 0o22],
    ['0o27', 0o27],
    ['7', 7],
    ['89', 'no, unknown'],
  ])('octal %j', (text, expected) => expect(value(readOctal(text))).toBe(expected));

  it.each([
    ['0,2, 255', [0, 2, 255]],
    ['', []],
    ['256', 'no, unknown'],
    ['1,', 'no, unknown'],
  ])('exit codes %j', (text, expected) => expect(value(readExitCodes(text))).toEqual(expected));

  it.each([
    ['TERM', 'TERM'],
    ['sigint', 'INT'],
    ['9', 'KILL'],
    ['SIGTREM', 'no, TERM'],
    ['0', 'no, unknown'],
  ])('signal %j', (text, expected) => expect(value(readSignal(text))).toBe(expected));

  it.each([
    ['true', 'always'],
    ['Unexpected', 'unexpected'],
    ['off', 'never'],
    ['always', 'no, unknown'],
  ])('autorestart %j', (text, expected) => expect(value(readAutorestart(text))).toBe(expected));

  it('lists and names', () => {
    expect(readList(' a , b,')).toEqual(['a', 'b', '']);
    expect(readList('')).toEqual([]);
    expect(value(readName(' a.b '))).toBe('a.b');
    expect(readName('a:b').ok).toBe(false);
  });
});
