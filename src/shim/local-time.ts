/** Local time, for people. `wall` is milliseconds since the epoch. */

/** RFC 3339 with the local offset: `2026-11-26T00:12:31.123+08:00`. */
export function localTime(wall: number): string {
  const offset = -new Date(wall).getTimezoneOffset();
  const shifted = new Date(wall + offset * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(offset);
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${shifted}${offset < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

/** The first midnight after `wall`; days with a change of the clocks have their own length. */
export function nextMidnight(wall: number): number {
  const day = new Date(wall);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}
