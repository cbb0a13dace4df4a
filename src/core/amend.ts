import { findIncarnation } from './find.ts';
import { change } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Incarnation } from './types.ts';

/** Note something about an incarnation, wherever it stands; its state and its deadlines stay. One long gone is left alone. */
export const amend = (turn: Turn, id: string, fields: Partial<Omit<Incarnation, 'id' | 'number'>>): void => {
  const place = findIncarnation(turn.state, id);
  if (place === null) return;
  const { role, worker } = place;
  const { life, leaving, name } = worker;
  if (role === 'leaving')
    change(turn, name, { leaving: leaving.map((old) => (old.id === id ? { ...old, ...fields } : old)) });
  else if (role === 'replacement' && life.state === 'RUNNING' && life.swap !== null)
    change(turn, name, {
      life: { ...life, swap: { ...life.swap, replacement: { ...place.incarnation, ...fields } } },
    });
  else if ('incarnation' in life)
    change(turn, name, { life: { ...life, incarnation: { ...life.incarnation, ...fields } } });
};
