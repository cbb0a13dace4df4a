<?php
/**
 * A worker that knows nothing of signals: takes messages of the queue argv[1], ten ahead, works 5 ms on each and appends
 * "SLOT SECONDS first|again" to the file argv[2]. The slot is the worker's name under its supervisor.
 */
require_once '/usr/share/php/PhpAmqpLib/autoload.php';

[, $queue, $file] = $argv;
// ACKWARDEN_SHIM is LIFE:PROGRAM:INDEX#NUMBER.
$slot = getenv('SUPERVISOR_PROCESS_NAME') ?: preg_replace('/^[^:]*:|#.*$/', '', (string) getenv('ACKWARDEN_SHIM'));
$at = array_map('getenv', ['RABBITMQ_HOST', 'RABBITMQ_PORT', 'RABBITMQ_USER', 'RABBITMQ_PASSWORD']);
$channel = (new PhpAmqpLib\Connection\AMQPStreamConnection(...$at))->channel();
$channel->basic_qos(0, 10, false);
$out = fopen($file, 'a');
$channel->basic_consume($queue, '', false, false, false, false, function ($message) use ($out, $slot): void {
    usleep(5000);
    fwrite($out, sprintf("%s %.6f %s\n", $slot, hrtime(true) / 1e9, $message->isRedelivered() ? 'again' : 'first'));
    $message->ack();
});
while (true) {
    $channel->wait();
}
