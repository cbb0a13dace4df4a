/** A program of a configuration as the leaves that a reload compares. */
import { brokerTree, programTree } from '../effective.ts';
import type { Tree } from '../effective.ts';
import { isGated } from '../gated.ts';
import type { Config, ProgramConfig } from '../types.ts';
import { costOf, leavesOf } from './effects.ts';
import type { Cost } from './effects.ts';

/** With the broker that its gate leads to, also where that is the top-level one. */
export const programLeaves = (config: Config, program: ProgramConfig): Map<string, Tree> => {
  const leaves = leavesOf(programTree(program));
  if (program.broker !== null || !isGated(config, program)) return leaves;
  const shared = brokerTree(config.broker);
  return new Map([...leaves, ...leavesOf(shared === undefined ? {} : { broker: shared })]);
};

/** What a change of this key of this program comes to. */
export const effectOf = (key: string, gated: boolean): Exclude<Cost, 'broker'> => {
  const cost = costOf(key);
  if (cost !== 'broker') return cost;
  return gated ? 'roll' : 'live';
};

/** What a process of this program is made of, as text: two that differ need different processes. Templates are still in it. */
export const makingOf = (config: Config, program: ProgramConfig): string => {
  const gated = isGated(config, program);
  const made = [...programLeaves(config, program)].filter(([key]) => effectOf(key, gated) === 'roll');
  return JSON.stringify(made.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
