/** Which extensions are tried: those that are asked for, or those that look on from inside PHP without being called. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { OperationError } from '../../api/operations.ts';
import { askPhp, PhpProblem } from '../../php/ask.ts';
import type { PhpPlace } from '../../php/ask.ts';
import { runWithout } from '../../php/disable.ts';
import { extensionName } from '../../php/ini-text.ts';

/** Code does not call them, so that a worker without one does the same work. */
const ONLOOKERS = new Set(
  (
    'newrelic ddtrace datadog-profiling ddappsec elastic_apm opentelemetry blackfire tideways tideways_xhprof xhprof scoutapm xdebug ' +
    'pcov excimer spx memprof appdynamics_agent instana skywalking_agent sentry'
  ).split(' '),
);

/**
 * The names of extensions that can be tried, each once.
 *
 * @param program whose worker has this place
 * @throws OperationError where there is none, or one cannot be taken away
 */
export const suspectsFor = async (
  asked: readonly string[] | null,
  place: PhpPlace,
  { program, dataDir }: { program: string; dataDir: string },
): Promise<string[]> => {
  const loaded = await extensionsOf(place);
  const names = asked ?? loaded.filter((name) => ONLOOKERS.has(extensionName(name)));
  const suspects = [...new Map(names.map((name) => [extensionName(name), name])).values()];
  if (suspects.length === 0)
    throw new OperationError(
      'badRequest',
      `${program} loads no extension that is known to look on from inside PHP; name those to be tried: --suspects a,b (loaded: ${loaded.join(', ')}). Without one that the code calls, its messages fail`,
    );
  const folder = join(dataDir, 'php', `${program}.bisect`);
  try {
    for (const extension of suspects) {
      const { troubles } = await runWithout([extension], place, folder);
      const wrong = troubles.find(({ rule }) => rule !== 'php.alsoGone');
      if (wrong !== undefined)
        throw new OperationError('badRequest', `${extension} cannot be taken away from ${program}: ${whyNot(wrong)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return suspects;
};

const extensionsOf = async (place: PhpPlace): Promise<string[]> => {
  try {
    return (await askPhp(place)).extensions;
  } catch (error) {
    if (error instanceof PhpProblem)
      throw new OperationError('badRequest', `its PHP cannot be asked: ${error.message}`);
    throw error;
  }
};

const whyNot = (trouble: Awaited<ReturnType<typeof runWithout>>['troubles'][number]): string => {
  switch (trouble.rule) {
    case 'php.notAsked':
      return trouble.text;
    case 'php.notLoaded':
      return 'its PHP does not load it in the first place';
    case 'php.stillLoaded':
      return `it is ${trouble.why}`;
    case 'php.alsoGone':
      return `${trouble.extensions.join(', ')} goes with it`;
  }
};
