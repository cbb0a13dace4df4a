/** From unknown JSON to what runs beside a worker; throws MessageError. */
import type { HookName, HooksSpec, ReadySpec } from './beside-spec.ts';
import { MessageError, fields, list, number, oneOf, orNull, text } from './validate.ts';

const MAX_MS = 1e12;
const MAX_WORD = 128 * 1024;

export function ready(value: unknown): ReadySpec {
  const found = fields(value, 'ready');
  const times = {
    timeoutMs: number(found['timeoutMs'], 'ready.timeoutMs', 0, MAX_MS),
    intervalMs: number(found['intervalMs'], 'ready.intervalMs', 10, MAX_MS),
  };
  const check = oneOf(found['check'], 'ready.check', ['consuming', 'log', 'file', 'command']);
  switch (check) {
    case 'consuming':
      return { ...times, check };
    case 'log':
      return { ...times, check, text: text(found['text'], 'ready.text') };
    case 'file':
      return { ...times, check, path: text(found['path'], 'ready.path') };
    case 'command':
      return { ...times, check, argv: command(found['argv'], 'ready.argv') };
  }
}

export function hooks(value: unknown): HooksSpec {
  const found = fields(value, 'hooks');
  const of = (name: HookName): string[] | null => orNull(found[name], (argv) => command(argv, `hooks.${name}`));
  return {
    beforeStart: of('beforeStart'),
    afterStart: of('afterStart'),
    beforeStop: of('beforeStop'),
    afterStop: of('afterStop'),
    timeoutMs: number(found['timeoutMs'], 'hooks.timeoutMs', 0, MAX_MS),
    onFailure: oneOf(found['onFailure'], 'hooks.onFailure', ['fail', 'ignore']),
  };
}

function command(value: unknown, what: string): string[] {
  const words = list(value, what, 4096).map((word) => text(word, what, MAX_WORD));
  if (words.length === 0) throw new MessageError(`${what}: expected at least the command, found an empty list.`);
  return words;
}
