/** The events that wait for a free process of a pool. Bounded: one more than fits drops the oldest, as in supervisord. Pure. */
export interface Letter {
  /** Of all events that anybody was sent, from 0. */
  serial: number;
  /** Of the events of this pool, from 0. */
  poolSerial: number;
  eventName: string;
  payload: string;
}

export interface Queue {
  waiting: readonly Letter[];
  nextSerial: number;
}

export const EMPTY: Queue = { waiting: [], nextSerial: 0 };

/** `dropped`: the letter that had to make room. */
export interface Put {
  queue: Queue;
  dropped: Letter | null;
}

/** A new event at the end of the queue. */
export const put = (queue: Queue, event: Omit<Letter, 'poolSerial'>, size: number): Put => {
  const room = makeRoom(queue.waiting, size);
  const letter = { ...event, poolSerial: queue.nextSerial };
  return {
    queue: { waiting: [...room.waiting, letter], nextSerial: queue.nextSerial + 1 },
    dropped: room.dropped,
  };
};

/** A letter that came back unanswered goes to the head. */
export const putBack = (queue: Queue, letter: Letter, size: number): Put => {
  const room = makeRoom(queue.waiting, size);
  return { queue: { ...queue, waiting: [letter, ...room.waiting] }, dropped: room.dropped };
};

export const take = (queue: Queue): { queue: Queue; letter: Letter | null } => {
  const [letter, ...waiting] = queue.waiting;
  return letter === undefined ? { queue, letter: null } : { queue: { ...queue, waiting }, letter };
};

const makeRoom = (waiting: readonly Letter[], size: number): { waiting: readonly Letter[]; dropped: Letter | null } => {
  const [oldest] = waiting;
  if (waiting.length < size || oldest === undefined) return { waiting, dropped: null };
  return { waiting: waiting.slice(1), dropped: oldest };
};

/**
 * An event as it is written to a listener: a header and the payload. `len` counts characters (code points), as in supervisord: a
 * reader in Python reads text, and `sys.stdin.read(len)` counts them so. Of a payload that is not ASCII it is not the number of bytes.
 */
export const written = (letter: Letter, pool: { identifier: string; name: string }): string => {
  const { serial, poolSerial, eventName, payload } = letter;
  const length = Array.from(payload).length;
  return `ver:3.0 server:${pool.identifier} serial:${serial} pool:${pool.name} poolserial:${poolSerial} eventname:${eventName} len:${length}\n${payload}`;
};
