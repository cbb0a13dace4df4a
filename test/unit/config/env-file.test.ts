import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../../src/config/env-file.ts';

describe('a file of NAME=VALUE lines', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['A=', { A: '' }],
    ['A = 1 ', { A: '1' }],
    ['  export A=1', { A: '1' }],
    ['# A=1\n\nB=2\r\nC=3', { B: '2', C: '3' }],
    ['A=x # why', { A: 'x' }],
    ['A=x#y', { A: 'x#y' }],
    ['A=#y', { A: '' }],
    ['A=b=c', { A: 'b=c' }],
    [`A='x # $B \\n'  # why`, { A: 'x # $B \\n' }],
    ['A="x\\ny\\t\\"\\\\\\$\\q"', { A: 'x\ny\t"\\$\\q' }],
    ['A=$B ${C}', { A: '$B ${C}' }],
    ['A=1\nA=2', { A: '2' }],
  ])('%j', (text, values) => expect(parseEnvFile(text)).toEqual({ values, faults: [] }));

  it.each([
    ['A=1\n  B', { line: 2, column: 3 }, 'a line without ='],
    ['1A=x', { line: 1, column: 1 }, 'the name "1A"'],
    ['export A-B=x', { line: 1, column: 8 }, 'the name "A-B"'],
    ['A="hunter2', { line: 1, column: 3 }, 'a value without its closing "'],
    ["A='hunter2", { line: 1, column: 3 }, "a value without its closing '"],
    ["A='x'hunter2", { line: 1, column: 3 }, 'text after the closing quote'],
  ])('%j has a fault', (text, position, found) => {
    const { faults } = parseEnvFile(text);
    expect(faults).toMatchObject([{ position, found }]);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });
});
