/** Numbers, times and tables as people read them. Unknown (null) is `-`, never 0. */
import { displayWidth, pad } from './width.ts';

export const UNKNOWN = '-';
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Three digits at most before rounding is felt: 517, 25.1, 1.5; no `.0`. */
function short(value: number): string {
  const rounded = Math.abs(value) >= 99.95 ? Math.round(value) : Math.round(value * 10) / 10;
  return String(rounded);
}

function scale(bytes: number): { value: number; unit: (typeof UNITS)[number] } {
  let value = bytes;
  let index = 0;
  // 1023.5 and above would round to `1024 MiB`.
  while (Math.abs(value) >= 1023.5 && index < UNITS.length - 1) {
    value /= 1024;
    index += 1;
  }
  return { value, unit: UNITS[index] ?? 'B' };
}

/** `517 MiB`, `25.1 MiB`, `0 B`; powers of 1024. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  const { value, unit } = scale(bytes);
  return `${unit === 'B' ? Math.round(value) : short(value)} ${unit}`;
}

/** For narrow columns: `517M`, `1.5G`. */
export function formatBytesShort(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  const { value, unit } = scale(bytes);
  return `${unit === 'B' ? Math.round(value) : short(value)}${unit.charAt(0)}`;
}

/** `317 / 512 MiB`: the same unit for both, the ceiling's. */
export function formatBytesOf(bytes: number | null, ceiling: number | null): string {
  if (bytes === null || ceiling === null) return formatBytes(bytes);
  const { value, unit } = scale(ceiling);
  const factor = ceiling === 0 ? 1 : ceiling / value;
  return `${short(bytes / factor)} / ${short(value)} ${unit}`;
}

/** `+25.1M/m`; nothing worth saying below 1 KiB a minute is `0`. */
export function formatGrowth(bytesPerMinute: number | null): string {
  if (bytesPerMinute === null) return UNKNOWN;
  if (Math.abs(bytesPerMinute) < 1024) return '0';
  return `${bytesPerMinute > 0 ? '+' : ''}${formatBytesShort(bytesPerMinute)}/m`;
}

/** `12%`; one decimal below 10. */
export function formatPercent(percent: number | null): string {
  if (percent === null) return UNKNOWN;
  return `${percent > 0 && percent < 9.95 ? Math.round(percent * 10) / 10 : Math.round(percent)}%`;
}

/** The two leading units, in words a sentence takes: `0.31 s`, `19 s`, `4 m 12 s`, `3 h 5 m`, `2 d 4 h`. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  if (seconds < 9.95) return `${Math.round(seconds * 100) / 100} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(Math.floor(whole / 60), 'm', whole % 60, 's');
  if (whole < 86_400) return two(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'm');
  return two(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

const padTwo = (value: number): string => String(value).padStart(2, '0');

function two(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}

/** For narrow columns: `19s`, `4m12s`, `3h05m`, `2d04h`. */
export function formatAge(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${padTwo(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${padTwo(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d${padTwo(Math.floor((whole % 86_400) / 3600))}h`;
}

/** Local `HH:MM:SS` of an RFC 3339 time; the text itself if it is none. */
export function formatClock(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return `${padTwo(date.getHours())}:${padTwo(date.getMinutes())}:${padTwo(date.getSeconds())}`;
}

/** Local `YYYY-MM-DD HH:MM:SS` of an RFC 3339 time; the text itself if it is none. */
export function formatTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const day = `${date.getFullYear()}-${padTwo(date.getMonth() + 1)}-${padTwo(date.getDate())}`;
  return `${day} ${formatClock(time)}`;
}

/** Pads every cell of a column to its widest, by display width; no spaces at the end of a line. */
export function alignTable(rows: readonly (readonly string[])[], aligns: readonly ('left' | 'right')[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, aligns[index] ?? 'left'))
      .join(' ')
      .trimEnd(),
  );
}
