<?php
/**
 * A consumer whose memory goes as that of a recorded worker (test/corpus/record). It knows nothing of signals; a deaf one ignores them.
 * argv: QUEUE KIND SEED BYTES LOG [deaf]. BYTES: what a leak keeps of each message.
 */
declare(strict_types=1);

use PhpAmqpLib\Connection\AMQPStreamConnection;

require_once '/usr/share/php/PhpAmqpLib/autoload.php';
require __DIR__ . '/../fixtures/gate/work.php';
foreach (['messages', 'healthy', 'leaks', 'handles'] as $file) {
    require __DIR__ . "/../corpus/record/$file.php";
}

[, $queue, $kind, $seed, $bytes, $log] = $argv;
if (isset($argv[6])) {
    pcntl_sigprocmask(SIG_BLOCK, [SIGTERM, SIGINT]);
}
$folder = dirname($log) . '/' . getmypid();
mkdir($folder);
mt_srand((int) $seed);
$part = (HEALTHY + LEAKS + HANDLES)[$kind]((int) $bytes, $folder);

$host = [getenv('RABBITMQ_HOST'), (int) getenv('RABBITMQ_PORT'), getenv('RABBITMQ_USER'), getenv('RABBITMQ_PASSWORD')];
$channel = (new AMQPStreamConnection(...$host))->channel();
$channel->basic_qos(0, 5, false);
$channel->basic_consume($queue, '', false, false, false, false, function ($message) use ($part, $log): void {
    handle((int) $message->body);
    $part(1);
    work($message->body, (bool) $message->isRedelivered(), 40_000, $log);
    $message->ack();
});
while (true) {
    $channel->wait();
}
