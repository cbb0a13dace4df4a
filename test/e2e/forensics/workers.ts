/** Real PHP processes, each with one way of using memory, and `ackwarden diagnose` on them. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Diagnosis } from '../../../src/forensics/types.ts';
import { MAIN } from '../controller/site.ts';

const started: ChildProcess[] = [];

/** A line of output tells that it is under way; resolves then. */
export const startProcess = async (
  argv: readonly string[],
  as: { uid?: number; gid?: number; env?: Record<string, string> } = {},
): Promise<number> => {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true, ...as });
  started.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
};

export const php = (code: string, ...options: string[]): string[] => [
  'php',
  ...options,
  '-r',
  `echo "begun\\n"; ${code}`,
];

export const endAll = async (): Promise<void> => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
    // Its group: with what it started.
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'exit');
  }
};

export interface Said {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `began`: told the pid of `diagnose` once it runs. */
interface As {
  /** PATH. */
  path?: string;
  uid?: number;
  gid?: number;
  began?: (pid: number) => void;
}

export const diagnose = async (
  args: readonly string[],
  { began, path = process.env['PATH'], ...as }: As = {},
): Promise<Said> => {
  const child = spawn(process.execPath, [MAIN, 'diagnose', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: path, NO_COLOR: '1' },
    ...as,
  });
  if (child.pid !== undefined) began?.(child.pid);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
};

/** End a process once `looker` reads its memory. */
export const endWhenRead = async (pid: number, looker: number): Promise<void> => {
  const reads = (name: string): boolean => {
    try {
      return readlinkSync(`/proc/${looker}/fd/${name}`) === `/proc/${pid}/mem`;
    } catch {
      return false;
    }
  };
  const descriptors = (): string[] => {
    try {
      return readdirSync(`/proc/${looker}/fd`);
    } catch {
      return []; // It has ended.
    }
  };
  for (let names = descriptors(); names.length > 0 && !names.some(reads); names = descriptors()) await pause(10);
  process.kill(pid, 'SIGKILL');
};

/** @throws with what it said where it failed */
export const diagnosisOf = async (pid: number, ...more: string[]): Promise<Diagnosis> => {
  const said = await diagnose(['--pid', String(pid), '--json', ...more]);
  if (said.code !== 0) throw new Error(said.stderr);
  return JSON.parse(said.stdout) as Diagnosis;
};

/** Keeps all it makes. */
export const ZEND_LEAK = php(
  '$kept = []; while (true) { $kept[] = str_repeat("x", 100000); usleep(20000); }',
  '-d',
  'memory_limit=-1',
);

/** Objects that refer to one another: freed only when the garbage collector runs, every 10,000 of them. */
export const CYCLES = php(
  'while (true) { for ($i = 0; $i < 100; $i += 1) { $a = new stdClass; $b = new stdClass; $a->b = $b; $b->a = $a; $a->load = str_repeat("x", 4000); } usleep(4000); }',
);

/** Holds 30 MB and works most of the time. */
export const BUSY = php(
  '$held = str_repeat("x", 30000000); while (true) { $until = hrtime(true) + 8000000; while (hrtime(true) < $until) md5("x"); usleep(4000); }',
);

/** php-curl, which the set-up of the tests installs where it can. */
export const HAS_CURL = spawnSync('php', ['-r', 'exit(extension_loaded("curl") ? 0 : 1);']).status === 0;

/** A part of php-common, where PHP comes from Debian. */
export const HAS_SHMOP = spawnSync('php', ['-r', 'exit(extension_loaded("shmop") ? 0 : 1);']).status === 0;

/** Segments that nobody else sees and that end with it, kept. */
export const SHARED_LEAK = php(
  '$kept = []; while (true) { $s = shmop_open(0, "c", 0600, 1 << 20); shmop_delete($s); shmop_write($s, str_repeat("x", 1 << 20), 0); $kept[] = $s; usleep(60000); }',
);

const request = (url: string): string =>
  `$c = curl_init("${url}"); curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_SSL_VERIFYPEER => false, CURLOPT_SSL_VERIFYHOST => 0, CURLOPT_POSTFIELDS => str_repeat("x", 200000)]); if (curl_exec($c) === false) exit(1);`;

/** Curl handles with their connections, kept, each with what it sent: most of it is libcurl's, and over TLS OpenSSL's. */
export const curlLeak = (url: string): string[] =>
  php(`$kept = []; while (true) { ${request(url)} $kept[] = $c; usleep(30000); }`);

/** The same requests, and each handle is let go: as many descriptors at the end as at the begin. */
export const curlClosed = (url: string): string[] => php(`while (true) { ${request(url)} usleep(50000); }`);

/** Streams that are kept with their filters, in PHP's own heap. So few that nobody need accept them. */
export const streamLeak = (port: number): string[] =>
  php(
    `$kept = []; while (true) { $s = stream_socket_client("tcp://127.0.0.1:${port}"); stream_filter_append($s, "zlib.deflate", STREAM_FILTER_WRITE); $kept[] = $s; usleep(30000); }`,
    '-d',
    'memory_limit=-1',
  );

/** Waits for a child of its own that keeps all it makes. */
export const HELPER_LEAK = php(
  '$child = proc_open([PHP_BINARY, "-d", "memory_limit=-1", "-r", \'$kept = []; while (true) { $kept[] = str_repeat("x", 100000); usleep(20000); }\'], [], $pipes); while (true) usleep(50000);',
);

/** Calls internal functions, which is what the extension of ours leaks at. */
export const nativeLeak = (extension: string): string[] =>
  php(
    'while (true) { for ($i = 0; $i < 200; $i += 1) strrev("abc"); usleep(10000); }',
    '-d',
    `extension=${extension}`,
    '-d',
    'leaky.bytes_per_call=500',
  );
