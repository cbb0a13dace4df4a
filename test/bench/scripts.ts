/** The PHP workers of the bench. As files, so that every supervisor starts them by the same plain command line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A worker that appends a line to the file in MARK once PHP has booted, so that all 100 can be counted by one stat(2). */
const MARK = `if (($mark = getenv('MARK')) !== false) file_put_contents($mark, sprintf("%07d\\n", getmypid()), FILE_APPEND);`;

const SCRIPTS = {
  'idle.php': `${MARK}\nwhile (true) sleep(60);`,
  // A message every 20 ms: it runs between any two readings, and its memory moves.
  'busy.php': `while (true) { $rows = range(1, mt_rand(100, 20000)); usleep(20000); }`,
  // 100 MB/s by the clock, natively: PHP's own counters stay flat. Argument: \`term\` handles SIGTERM, \`ignore\` ignores it.
  'leak.php': `$c = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
pcntl_async_signals(true);
pcntl_signal(SIGTERM, $argv[1] === 'term' ? function () { exit(0); } : SIG_IGN);
for ($began = hrtime(true), $done = 0; true; usleep(2000)) {
  for ($due = (hrtime(true) - $began) / 1e7; $done < $due; $done++) $c->memset($c->malloc(1000000), 1, 1000000);
}`,
  // All begin when the file in GO is there, and are counted in MARK when they are done. Arguments: lines, pause after each in µs.
  'lines.php': `while (!file_exists(getenv('GO'))) { usleep(2000); clearstatcache(); }
for ($i = 1; $i <= (int) $argv[1]; $i++) {
  fwrite(STDOUT, sprintf("%07d %05d %s\\n", getmypid(), $i, str_repeat('.', 36)));
  usleep((int) $argv[2]);
}
${MARK}
while (true) sleep(60);`,
  // Less than 1 ms of work and 5 new native pages a message; every 20 messages it tells how many it has had, and the microseconds they took.
  'messages.php': `$c = FFI::cdef('void *malloc(size_t n); void *memset(void *p, int c, size_t n);');
for ($messages = 1; true; $messages++) {
  for ($i = 0, $text = 'x'; $i < 3000; $i++) $text = md5($text);
  $c->memset($c->malloc(20480), 1, 20480);
  if ($messages % 20 === 0) {
    $used = getrusage();
    $micros = ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) * 1000000 + $used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec'];
    echo $messages, ' ', $micros, "\\n";
  }
  usleep(3000);
}`,
  // Sleeps through SIGTERM.
  'stubborn.php': `${MARK}
pcntl_signal(SIGTERM, SIG_IGN);
while (true) sleep(60);`,
  // The first of all has a job of 8 s in hand when SIGTERM comes; the others, and whoever follows it, are idle.
  'job.php': `pcntl_async_signals(true);
$busy = @fopen(getenv('MARK') . '.busy', 'x') !== false;
pcntl_signal(SIGTERM, function () use ($busy) { if ($busy) usleep(8000000); exit(0); });
if ($busy) file_put_contents(getenv('MARK') . '.busy', getmypid());
${MARK}
while (true) sleep(60);`,
  'slow.php': `${MARK}
pcntl_async_signals(true);
pcntl_signal(SIGTERM, function () { usleep(5000000); exit(0); });
while (true) sleep(60);`,
} as const;

/** Bytes that one booted worker appends to MARK. */
export const MARK_BYTES = 8;

export const writeScripts = (folder: string): void => {
  for (const [name, text] of Object.entries(SCRIPTS)) writeFileSync(join(folder, name), `<?php\n${text}\n`);
};

export const command = (folder: string, name: keyof typeof SCRIPTS, ...words: string[]): string[] => [
  'php',
  join(folder, name),
  ...words,
];
