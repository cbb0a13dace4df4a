/** The sentences of a reload plan. */
import type { Tree } from '../effective.ts';
import type { KeyChange, ProgramPlan } from './types.ts';

const MOST_NAMES = 4;
const MOST_TEXT = 60;

/** A value as it may be shown in the middle of a sentence; null: it is not set. */
export const keyText = (value: Tree | undefined): string | null => {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
};

export const programText = (plan: Omit<ProgramPlan, 'text'>): string => {
  const { name, change, workers, starts, stops, rolls, keys } = plan;
  if (change === 'unchanged') return `${name} is as it was`;
  if (change === 'added') return `${name} is new: ${count(workers.to)} ${workers.to === 1 ? 'starts' : 'start'}`;
  if (change === 'removed')
    return `${name} is gone: ${count(workers.from)} ${workers.from === 1 ? 'is' : 'are'} drained and stopped`;
  const kept = workers.to - starts.length;
  const live = keys.filter(({ effect }) => effect === 'live');
  const rolling = keys.filter(({ effect }) => effect === 'roll');
  const parts = [
    starts.length === 0 ? null : `${names(starts)} ${starts.length === 1 ? 'starts' : 'start'}`,
    stops.length === 0 ? null : `${names(stops)} ${stops.length === 1 ? 'is' : 'are'} drained and stopped`,
    rolls ? `${keyNames(rolling)}: ${count(kept)} ${kept === 1 ? 'is' : 'are'} replaced one after the other` : null,
    live.length === 0 ? null : `${keyNames(live)} ${live.length === 1 ? 'holds' : 'hold'} at once`,
    !rolls && rolling.length > 0 ? `${keyNames(rolling)} for workers that start from now on` : null,
  ];
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? `${name} has other keys and the same workers` : `${name}: ${said.join('; ')}`;
};

const count = (workers: number): string => `${workers} ${workers === 1 ? 'worker' : 'workers'}`;

const names = (all: readonly string[]): string =>
  all.length <= MOST_NAMES ? all.join(', ') : `${all.slice(0, MOST_NAMES - 1).join(', ')} and ${all.length - 3} more`;

const keyNames = (changes: readonly KeyChange[]): string => names(changes.map(({ key }) => key));

const OF_OTHER_FLEET = new Set(['stateDir']);

/** Why a key keeps its value, and what makes it change. */
export const notAppliedText = ({ path, line, from, to }: KeyChange): string => {
  const where = line === null ? '' : ` (line ${line})`;
  const change = `${path}${where} stays ${from ?? 'as it was'} instead of ${to ?? 'its default'}`;
  if (OF_OTHER_FLEET.has(path)) return `${change}: another stateDir is another fleet; shut this one down first`;
  if (path.startsWith('broker.'))
    return `${change}: the embedded broker starts before all workers and stops after them, so this needs a shutdown and a start`;
  return `${change} until there is another controller (ackwarden upgrade; the workers go on)`;
};
