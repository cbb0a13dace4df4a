/**
 * What applying another configuration would do to a running fleet. Pure: `planReload(before, after)`.
 *
 * `before` is what is in force, `after` what was read. What only the next controller can take up keeps its value: `applicable` is the
 * configuration that comes into force, and a second plan from there to `after` changes no program.
 */
import { settingsTree } from '../effective.ts';
import type { Tree } from '../effective.ts';
import { expandWorkers } from '../expand.ts';
import { isGated } from '../gated.ts';
import { maskConfig } from '../mask.ts';
import type { Config, ProgramConfig } from '../types.ts';
import { leavesOf } from './effects.ts';
import { effectOf, programLeaves } from './leaves.ts';
import type { KeyChange, ProgramPlan, ReloadPlan } from './types.ts';
import { keyText, notAppliedText, programText } from './text.ts';

/** Where a key of the file was written. */
export type LineOf = (path: readonly string[]) => number | null;

const nowhere: LineOf = () => null;

/** The configuration that a running controller can change to. */
export const applicable = (before: Config, after: Config): Config => {
  const { file, stateDir, dataDir, journal, socket } = before;
  const broker = canChangeBroker(before, after) ? after.broker : before.broker;
  return Object.freeze({ ...after, file, stateDir, dataDir, journal, socket, broker });
};

/** The embedded broker is started before the first worker and stopped after the last. */
const canChangeBroker = (before: Config, after: Config): boolean =>
  (before.broker?.kind === 'embedded') === (after.broker?.kind === 'embedded');

export const planReload = (before: Config, after: Config, lineOf: LineOf = nowhere): ReloadPlan => {
  const next = applicable(before, after);
  const names = new Set([...Object.keys(next.programs), ...Object.keys(before.programs)]);
  return {
    programs: [...names].map((name) => planProgram(name, before, next, lineOf)),
    settings: settingsChanges(before, next, lineOf),
    notApplied: settingsChanges(next, after, lineOf).map((change) => ({
      path: change.path,
      line: change.line,
      text: notAppliedText(change),
    })),
  };
};

/** Whether applying it would do anything at all. */
export const changesAnything = ({ programs, settings }: ReloadPlan): boolean =>
  settings.length > 0 || programs.some(({ change }) => change !== 'unchanged');

const planProgram = (name: string, before: Config, next: Config, lineOf: LineOf): ProgramPlan => {
  const [was, is] = [before.programs[name], next.programs[name]];
  const [had, has] = [was, is].map((program) => (program === undefined ? [] : expandWorkers(program)));
  const [old, now] = [(had ?? []).map((worker) => worker.name), (has ?? []).map((worker) => worker.name)];
  const keys = was === undefined || is === undefined ? [] : keyChanges(before, next, name, lineOf);
  const starts = now.filter((worker) => !old.includes(worker));
  const stops = old.filter((worker) => !now.includes(worker));
  const plan = {
    name,
    change: changeOf(was, is, keys),
    workers: { from: old.length, to: now.length },
    starts,
    stops,
    rolls: starts.length < now.length && keys.some(({ effect }) => effect === 'roll'),
    keys,
  };
  return { ...plan, text: programText(plan) };
};

const changeOf = (
  was: ProgramConfig | undefined,
  is: ProgramConfig | undefined,
  keys: readonly KeyChange[],
): ProgramPlan['change'] => {
  if (was === undefined) return 'added';
  if (is === undefined) return 'removed';
  return keys.length > 0 ? 'changed' : 'unchanged';
};

/** Values that are not the same, as text; both null is no change. */
const differences = (
  before: ReadonlyMap<string, Tree>,
  after: ReadonlyMap<string, Tree>,
): { key: string; from: Tree | undefined; to: Tree | undefined }[] =>
  [...new Set([...after.keys(), ...before.keys()])]
    .map((key) => ({ key, from: before.get(key), to: after.get(key) }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));

const keyChanges = (before: Config, next: Config, name: string, lineOf: LineOf): KeyChange[] => {
  const [was, is] = [before.programs[name], next.programs[name]];
  if (was === undefined || is === undefined) return [];
  const gated = isGated(before, was) || isGated(next, is);
  const [shownBefore, shownAfter] = [before, next].map((config) => shownLeaves(config, name));
  return differences(programLeaves(before, was), programLeaves(next, is)).map(({ key }) => ({
    key,
    ...placeOf(is, key, lineOf),
    from: keyText(shownBefore?.get(key)),
    to: keyText(shownAfter?.get(key)),
    effect: effectOf(key, gated),
  }));
};

const shownLeaves = (config: Config, name: string): Map<string, Tree> => {
  const masked = maskConfig(config);
  const program = masked.programs[name];
  return program === undefined ? new Map<string, Tree>() : programLeaves(masked, program);
};

/** Values that follow from another key, or have another spelling. */
const WRITTEN_AS: Readonly<Record<string, string>> = {
  'memory.kill': 'memory.hard',
  'oom.scoreAdj': 'oom.adj',
  'broker.url': 'broker.urlFile',
};

const placeOf = (program: ProgramConfig, key: string, lineOf: LineOf): { path: string; line: number | null } => {
  const { origins } = program;
  const other = key.startsWith('environment.') ? 'envFile' : WRITTEN_AS[key];
  const own = origins[key];
  if (own !== undefined) return { path: own.key, line: own.line };
  if (key.startsWith('broker.') && program.broker === null) return { path: key, line: lineOf(key.split('.')) };
  return { path: `programs.${program.name}.${key}`, line: origins[other ?? '']?.line ?? null };
};

const settingsChanges = (before: Config, after: Config, lineOf: LineOf): KeyChange[] => {
  const [shownBefore, shownAfter] = [before, after].map((config) => leavesOf(settingsTree(maskConfig(config))));
  return differences(leavesOf(settingsTree(before)), leavesOf(settingsTree(after))).map(({ key }) => ({
    key,
    path: key,
    line: lineOf(key.split('.')),
    from: keyText(shownBefore?.get(key)),
    to: keyText(shownAfter?.get(key)),
    effect: 'live',
  }));
};
