import { expect, test } from 'vitest';
import { initTrouble, upgradeRefusal } from '../../../src/controller/container.ts';

test('only PID 1 is told that it reaps nothing', () => {
  expect(initTrouble(1)).toMatch(/^this process is PID 1 .* stay as zombies; start it under a small init/);
  expect(initTrouble(2)).toBeNull();
});

test.each([
  ['PID 1 itself', { pid: 1, parentPid: 0, initName: 'node' }, true],
  ['the child of tini', { pid: 7, parentPid: 1, initName: 'tini' }, true],
  ['the child of docker --init', { pid: 7, parentPid: 1, initName: 'docker-init' }, true],
  ['in the loop of the entry point', { pid: 8, parentPid: 7, initName: 'tini' }, false],
  ['a systemd service', { pid: 812, parentPid: 1, initName: 'systemd' }, false],
  ['PID 1 is not readable', { pid: 812, parentPid: 1, initName: null }, false],
])('upgrade as %s', (_where, of, refused) => {
  expect(upgradeRefusal(of) !== null).toBe(refused);
});
