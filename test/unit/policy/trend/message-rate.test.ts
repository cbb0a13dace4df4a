import { expect, test } from 'vitest';
import { MessageRate } from '../../../../src/policy/trend/message-rate.ts';

const MINUTE = 60_000;

/** A reading every five seconds; `perMinute` of each minute. Returns messages a minute as expected at the end. */
const after = (minutes: number, perMinute: (minute: number) => number): number => {
  const rate = new MessageRate();
  let acknowledged = 0;
  for (let sample = 0; sample <= minutes * 12; sample += 1) {
    rate.add(sample * 5_000, Math.round(acknowledged));
    acknowledged += perMinute(Math.floor(sample / 12)) / 12;
  }
  return rate.perMs * MINUTE;
};

test('of the last five minutes, in the first hour', () => {
  expect(after(30, (minute) => (minute < 20 ? 60 : 12))).toBeCloseTo(12, 0);
});

test('none where nothing came for five minutes, however busy it was', () => {
  expect(after(130, (minute) => (minute < 120 ? 60 : 0))).toBe(0);
});

test('that of its busiest hour as soon as it is at work again', () => {
  expect(after(602, (minute) => (minute < 120 || minute >= 600 ? 60 : 0))).toBeCloseTo(60, 0);
});

test('a message now and then at night is not the day', () => {
  expect(after(600, (minute) => (minute < 120 ? 60 : 1))).toBeCloseTo(1, 0);
});

test('more than ever, where that is what comes', () => {
  expect(after(130, (minute) => (minute < 120 ? 60 : 240))).toBeCloseTo(240, -1);
});

test('nothing known, or a single reading', () => {
  expect(new MessageRate().perMs).toBe(0);
  const rate = new MessageRate();
  rate.add(5, 1_000);
  expect(rate.perMs).toBe(0);
});
