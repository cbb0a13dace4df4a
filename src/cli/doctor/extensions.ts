/** Whether workers will run without the extensions that they are to run without. */
import type { Config } from '../../config/types.ts';
import type { Context } from '../context.ts';
import { phpWarnings } from '../php-warnings.ts';
import { note, ok } from './host-check.ts';
import type { HostCheck } from './host-check.ts';

export async function checkExtensions(config: Config, env: Context['env']): Promise<HostCheck[]> {
  const warnings = await phpWarnings(config, env);
  const checks = warnings.map(({ path, text, consequence, remedy }) =>
    note('extensions', `${path.join('.')}: ${text}`, consequence, remedy),
  );
  const warned = new Set(warnings.map(({ path }) => path[1]));
  const fine = Object.values(config.programs).filter(
    ({ name, php }) => php.disableExtensions.length > 0 && !warned.has(name),
  );
  const said = fine.map(({ name, php }) =>
    ok('extensions', `the PHP of ${name} runs without ${php.disableExtensions.join(', ')} (it was asked)`),
  );
  return [...checks, ...said];
}
