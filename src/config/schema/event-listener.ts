/** The schema of event listeners: programs that speak supervisord's listener protocol. */
import * as z from 'zod';
import { SUBSCRIBABLE } from '../event-names.ts';
import { read, refuse } from '../parsed.ts';
import { nearest } from '../suggest.ts';
import { commandKey } from './command.ts';
import { choice, duration, integer, line, path, text } from './kinds.ts';
import { key, keyInfo, list, optionalKey, table } from './leaf.ts';
import type { Kind } from './leaf.ts';

const EXPECTED = 'the name of an event such as PROCESS_STATE_EXITED';

/** There are too many to name them all in an error. */
const eventName: Kind<string> = {
  type: 'event',
  expected: EXPECTED,
  json: { enum: [...SUBSCRIBABLE] },
  read: (name) => (SUBSCRIBABLE.includes(name) ? read(name) : refuse(EXPECTED, nearest(name, SUBSCRIBABLE))),
};

const listener = z.strictObject({
  command: commandKey({
    description: 'What each process of the listener runs, as in a program; no words are filled in.',
    defaultText: 'required',
    example: 'crashmail -a -m ops@shop.example',
  }),
  events: list(eventName, {
    description: `Events that it is sent: ${SUBSCRIBABLE.join(', ')}. One of PROCESS_STATE, TICK, … stands for all that begin so, EVENT for all.`,
    example: '[PROCESS_STATE_EXITED]',
  }),
  workers: key(integer(1, 100), {
    description: 'How many processes share its events: each event goes to one of them that is free.',
    default: '1',
  }),
  bufferSize: key(integer(1, 100_000), {
    description: 'How many events wait while no process is free; one more drops the oldest.',
    default: '10',
  }),
  timeout: key(duration({ min: 1000, max: 86_400_000 }), {
    description: 'A process that takes longer than this to say READY or to answer an event is late.',
    default: '60s',
  }),
  onTimeout: key(choice(['warn', 'restart']), {
    description: 'What follows from being late: an entry in the journal; or it is also ended and started anew.',
    default: 'warn',
  }),
  directory: key(path, {
    description: 'Where it runs; relative to the directory of workers.yaml.',
    default: '.',
  }),
  user: optionalKey(line('user', 'the name of a user such as nobody'), {
    description: 'The user it runs as, with the groups of that user; only root can change it.',
    example: 'nobody',
  }),
  environment: table(text, {
    description: 'Environment variables over those of ackwarden itself.',
    example: '{ LANG: C.UTF-8 }',
  }),
  priority: key(integer(-1_000_000, 1_000_000), {
    description: 'Listeners with a lower number are started first.',
    default: '-1',
  }),
});

export const eventListeners = z.record(z.string(), listener).prefault({});
export type ListenerValues = z.output<typeof listener>;

keyInfo.add(eventListeners, {
  description: "Programs that speak supervisord's event listener protocol (docs/events.md), by name.",
  type: 'map of maps',
  default: '{}',
  example: '{ crashmail: { command: crashmail -a -m ops@shop.example, events: [PROCESS_STATE_EXITED] } }',
  json: null,
});
