/**
 * Which extensions a bisect tries where nobody has named them, the likeliest first. A canary without an extension that the code calls
 * fails its messages, so such are never tried unasked, whatever is known of them.
 */

export interface Loaded {
  /** In small letters; `opcache`, not `Zend OPcache`. */
  name: string;
  version: string | null;
}

export interface Suspicion {
  /** Each once, in the order of PHP. */
  loaded: readonly Loaded[];
  phpVersion: string;
  /** Those of which a leak is known that the worker's own memory would show, in the loaded version. */
  known: ReadonlySet<string>;
  /** Those that the application says it needs. */
  needed: ReadonlySet<string>;
}

/** Why it is tried: a leak is known, it hooks into all that PHP does, or nothing is known at all. */
export type Because = 'known' | 'looksOn' | 'loaded';

export interface Ranking {
  tried: { name: string; because: Because }[];
  /** Known to leak, and needed all the same. */
  spared: string[];
}

const set = (...words: string[]): ReadonlySet<string> => new Set(words.join(' ').split(' '));

/** Agents, profilers and debuggers: code does not call them, so that a worker without one does the same work. */
const ONLOOKERS = set(
  'newrelic ddtrace datadog-profiling ddappsec elastic_apm opentelemetry blackfire tideways tideways_xhprof xhprof scoutapm',
  'xdebug pcov excimer spx memprof appdynamics_agent instana skywalking_agent sentry dynatrace oneagent solarwinds_apm',
);

/** Without these PHP, a framework or a consumer does not run, or jobs fail that call them. */
const CALLED = set(
  'core standard spl date pcre hash random reflection json ctype filter tokenizer mbstring iconv openssl sodium zlib lexbor uri',
  'session libxml dom xml simplexml xmlreader xmlwriter xsl fileinfo curl posix pcntl sockets phar ffi bcmath gmp intl gettext',
  'amqp rdkafka stomp zmq gearman beanstalk redis relay memcached memcache mongodb apcu igbinary msgpack protobuf grpc',
  'mysqlnd mysqli pgsql sqlite3 oci8 sqlsrv odbc dba ldap imap ssh2 soap snmp ftp zip bz2 zstd lz4 brotli mailparse yaml',
  'gd imagick gmagick vips exif tidy pspell enchant geoip maxminddb ds decimal uuid ast swoole openswoole event ev uv',
  'ioncube sourceguardian readline cgi-fcgi',
);

const isCalled = (name: string): boolean => CALLED.has(name) || name.startsWith('pdo') || name.startsWith('ioncube');

/** Pure. */
export const rankSuspects = ({ loaded, phpVersion, known, needed }: Suspicion): Ranking => {
  const isSpared = ({ name }: Loaded): boolean => needed.has(name) || isCalled(name);
  const free = loaded.filter((each) => !isSpared(each));
  const becauseOf = ({ name }: Loaded): Because =>
    known.has(name) ? 'known' : ONLOOKERS.has(name) ? 'looksOn' : 'loaded';
  // What comes with PHP has its version, and has been looked at by more people.
  const order = (each: Loaded): number =>
    ({ known: 0, looksOn: 1, loaded: 2 })[becauseOf(each)] * 2 + Number(each.version === phpVersion);
  return {
    tried: free.toSorted((a, b) => order(a) - order(b)).map((each) => ({ name: each.name, because: becauseOf(each) })),
    spared: loaded.filter((each) => known.has(each.name) && isSpared(each)).map(({ name }) => name),
  };
};
