<?php

namespace App\Demo;

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AMQPStreamConnection;

/** Where RabbitMQ is, from the environment, and how both sides declare a queue. */
final class Broker
{
    private function __construct(
        public readonly string $host,
        public readonly int $port,
        private readonly string $user,
        private readonly string $password,
        private readonly string $virtualHost,
    ) {
    }

    /**
     * RABBITMQ_HOST and RABBITMQ_PORT win over ACKWARDEN_BROKER_URL (amqp://user:pass@host:port/vhost), because the supervisor may
     * lead the worker through a proxy of its own. RABBITMQ_USER and RABBITMQ_PASSWORD are read only where there is no such URL.
     */
    public static function fromEnvironment(): self
    {
        $url = parse_url(getenv('ACKWARDEN_BROKER_URL') ?: 'amqp:') ?: [];
        return new self(
            getenv('RABBITMQ_HOST') ?: ($url['host'] ?? '127.0.0.1'),
            (int) (getenv('RABBITMQ_PORT') ?: ($url['port'] ?? 5672)),
            rawurldecode($url['user'] ?? (getenv('RABBITMQ_USER') ?: 'guest')),
            rawurldecode($url['pass'] ?? (getenv('RABBITMQ_PASSWORD') ?: 'guest')),
            rawurldecode(substr($url['path'] ?? '/', 1)) ?: '/',
        );
    }

    public function connect(): AMQPStreamConnection
    {
        return new AMQPStreamConnection($this->host, $this->port, $this->user, $this->password, $this->virtualHost);
    }

    /**
     * Both sides declare the queue with the same arguments, so whoever comes first makes it.
     * @return array{0: int, 1: int} messages that wait (ready), consumers
     */
    public static function declareQueue(AMQPChannel $channel, string $queue): array
    {
        [, $ready, $consumers] = $channel->queue_declare($queue, false, false, false, false);
        return [(int) $ready, (int) $consumers];
    }
}
