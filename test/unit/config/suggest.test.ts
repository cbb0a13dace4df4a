import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/config/suggest.ts';

const KEYS = ['command', 'directory', 'workers', 'workerName', 'memory', 'stdout', 'stderr'];

describe('what was meant', () => {
  it.each([
    ['comand', 'command'],
    ['cmomand', 'command'],
    ['worker', 'workers'],
    ['worker_name', 'workerName'],
    ['WORKERNAME', 'workerName'],
    ['max_memory', 'memory'],
    ['stdot', 'stdout'],
    ['xyz', null],
    ['', null],
  ])('%j: %s', (word, meant) => expect(nearest(word, KEYS)).toBe(meant));

  it('does not replace a word whole', () => expect(nearest('m', ['s', 'h'])).toBeNull());
});
