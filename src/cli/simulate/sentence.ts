/** What a replay found, in one sentence with the numbers. */
import type { Deed, Replay } from '../../policy/replay.ts';
import type { Sign } from '../../policy/trend/approach.ts';
import type { Leak } from '../../policy/trend/growth-trend.ts';
import { placeOf } from '../../policy/trend/parts.ts';
import type { Place } from '../../policy/trend/parts.ts';
import { formatBytes, formatDuration } from '../format.ts';

const TRENDS: Record<Replay['verdict'], string> = {
  unknown: 'too short to judge',
  flat: 'flat',
  warmingUp: 'growing, not for as long or as steadily as a leak does: it may be warming up, or fill a cache',
  sawtooth: 'up and down: what it takes it gives back',
  leaking: 'leaking',
};

export function replaySentence({ verdict, leak, leakingAt, first }: Replay): string {
  const growth =
    leak === null || leakingAt === null ? '' : ` ${figuresText(leak)}, seen after ${formatDuration(leakingAt)}`;
  const trend = `${TRENDS[verdict]}${growth}`;
  return first === null ? `${trend}; nothing would have been done` : `${trend}; ${deedText(first)}`;
}

const figuresText = ({ figures, part, bytesPerMessage, zendBytesPerMinute }: Leak): string => {
  const { slope, spanMs, tau } = figures;
  const each = bytesPerMessage === null || bytesPerMessage <= 0 ? '' : `, ${formatBytes(bytesPerMessage)} a message`;
  const place = part ?? placeOf(zendBytesPerMinute, slope * 60_000);
  const where = place === null ? '' : `, ${PLACES[place]}`;
  return `(${formatBytes(slope * 60_000)} a minute over ${formatDuration(spanMs / 1000)}${each}${where}, tau ${tau.toFixed(2)})`;
};

const PLACES: Record<Place, string> = {
  php: "in PHP's own heap, by PHP code",
  native: "outside PHP's own heap, by an extension or a library",
  both: "partly in PHP's own heap",
};

function deedText(deed: Deed): string {
  const verb = deed.action === 'warn' ? 'warned' : deed.rule === 'memory.kill' ? 'killed' : 'recycled';
  const when = `${verb} after ${formatDuration(deed.atSeconds)} at ${formatBytes(deed.bytes)}`;
  const ceiling = `the ${deed.ceiling} ceiling of ${formatBytes(deed.ceilingBytes)}`;
  if (deed.reachesAfterSeconds === null) return `${when}, over ${ceiling}`;
  const { sign, growth } = deed;
  if (sign?.kind === 'leaps')
    return `${when}, one more leap before ${ceiling} (${sign.count} leaps of about ${formatBytes(sign.leapBytes)})`;
  const before = `${when}, ${formatDuration(deed.reachesAfterSeconds)} before ${ceiling}`;
  if (sign?.kind === 'messages') return `${before} (${messagesText(sign)})`;
  return growth === null ? before : `${before} ${figuresText(growth)}`;
}

const messagesText = ({ count, bytesPerMessage, perMinute }: Extract<Sign, { kind: 'messages' }>): string =>
  `+${formatBytes(bytesPerMessage)} a message over ${count.toLocaleString('en-US')} messages, at ${Math.round(perMinute * 10) / 10} messages a minute`;
