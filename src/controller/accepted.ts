/**
 * `stateDir/accepted.json`: the configuration that is in force. A workers.yaml that somebody broke must not cost a restarting
 * controller its running workers: while a shim lives, the last accepted configuration stays in force and `status` says so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planReload } from '../config/reload/plan.ts';
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Config } from '../config/types.ts';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import { anyShimLives } from '../linux/shim-slots.ts';

/** Keys that an accepted configuration of an earlier version lacks. */
type Newer = 'eventListeners' | 'advisories';

interface Accepted {
  version: 1;
  /** RFC 3339. */
  at: string;
  /** As an older build wrote it, it may lack what is newer. */
  config: Omit<Config, Newer> & Partial<Pick<Config, Newer>>;
}

const FILE = 'accepted.json';

/** Mode 0600: the environment of the programs is in it. */
export const rememberAccepted = (config: Config): void => {
  const accepted: Accepted = { version: 1, at: new Date().toISOString(), config };
  writeAtomicSync(join(config.stateDir, FILE), JSON.stringify(accepted));
};

/**
 * The configuration that a living shim's workers were started from.
 *
 * @returns null where no shim lives, or nothing of this version was accepted
 */
export const lastAccepted = (stateDir: string): { config: Config; at: string } | null => {
  try {
    const found = JSON.parse(readFileSync(join(stateDir, FILE), 'utf8')) as Partial<Accepted>;
    if (found.version !== 1 || found.config === undefined || found.at === undefined || !anyShimLives(stateDir))
      return null;
    const { eventListeners = {}, advisories = [] } = found.config;
    return { config: { ...found.config, eventListeners, advisories }, at: found.at };
  } catch {
    return null;
  }
};

/** What a configuration changes for the workers that live; null where none live, or an earlier version accepted something else. */
export const planSinceAccepted = (config: Config): ReloadPlan | null => {
  const accepted = lastAccepted(config.stateDir);
  if (accepted === null) return null;
  try {
    return planReload(accepted.config, config);
  } catch {
    // An earlier version's configuration lacks keys of this one. Only the journal's summary is lost: the processes carry their specs.
    return null;
  }
};
