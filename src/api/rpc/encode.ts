/** Answers, byte for byte as Python's xmlrpc.client writes them (but for what XML cannot carry, xml-text.ts). */
import type { Fault } from './faults.ts';
import type { RpcValue } from './value.ts';
import { xmlText } from './xml-text.ts';

const MOST_INT = 2 ** 31 - 1;

/** @throws when a number does not fit: only a bug can send one, integers of the interface are capped where they are made */
export const encodeValue = (value: RpcValue): string => {
  if (typeof value === 'string') return `<value><string>${xmlText(value)}</string></value>\n`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>\n`;
  if (typeof value === 'number') return encodeNumber(value);
  if (Array.isArray(value)) return `<value><array><data>\n${value.map(encodeValue).join('')}</data></array></value>\n`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member>\n<name>${xmlText(name)}</name>\n${encodeValue(member)}</member>\n`,
  );
  return `<value><struct>\n${members.join('')}</struct></value>\n`;
};

const encodeNumber = (value: number): string => {
  if (!Number.isFinite(value)) throw new Error(`${value} has no form in XML-RPC`);
  if (!Number.isInteger(value)) return `<value><double>${value}</double></value>\n`;
  if (Math.abs(value) > MOST_INT) throw new Error(`${value} is no 32-bit integer`);
  return `<value><int>${value}</int></value>\n`;
};

const HEAD = "<?xml version='1.0'?>\n<methodResponse>\n";

export const encodeResult = (value: RpcValue): string =>
  `${HEAD}<params>\n<param>\n${encodeValue(value)}</param>\n</params>\n</methodResponse>\n`;

export const encodeFault = ({ code, message }: Fault): string =>
  `${HEAD}<fault>\n${encodeValue({ faultCode: code, faultString: message })}</fault>\n</methodResponse>\n`;

/** Times and sizes as the interface has them: they stop at the largest 32-bit integer (in 2038, and at 2 GiB). */
export const cappedInt = (value: number): number => Math.min(MOST_INT, Math.max(0, Math.trunc(value)));
