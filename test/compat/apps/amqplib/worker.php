<?php
/** The plainest consumer: prefetch 10, a manual ack after the work, not a word about signals. argv: QUEUE */

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;

require is_file(__DIR__ . '/vendor/autoload.php') ? __DIR__ . '/vendor/autoload.php' : 'PhpAmqpLib/autoload.php';

$append = static function (string $what, AMQPMessage $message): void {
    $flag = $message->isRedelivered() ? 'again' : 'first';
    $pid = getmypid();
    file_put_contents((string) getenv('COMPAT_LOG'), "$what {$message->getBody()} $flag $pid\n", FILE_APPEND);
};
$channel = (new AMQPStreamConnection(
    getenv('RABBITMQ_HOST'),
    (int) getenv('RABBITMQ_PORT'),
    getenv('RABBITMQ_USER'),
    getenv('RABBITMQ_PASSWORD'),
))->channel();
$channel->basic_qos(0, 10, false);
$channel->basic_consume($argv[1], '', false, false, false, false, static function (AMQPMessage $message) use ($append): void {
    $append('start', $message);
    usleep(random_int(5_000, 20_000));
    $append('done', $message);
    $message->ack();
});
while (true) {
    $channel->wait();
}
