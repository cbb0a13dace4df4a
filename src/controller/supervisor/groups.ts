/** supervisord's two steps of a changed configuration: `reread` remembers it, `add` and `remove` bring single groups into force. */
import type { ProcessConfig, Reread, Supervisor } from '../../api/rpc/supervisor.ts';
import type { Config, LoadResult } from '../../config/types.ts';
import { incarnationsOf } from '../../core/find.ts';
import type { Controller } from '../controller.ts';
import { supervisorGroupOf } from '../supervisor-names.ts';
import { configsOf } from './configs.ts';
import { changesBetween, hasGroup, withGroup, withoutGroup } from './regroup.ts';

/** Reading and applying a configuration. */
export interface Reconfiguration {
  reread: () => LoadResult;
  /** @throws when it cannot be applied; nothing is changed then */
  apply: (config: Config) => void;
}

type GroupOperations = Pick<Supervisor, 'configs' | 'reread' | 'addGroup' | 'removeGroup' | 'restart'>;

export const groupOperations = (controller: Controller, { reread, apply }: Reconfiguration): GroupOperations => {
  let remembered: Config | null = null;
  const read = (): { ok: true; config: Config } | { ok: false; text: string } => {
    const loaded = reread();
    if (!loaded.ok) return { ok: false, text: loaded.problems.map(({ text }) => text).join('; ') };
    remembered = loaded.config;
    return { ok: true, config: loaded.config };
  };
  const changes = (): Reread => {
    const loaded = read();
    if (!loaded.ok) return { kind: 'invalid', text: loaded.text };
    return { kind: 'read', ...changesBetween(controller.config, loaded.config) };
  };
  return {
    configs: (): ProcessConfig[] => configsOf(remembered ?? controller.config, controller.config),
    reread: changes,
    addGroup: (name) => {
      const from = remembered ?? controller.config;
      if (!hasGroup(from, name)) return 'unknown';
      if (hasGroup(controller.config, name)) return 'alreadyAdded';
      apply(withGroup(controller.config, from, name));
      return 'added';
    },
    removeGroup: (name) => {
      if (!hasGroup(controller.config, name)) return 'unknown';
      if (livesIn(controller, name)) return 'stillRunning';
      apply(withoutGroup(controller.config, name));
      return 'removed';
    },
    restart: () => {
      const result = changes();
      if (result.kind === 'invalid') return result;
      if (remembered !== null) apply(remembered);
      restartAll(controller);
      return result;
    },
  };
};

/** A process of the group lives, or would come back by itself. */
const livesIn = ({ core, config }: Controller, group: string): boolean =>
  Object.values(core.workers).some(
    (worker) =>
      supervisorGroupOf(config, worker.program) === group &&
      (incarnationsOf(worker).length > 0 || worker.life.state === 'BACKOFF'),
  );

/** What starts by itself, and what was started by a person, anew. */
const restartAll = (controller: Controller): void => {
  const { core } = controller;
  const workers = Object.values(core.workers).filter(
    ({ program, wanted }) => wanted === 'up' || core.programs[program]?.auto === true,
  );
  const names = workers.map(({ name }) => name);
  controller.post({ type: 'command', verb: 'restart', workers: names, kill: false, reason: null });
};
