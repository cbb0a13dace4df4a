/**
 * What the broker is to tell: a client announces it in the `capabilities` of its connection.start-ok. The gate wants to know of an alarm
 * and of a consumer that the broker ends, whatever the worker's library can do with them, so it announces both. What the worker did not
 * ask for is not passed on to it (`Told`).
 */
import { byteAt, longAt } from './bytes.ts';
import { ARGUMENTS } from './decode.ts';
import { FRAME } from './method-ids.ts';

/** What the worker asked to be told of. */
export interface Told {
  /** connection.blocked and unblocked. */
  alarms: boolean;
  /** basic.cancel, as the broker says it. */
  cancels: boolean;
}

const NAMES: Record<keyof Told, string> = { alarms: 'connection.blocked', cancels: 'consumer_cancel_notify' };
const CAPABILITIES = 'capabilities';
/** A frame before the tuning is no longer (specification, 4.2.3: frame-min-size). */
const MOST_BYTES = 4_096;
/** Bytes of a value, and the types that have so many (RabbitMQ's errata to 0-9-1, section 3). */
const VALUES: [bytes: number, types: string][] = [
  [0, 'V'],
  [1, 'tbB'],
  [2, 'su'],
  [4, 'Iif'],
  [5, 'D'],
  [8, 'lLdT'],
];
/** These say themselves how long they are. */
const SIZED = new Set(['S', 'x', 'A', 'F']);

interface Value {
  type: string;
  at: number;
}

interface Table {
  at: number;
  end: number;
  values: Map<string, Value>;
}

/** The start-ok that goes to the broker, and what the worker asked for. One that we cannot read passes as it is: the broker will say. */
export function announce(startOk: Buffer): { frame: Buffer; told: Told } {
  const properties = readTable(startOk, ARGUMENTS);
  const capabilities = properties === null ? null : capabilitiesOf(startOk, properties);
  if (properties === null || capabilities === null) return { frame: startOk, told: { alarms: true, cancels: true } };
  const asks = (name: string): boolean => {
    const value = capabilities.values.get(name);
    return value?.type === 't' && byteAt(startOk, value.at) !== 0;
  };
  const told = { alarms: asks(NAMES.alarms), cancels: asks(NAMES.cancels) };
  if (told.alarms && told.cancels) return { frame: startOk, told };
  const frame = withAll(startOk, properties, capabilities);
  return { frame: frame.length > MOST_BYTES ? startOk : frame, told };
}

/** Null: it is no table. Where there is none it is empty, and at the end of the properties. */
function capabilitiesOf(startOk: Buffer, { end, values }: Table): Table | null {
  const value = values.get(CAPABILITIES);
  if (value === undefined) return { at: end, end, values: new Map() };
  return value.type === 'F' ? readTable(startOk, value.at) : null;
}

function withAll(startOk: Buffer, properties: Table, capabilities: Table): Buffer {
  const changed = Buffer.from(startOk);
  const missing: Buffer[] = [];
  for (const name of Object.values(NAMES)) {
    const value = capabilities.values.get(name);
    if (value === undefined) missing.push(entry(name, 't', Buffer.from([1])));
    else if (value.type === 't') changed.writeUInt8(1, value.at);
  }
  const inserted = Buffer.concat(missing);
  const isNew = capabilities.at === capabilities.end;
  const added = isNew ? entry(CAPABILITIES, 'F', Buffer.concat([long(inserted.length), inserted])) : inserted;
  if (!isNew) grow(changed, capabilities.at, added.length);
  grow(changed, properties.at, added.length);
  grow(changed, SIZE_AT, added.length);
  return Buffer.concat([changed.subarray(0, capabilities.end), added, changed.subarray(capabilities.end)]);
}

/** Of the payload, in the head of a frame. */
const SIZE_AT = FRAME.head - 4;

const grow = (bytes: Buffer, at: number, by: number): unknown => bytes.writeUInt32BE(longAt(bytes, at) + by, at);

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const entry = (name: string, type: string, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([name.length]), Buffer.from(name + type, 'latin1'), value]);

/** The table whose length stands at `at`; null: it is none. */
function readTable(bytes: Buffer, at: number): Table | null {
  if (at + 4 > bytes.length) return null;
  const end = at + 4 + longAt(bytes, at);
  if (end > bytes.length) return null;
  const values = new Map<string, Value>();
  for (let from = at + 4; from < end;) {
    const typeAt = from + 1 + byteAt(bytes, from);
    if (typeAt >= end) return null;
    const type = String.fromCharCode(byteAt(bytes, typeAt));
    values.set(bytes.toString('latin1', from + 1, typeAt), { type, at: typeAt + 1 });
    from = valueEnd(bytes, type, typeAt + 1, end);
    if (from > end) return null;
  }
  return { at, end, values };
}

/** Beyond the end where the value is not whole, or of a type that nobody knows. */
function valueEnd(bytes: Buffer, type: string, at: number, end: number): number {
  if (!SIZED.has(type)) return at + (VALUES.find(([, types]) => types.includes(type))?.[0] ?? Infinity);
  return at + 4 > end ? Infinity : at + 4 + longAt(bytes, at);
}
