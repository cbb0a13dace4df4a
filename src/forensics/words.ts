/** Numbers, and what they count, as a sentence takes them. */
import type { MoreDescriptors } from './types.ts';

const MIB = 1024 * 1024;

export const bytes = (value: number): string => {
  if (Math.abs(value) >= 10 * 1024 * MIB) return `${(value / (1024 * MIB)).toFixed(1)} GiB`;
  if (Math.abs(value) >= 10 * MIB) return `${Math.round(value / MIB)} MiB`;
  if (Math.abs(value) >= MIB) return `${(value / MIB).toFixed(1)} MiB`;
  return Math.abs(value) >= 1024 ? `${(value / 1024).toFixed(1)} KiB` : `${Math.round(value)} B`;
};

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const duration = (seconds: number): string => {
  if (seconds < 100) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
};

/** `88 connections to 127.0.0.1:8802 (3 closed by the other side)`, `5 times /srv/shop/a.csv`. */
export const moreText = ({ kind, what, count, halfClosed }: MoreDescriptors): string => {
  const many = count === 1 ? what : what.replace(/^((?:unix |listening |UDP )?socket|connection|pipe)\b/, '$1s');
  const text = kind === 'file' && !what.startsWith('files in ') ? `${count} times ${what}` : `${count} ${many}`;
  return halfClosed === 0 ? text : `${text} (${halfClosed} closed by the other side)`;
};
