/** Whether the configuration here is valid, and whether its brokers answer. */
import type { BrokerConfig, Config, TlsConfig } from '../../config/types.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { readIfThere } from '../redirect/warnings.ts';
import { findConfiguration } from '../target.ts';
import { checkExtensions } from './extensions.ts';
import { checkRedirects } from './redirect.ts';
import { note, ok, problem } from './host-check.ts';
import type { HostCheck } from './host-check.ts';

const PROBE_TIMEOUT_MS = 3000;

type Probe = (urls: readonly string[], tls: TlsConfig | null) => Promise<{ reachable: boolean; text: string }>;

async function probe(urls: readonly string[], tls: TlsConfig | null): Promise<{ reachable: boolean; text: string }> {
  const { probeBroker } = await import('../../broker/probe.ts');
  return probeBroker(urls, { timeoutMs: PROBE_TIMEOUT_MS, tls });
}

/** Each broker once: the top-level one and what programs have of their own. */
export function brokersOf(config: Config): BrokerConfig[] {
  const all = [config.broker, ...Object.values(config.programs).map((program) => program.broker)];
  const distinct = new Map(
    all.flatMap((broker) => (broker === null ? [] : [[JSON.stringify(broker), broker] as const])),
  );
  return [...distinct.values()];
}

export async function checkBrokers(config: Config, ask: Probe): Promise<HostCheck[]> {
  const found = await Promise.all(
    brokersOf(config).map(async (broker): Promise<HostCheck> => {
      if (broker.kind === 'embedded') return ok('broker', 'the broker is the embedded one: `run` starts it');
      const { reachable, text } = await ask(broker.urls, broker.tls);
      const sentence = text.replace(/\.$/, '');
      if (reachable) return ok('broker', sentence);
      const consequence = 'workers cannot consume; their exits count as the outage, not as their failures';
      return problem('broker', sentence, consequence, 'start the broker, or correct `broker:` in workers.yaml');
    }),
  );
  if (found.length > 0) return found;
  return [
    note('broker', 'no `broker:` in workers.yaml', 'exits during a broker outage count as failures of the workers'),
  ];
}

/** Nothing where no configuration is given and none lies at a usual place. */
export async function checkConfiguration(options: GlobalOptions, context: Context): Promise<HostCheck[]> {
  const file = findConfiguration(options.config, context.cwd);
  if (file === null) return [];
  const { loadNamed } = await import('../check.ts');
  const loaded = loadNamed(options.config, context);
  if (loaded.ok) {
    const brokers = await checkBrokers(loaded.config, probe);
    const redirects = checkRedirects(loaded.config, readIfThere);
    const extensions = await checkExtensions(loaded.config, context.env);
    return [ok('configuration', `${file} is valid`), ...brokers, ...redirects, ...extensions];
  }
  const consequence = `\`run\` would refuse it: ${loaded.problems.length === 1 ? 'one problem' : `${loaded.problems.length} problems`}`;
  return [problem('configuration', `${file} is not valid`, consequence, 'run `ackwarden check`')];
}
