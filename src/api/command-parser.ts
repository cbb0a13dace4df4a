/** A command as it arrives over the socket: checked field by field before anybody acts on it. */
import { OperationError } from './operations.ts';
import type { BisectRequest } from './bisect-types.ts';
import type { Command, Verb } from './types.ts';

const VERBS: readonly Verb[] = [
  'start',
  'stop',
  'restart',
  'recycle',
  'signal',
  'shutdown',
  'upgrade',
  'reopenLogs',
  'clearLogs',
];
const MAX_REASON = 500;
/** useradd(8) allows 32. */
const MAX_ACCOUNT = 64;

/** @throws OperationError that names the field, what was found and what was expected */
export const parseCommand = (value: unknown): Command => {
  if (typeof value !== 'object' || value === null) fail('the body', value, 'an object with verb and names');
  const { verb, names, now, reason, signal, by, wait } = value as Record<string, unknown>;
  if (!VERBS.includes(verb as Verb)) fail('verb', verb, `one of ${VERBS.join(', ')}`);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    fail('names', names, 'a list of names');
  const command: Command = { verb: verb as Verb, names: names as string[] };
  if (now !== undefined) command.now = flag('now', now);
  if (wait !== undefined) command.wait = flag('wait', wait);
  if (reason !== undefined) command.reason = text('reason', reason);
  if (signal !== undefined) command.signal = text('signal', signal);
  if (by !== undefined) command.by = text('by', by).slice(0, MAX_ACCOUNT);
  return command;
};

/** @throws OperationError */
export const parseReload = (value: unknown): { dryRun: boolean } => {
  if (typeof value !== 'object' || value === null) return fail('the body', value, 'an object such as {"dryRun":true}');
  const { dryRun = false } = value as Record<string, unknown>;
  return { dryRun: flag('dryRun', dryRun) };
};

const MOST_SUSPECTS = 32;
const MOST_MESSAGES = 1_000_000_000;
const MOST_SECONDS = 7 * 24 * 3600;
const MOST_AT_ONCE = 8;

/** @throws OperationError */
export const parseBisect = (value: unknown): BisectRequest => {
  if (typeof value !== 'object' || value === null) return fail('the body', value, 'an object with program');
  const { program, suspects = null, messages, seconds, atOnce } = value as Record<string, unknown>;
  return {
    program: text('program', program),
    suspects: suspects === null ? null : extensions(suspects),
    messages: count('messages', messages, MOST_MESSAGES),
    seconds: count('seconds', seconds, MOST_SECONDS),
    atOnce: count('atOnce', atOnce, MOST_AT_ONCE),
  };
};

const extensions = (value: unknown): string[] => {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MOST_SUSPECTS;
  const names: unknown[] = isList ? value : fail('suspects', value, `a list of 1 to ${MOST_SUSPECTS} extensions`);
  // As they are in php -m, whose longest names have a space.
  return names.map((name) =>
    typeof name === 'string' && /^\w[\w .-]{0,63}$/.test(name) ? name : fail('suspects', name, 'names'),
  );
};

const count = (field: string, value: unknown, most: number): number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most
    ? Number(value)
    : fail(field, value, `a whole number from 1 to ${most}`);

const flag = (field: string, value: unknown): boolean =>
  typeof value === 'boolean' ? value : fail(field, value, 'true or false');

/** Control characters would let a reason write lines of its own into somebody's terminal. */
const text = (field: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length > MAX_REASON)
    return fail(field, value, `a text of at most ${MAX_REASON} characters`);
  return value.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');
};

const fail = (field: string, found: unknown, expected: string): never => {
  const shown = JSON.stringify(found) ?? 'nothing';
  throw new OperationError('badRequest', `${field}: found ${shown.slice(0, 80)}, expected ${expected}`);
};
