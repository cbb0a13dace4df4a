/** What differs from run to run is masked, so that the two sides can be compared. */
import type { Result, Side } from './sides.ts';

const MASKS: [RegExp, string][] = [
  [/pid \d+, uptime \d+:\d\d:\d\d/g, 'pid PID, uptime UPTIME'],
  [/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d \d\d:\d\d [AP]M/g, 'DATE'],
  [/^\d+$/gm, 'PID'],
  [/ line: \d+/g, ' line: LINE'],
  // Between two tries it is on its way for a moment.
  [/^(trying +)STARTING +$/gm, '$1BACKOFF   Exited too quickly (process log may have details)'],
];

export const masked = ({ output, code }: Result, side: Pick<Side, 'root' | 'url' | 'http'>): Result => {
  const own = output
    .replaceAll(side.url, 'URL')
    .replaceAll(side.http, 'HTTP')
    .replaceAll(side.http.replace('http://', ''), 'HOST')
    .replaceAll(side.root, 'ROOT');
  return { output: MASKS.reduce((text, [found, mask]) => text.replaceAll(found, mask), own), code };
};

/** The lines of a call on many processes come in the order in which they end. */
export const sorted = ({ output, code }: Result): Result => ({
  output: output.split('\n').toSorted().join('\n'),
  code,
});
