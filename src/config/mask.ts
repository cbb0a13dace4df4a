/** Hides secrets in what is shown: passwords in URLs, and values whose name says that they are secret. */
import type { BrokerConfig, Config, ProgramConfig } from './types.ts';

export const MASK = '***';

const SECRET_WORDS = new Set([
  'pass',
  'passwd',
  'pwd',
  'pw',
  'key',
  'keys',
  'dsn',
  'auth',
  'credential',
  'credentials',
  'salt',
]);
const SECRET_PARTS = /password|passphrase|secret|token|apikey|privatekey/i;

/** Whether the value of an environment variable, ini setting or option of this name should not be shown. */
export function isSecretName(name: string): boolean {
  // A file that holds a secret is named, not shown.
  if (/file$/i.test(name)) return false;
  if (SECRET_PARTS.test(name)) return true;
  // PWD alone is the working directory; DB_PWD is a password.
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  return name !== 'PWD' && words.some((word) => SECRET_WORDS.has(word));
}

/** Masks `user:password@` and secret query parameters of every URL in the text; everything else stays. */
export function maskUrls(text: string): string {
  const passwords = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/?#]*@/gi, `$1:${MASK}@`);
  return passwords.replaceAll(/([?&;]([\w.-]+)=)[^&\s#"';]+/g, (whole: string, start: string, name: string) =>
    isSecretName(name) ? `${start}${MASK}` : whole,
  );
}

/** The value as it may be shown under this name. */
export function maskValue(name: string, value: string): string {
  return value !== '' && isSecretName(name) ? MASK : maskUrls(value);
}

/** Masks `--password=x`, `--password x`, `PASSWORD=x` and URLs in an argv. */
export function maskCommand(words: readonly string[]): string[] {
  let hideNext = false;
  return words.map((word) => {
    const [hidden, assigned] = [hideNext && !word.startsWith('-'), /^(-{0,2}([\w.-]+)=)(.+)$/s.exec(word)];
    hideNext = /^--?[\w.-]+$/.test(word) && isSecretName(word.replace(/^-+/, ''));
    if (hidden) return MASK;
    return assigned?.[2] !== undefined && isSecretName(assigned[2]) ? `${assigned[1]}${MASK}` : maskUrls(word);
  });
}

/** One line of a workers.yaml as it may be quoted in an error. */
export function maskLine(line: string): string {
  const assignments = /((?:^|[\s{,"'-])([A-Za-z_][\w.-]*)["']?(?:: +|=))("[^"]*"?|'[^']*'?|[^\s,}]+)/g;
  return maskUrls(line).replaceAll(assignments, (whole: string, start: string, name: string, value: string) =>
    isSecretName(name) && !/^[{[]/.test(value) && !value.startsWith('${') ? `${start}${MASK}` : whole,
  );
}

function maskMap(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, maskValue(name, value)]));
}

function maskBroker(broker: BrokerConfig | null): BrokerConfig | null {
  return broker?.kind === 'url' ? { ...broker, urls: broker.urls.map(maskUrls) } : broker;
}

function maskHooks(hooks: NonNullable<ProgramConfig['hooks']>): NonNullable<ProgramConfig['hooks']> {
  const mask = (argv: string[] | null): string[] | null => argv && maskCommand(argv);
  return {
    ...hooks,
    beforeStart: mask(hooks.beforeStart),
    afterStart: mask(hooks.afterStart),
    beforeStop: mask(hooks.beforeStop),
    afterStop: mask(hooks.afterStop),
  };
}

function maskProgram(program: ProgramConfig): ProgramConfig {
  return {
    ...program,
    command: maskCommand(program.command),
    ready:
      program.ready?.check === 'command' ? { ...program.ready, argv: maskCommand(program.ready.argv) } : program.ready,
    hooks: program.hooks && maskHooks(program.hooks),
    environment: maskMap(program.environment),
    broker: maskBroker(program.broker),
    php: { ...program.php, ini: maskMap(program.php.ini) },
  };
}

/** A copy of the configuration that may be shown. */
export function maskConfig(config: Config): Config {
  const programs = Object.entries(config.programs).map(([name, program]) => [name, maskProgram(program)] as const);
  const listeners = Object.entries(config.eventListeners).map(([name, listener]) => {
    const shown = { command: maskCommand(listener.command), environment: maskMap(listener.environment) };
    return [name, { ...listener, ...shown }] as const;
  });
  return {
    ...config,
    broker: maskBroker(config.broker),
    programs: Object.fromEntries(programs),
    eventListeners: Object.fromEntries(listeners),
  };
}
