/** Names that workers.yaml takes. */

const MOST_BYTES = 180;

/** The name as workers.yaml takes it, and as no other in `taken` is. */
export function fittingName(name: string, taken: ReadonlySet<string>): string {
  let fitting = name.replaceAll(/[\s/#*{}:,\p{C}]+/gu, '-').replace(/^[-.]+/, '');
  while (Buffer.byteLength(fitting) > MOST_BYTES) fitting = fitting.slice(0, -1);
  if (fitting === '') fitting = 'program';
  if (fitting === 'all') fitting = 'all-of-them';
  let unique = fitting;
  for (let number = 2; taken.has(unique); number++) unique = `${fitting}-${number}`;
  return unique;
}

/** Whether a worker can have the name. */
export function isWorkerName(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= 200 && !/^[-.]|[\s/#*{}\p{C}]/u.test(name);
}
