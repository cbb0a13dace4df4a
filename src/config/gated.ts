/** Which programs get an AMQP gate, where it leads, and why the others that want one get none. */
import type { BrokerConfig, Config, NotYetActive, ProgramConfig } from './types.ts';

const AMQP_PORT = 5672;

export interface Upstream {
  host: string;
  port: number;
}

type Gated = Pick<Config, 'broker'>;

const wantsGate = ({ amqp, recycle }: ProgramConfig): boolean => amqp?.gate === true && recycle.drain === 'gate';

/** Whether a program's workers talk to their broker through a gate of ours. */
export const isGated = (config: Gated, program: ProgramConfig): boolean =>
  wantsGate(program) && whyUngated(config, program) === null;

/** Why the gate that a program wants cannot be had, as the end of a sentence; null if it can. */
const whyUngated = (config: Gated, program: ProgramConfig): string | null => {
  const broker = program.broker ?? config.broker;
  if (broker?.kind === 'embedded') return null;
  const url = firstUrl(broker);
  if (url?.protocol === 'amqps:') return 'its broker is reached through TLS (amqps), which the gate does not speak yet';
  const { hostVariable } = program.amqp ?? { hostVariable: '' };
  if (url === null && program.environment[hostVariable] === undefined)
    return `nothing says where its broker is: write broker, or ${hostVariable} in its environment`;
  return null;
};

/** Said by `check` and `run` of each program whose wish for a gate comes to nothing. */
export const findUngated = (config: Config, lineOf: (path: string[]) => number): NotYetActive[] =>
  Object.values(config.programs).flatMap((program) => {
    const why = wantsGate(program) ? whyUngated(config, program) : null;
    if (why === null) return [];
    const path = ['programs', program.name, 'amqp'];
    const text = `${path.join('.')} is not active: workers are drained by signal, because ${why}.`;
    return [{ path: path.join('.'), line: lineOf(path), text }];
  });

/**
 * Where a worker's gate leads: to the address that its environment gives it, else to that of `broker:`. Null: nobody knows.
 *
 * @param environment what the worker would have without a gate
 * @param embedded where the embedded broker listens now
 */
export const upstreamOf = (
  config: Gated,
  program: ProgramConfig,
  from: { environment: Readonly<Record<string, string>>; embedded: Upstream | null },
): Upstream | null => {
  const { amqp } = program;
  if (amqp === null) return null;
  const broker = program.broker ?? config.broker;
  const url = firstUrl(broker);
  const known = broker?.kind === 'embedded' ? from.embedded : url === null ? null : addressOf(url);
  const host = from.environment[amqp.hostVariable] ?? known?.host ?? '';
  const port = Number(from.environment[amqp.portVariable] ?? known?.port ?? AMQP_PORT);
  return host !== '' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? { host, port } : null;
};

const firstUrl = (broker: BrokerConfig | null): URL | null => {
  const text = broker?.kind === 'url' ? broker.urls[0] : undefined;
  return text !== undefined && URL.canParse(text) ? new URL(text) : null;
};

const addressOf = (url: URL): Upstream => ({
  // An IPv6 address stands in brackets in a URL, and nowhere else.
  host: url.hostname.replaceAll(/^\[|\]$/g, ''),
  port: url.port === '' ? AMQP_PORT : Number(url.port),
});
