/** Whether workers will find their gates: what `check` warns of, and what a cached Laravel configuration does to them. */
import { join } from 'node:path';
import { isGated } from '../../config/gated.ts';
import type { Config, ProgramConfig } from '../../config/types.ts';
import { applicationOf, redirectWarnings } from '../redirect/warnings.ts';
import { note, ok } from './host-check.ts';
import type { HostCheck } from './host-check.ts';

type Read = (path: string) => string | null;

export function checkRedirects(config: Config, read: Read): HostCheck[] {
  const warnings = redirectWarnings(config, read).map(({ path, text, consequence, remedy }) =>
    note('redirect', `${path.join('.')}: ${text}`, consequence, remedy),
  );
  const gated = Object.values(config.programs).filter((program) => isGated(config, program));
  return [...warnings, ...gated.flatMap((program) => checkCachedConfig(program, read))];
}

/** A cache has the broker's address in it and reads no variable, so that the workers are shown none (controller/spawn-spec.ts). */
function checkCachedConfig(program: ProgramConfig, read: Read): HostCheck[] {
  const folder = applicationOf(program);
  const cache = join(folder ?? '', 'bootstrap', 'cache', 'config.php');
  if (folder === null || read(cache) === null) return [];
  const found = `${program.name}: Laravel's configuration is cached (${cache})`;
  const own = program.environment['APP_CONFIG_CACHE'];
  if (own !== undefined) {
    const remedy = 'leave APP_CONFIG_CACHE to ackwarden';
    return [
      note(
        'cachedConfig',
        found,
        `its APP_CONFIG_CACHE is ${own}: a cache there holds the broker's own address`,
        remedy,
      ),
    ];
  }
  if (read(join(folder, '.env')) === null) {
    const consequence =
      'its workers read config/*.php instead, and there is no .env here that ackwarden can read: what only the cache holds is missing';
    return [
      note(
        'cachedConfig',
        found,
        consequence,
        'keep .env beside artisan, or give its values in environment or envFile',
      ),
    ];
  }
  return [ok('cachedConfig', `${found}; its workers read config/*.php and .env instead, to find their gates`)];
}
