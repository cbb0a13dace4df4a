/** Numbers as people read them, for journal sentences. Null is said to be unknown, never shown as 0. */
import type { Evidence } from '../core/types.ts';

const MIB = 1024 * 1024;

export const bytes = (value: number | null): string => {
  if (value === null) return 'unknown';
  if (value >= 10 * 1024 * MIB) return `${(value / (1024 * MIB)).toFixed(1)} GiB`;
  if (value >= 10 * MIB) return `${Math.round(value / MIB)} MiB`;
  return value >= MIB || value <= 0 ? `${(value / MIB).toFixed(1)} MiB` : `${(value / 1024).toFixed(1)} KiB`;
};

export const rate = (bytesPerSecond: number): string => `${(bytesPerSecond / MIB).toFixed(1)} MiB/s`;

/** A duration given in milliseconds: `0.31 s`, `19 s`, `4 min 10 s`, `2 h 5 min`. */
export const seconds = (ms: number): string => {
  const value = ms / 1000;
  if (value < 10) return `${value.toFixed(value < 1 ? 2 : 1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  const minutes = Math.floor(whole / 60);
  if (minutes < 120) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

/** Local time of day with milliseconds, as in `SIGTERM at 21:03:11.204`. */
export const clockOf = (wall: number): string => {
  const date = new Date(wall);
  const pad = (part: number, width: number): string => String(part).padStart(width, '0');
  return `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${pad(date.getMilliseconds(), 3)}`;
};

/** Local date and time to the minute, as in `2026-11-25 21:03`: for what may be days ago. */
export const dateOf = (wall: number): string => {
  const date = new Date(wall);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${day.join('-')} ${clockOf(wall).slice(0, 5)}`;
};

export const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** `exited with status 1`, `was ended by SIGKILL`, from evidence with `code` and `signal`. */
export const exitText = (evidence: Evidence): string => {
  const { code, signal } = evidence as { code?: number | null; signal?: string | null };
  if (signal !== null && signal !== undefined) return `was ended by ${signal}`;
  return code === null || code === undefined ? 'ended, nobody saw how' : `exited with status ${code}`;
};
