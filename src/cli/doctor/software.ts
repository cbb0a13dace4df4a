/** What the workers and the forensics need: PHP and its extensions, a broker to embed, perf. */
import { note, ok, problem } from './host-check.ts';
import type { HostCheck } from './host-check.ts';
import type { HostReader } from './host-reader.ts';

const ASK =
  "echo PHP_VERSION, ' ', extension_loaded('pcntl') ? 'pcntl' : '', ' ', extension_loaded('FFI') ? 'FFI' : '';";

export async function checkPhp(host: HostReader): Promise<HostCheck[]> {
  const php = host.which('php');
  if (php === null) {
    return [problem('php', 'no php on PATH', 'commands that begin with `php` cannot start', 'apt-get install php-cli')];
  }
  const answer = await host.output([php, '-r', ASK]);
  if (answer === null) {
    const remedy = `run \`${php} -v\` and cure what it says`;
    return [problem('php', `${php} does not run a one-line script`, 'workers will fail in the same way', remedy)];
  }
  const [version = '', ...extensions] = answer.trim().split(' ');
  return [ok('php', `PHP ${version} (${php})`), checkPcntl(extensions), checkFfi(extensions)];
}

function checkPcntl(extensions: readonly string[]): HostCheck {
  if (extensions.includes('pcntl')) return ok('pcntl', 'PHP has pcntl: workers can end gracefully on SIGTERM');
  const consequence = 'Laravel workers cannot react to SIGTERM: a stop ends them in the middle of a job';
  return note('pcntl', 'PHP has no pcntl', consequence, 'install a PHP CLI with pcntl (Debian: php-cli has it)');
}

function checkFfi(extensions: readonly string[]): HostCheck {
  if (extensions.includes('FFI')) return ok('ffi', 'PHP has FFI');
  return note('ffi', 'PHP has no FFI', 'only the demo needs it (to leak native memory)', 'apt-get install php-common');
}

export function checkRabbit(host: HostReader): HostCheck {
  const direct = '/usr/lib/rabbitmq/bin/rabbitmq-server';
  const found = host.exists(direct) ? direct : host.which('rabbitmq-server');
  if (found !== null) return ok('rabbitmq', `rabbitmq-server is there (${found})`);
  const consequence = '`broker: { embedded: true }` cannot work; a broker elsewhere can';
  return note('rabbitmq', 'no rabbitmq-server here', consequence, 'only if wanted: apt-get install rabbitmq-server');
}

/** Tried, not guessed: a container may take it away from root, and perf may be made for another kernel. */
export async function checkPerf(host: HostReader): Promise<HostCheck> {
  const consequence = '`diagnose` will not be able to say which shared object touches new memory';
  const path = host.which('perf');
  if (path === null) return note('perf', 'perf is missing', consequence, 'apt-get install linux-perf');
  if ((await host.output([path, 'stat', '-e', 'page-faults', 'true'])) !== null)
    return ok('perf', 'perf is there and may count page faults');
  const paranoid = host.read('/proc/sys/kernel/perf_event_paranoid')?.trim() ?? 'not readable';
  const text = `perf is there, and does not count page faults (kernel.perf_event_paranoid is ${paranoid})`;
  const remedy =
    host.uid === 0
      ? 'in a container: `docker run --cap-add PERFMON`; else `perf stat -e page-faults true` says why'
      : 'run `diagnose` as root, or sysctl kernel.perf_event_paranoid=1';
  return note('perf', text, consequence, remedy);
}
