/** Sum over all processors of one line of /proc/interrupts (proc(5)), e.g. `RES` (rescheduling); null where this machine has no such line. */
export const interruptsOf = (text: string, name: string): number | null => {
  const line = text.split('\n').find((candidate) => candidate.trimStart().startsWith(`${name}:`));
  const counts = /:((?: +\d+)+)/.exec(line ?? '')?.[1]?.trim();
  if (counts === undefined) return null;
  return counts.split(/ +/).reduce((sum, count) => sum + Number(count), 0);
};
