<?php
/**
 * A worker whose memory is recorded: `php worker.php KIND,KIND SEED BYTES FOLDER`. It reads how many messages to handle from its
 * standard input, a line each time, and answers with the pids of its children once it has. Nothing sleeps: time is the recorder's.
 * BYTES: what a leak keeps of each message.
 */
declare(strict_types=1);

require __DIR__ . '/messages.php';
require __DIR__ . '/healthy.php';
require __DIR__ . '/leaks.php';
require __DIR__ . '/handles.php';

[, $names, $seed, $bytes, $folder] = $argv;
mt_srand((int) $seed);
$kinds = HEALTHY + LEAKS + HANDLES;
$parts = array_map(
    static fn (string $name): Closure => $kinds[$name]((int) $bytes, $folder),
    explode(',', $names),
);

$handled = 0;
while (($line = fgets(STDIN)) !== false) {
    $messages = (int) $line;
    for ($message = 0; $message < $messages; $message++) {
        handle(++$handled);
    }
    $children = [];
    foreach ($parts as $part) {
        array_push($children, ...($part($messages) ?? []));
    }
    fwrite(STDOUT, implode(' ', $children) . "\n");
}
