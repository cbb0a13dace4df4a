/** Value of `name` in an environment block (`NAME=value` strings, each ended by a zero byte, proc(5)); null: not set. */
export function environValue(block: Buffer, name: string): string | null {
  const head = Buffer.from(`${name}=`);
  let at = block.indexOf(head);
  while (at > 0 && block[at - 1] !== 0) at = block.indexOf(head, at + 1);
  if (at < 0) return null;
  const start = at + head.length;
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end < 0 ? block.length : end);
}
