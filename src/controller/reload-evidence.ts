/** A reload plan as the journal and the core take it. */
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Evidence } from '../core/types.ts';

/** The plan in numbers, for the journal. */
export const planEvidence = ({ programs, settings, notApplied }: ReloadPlan): Evidence => {
  const count = (change: string): number => programs.filter((program) => program.change === change).length;
  const changed = programs.filter((program) => program.change === 'changed');
  return {
    added: count('added'),
    removed: count('removed'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    starts: programs.reduce((sum, { starts }) => sum + starts.length, 0),
    stops: programs.reduce((sum, { stops }) => sum + stops.length, 0),
    rolls: changed.reduce((sum, { rolls, workers, starts }) => sum + (rolls ? workers.to - starts.length : 0), 0),
    settings: settings.length,
    notApplied: notApplied.length,
    text: programs
      .flatMap(({ change, text }) => (change === 'unchanged' ? [] : [text]))
      .join('; ')
      .slice(0, 2_000),
  };
};

/** By program, the keys that its processes are replaced for, as the core names them. */
export const rollingKeys = ({ programs }: ReloadPlan): Record<string, string[]> =>
  Object.fromEntries(
    programs.flatMap(({ name, rolls, keys }) => {
      const own = keys.filter(({ effect }) => effect === 'roll').map(({ key }) => key);
      return rolls ? [[name, own]] : [];
    }),
  );
