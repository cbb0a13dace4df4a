/** The events of supervisord's listener protocol by name; one name may stand for several (http://supervisord.org/events.html). */

const PROCESS_STATE = [
  'PROCESS_STATE_STARTING',
  'PROCESS_STATE_RUNNING',
  'PROCESS_STATE_BACKOFF',
  'PROCESS_STATE_STOPPING',
  'PROCESS_STATE_STOPPED',
  'PROCESS_STATE_EXITED',
  'PROCESS_STATE_FATAL',
] as const;
const TICK = ['TICK_5', 'TICK_60', 'TICK_3600'] as const;
const SUPERVISOR_STATE_CHANGE = ['SUPERVISOR_STATE_CHANGE_RUNNING', 'SUPERVISOR_STATE_CHANGE_STOPPING'] as const;
const PROCESS_GROUP = ['PROCESS_GROUP_ADDED', 'PROCESS_GROUP_REMOVED'] as const;
const EVENT = [
  ...PROCESS_STATE,
  ...TICK,
  ...SUPERVISOR_STATE_CHANGE,
  ...PROCESS_GROUP,
  'REMOTE_COMMUNICATION',
] as const;

/** An event that is sent. */
export type ListenerEventName = (typeof EVENT)[number];

const PARENTS: Readonly<Record<string, readonly ListenerEventName[]>> = {
  EVENT,
  PROCESS_STATE,
  TICK,
  SUPERVISOR_STATE_CHANGE,
  PROCESS_GROUP,
};

const OUTPUT = 'what workers print is in their log files (ackwarden logs -f) and makes no events';
const CAPTURE =
  'tokens in the output of workers are not read; a worker can call supervisor.sendRemoteCommEvent instead';

/** Known to supervisord, and never sent by us: why. */
export const NEVER_SENT: Readonly<Record<string, string>> = {
  PROCESS_LOG: OUTPUT,
  PROCESS_LOG_STDOUT: OUTPUT,
  PROCESS_LOG_STDERR: OUTPUT,
  PROCESS_COMMUNICATION: CAPTURE,
  PROCESS_COMMUNICATION_STDOUT: CAPTURE,
  PROCESS_COMMUNICATION_STDERR: CAPTURE,
  PROCESS_STATE_UNKNOWN: 'no worker is ever in that state',
};

/** What a listener may ask for. */
export const SUBSCRIBABLE: readonly string[] = [
  ...new Set([...Object.keys(PARENTS), ...EVENT, ...Object.keys(NEVER_SENT)]),
];

/** The events that these names stand for. */
export const eventsNamed = (names: readonly string[]): ReadonlySet<ListenerEventName> =>
  new Set(names.flatMap((name) => PARENTS[name] ?? EVENT.filter((event) => event === name)));
