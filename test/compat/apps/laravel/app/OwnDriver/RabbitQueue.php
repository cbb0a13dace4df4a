<?php

namespace App\OwnDriver;

use Illuminate\Contracts\Queue\Queue as QueueContract;
use Illuminate\Queue\Queue;
use Illuminate\Support\Str;
use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AbstractConnection;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

class RabbitQueue extends Queue implements QueueContract
{
    public readonly AMQPChannel $channel;
    /** @var array<string, true> */
    private array $declared = [];

    public function __construct(private AbstractConnection $connection, private string $default)
    {
        $this->channel = $connection->channel();
    }

    public function size($queue = null): int
    {
        // On a channel of its own: a queue that is not there costs the channel.
        $channel = $this->connection->channel();
        [, $ready] = $channel->queue_declare($this->nameOf($queue), true);
        $channel->close();
        return $ready;
    }

    public function push($job, $data = '', $queue = null)
    {
        return $this->pushRaw($this->createPayload($job, $this->nameOf($queue), $data), $queue);
    }

    public function pushRaw($payload, $queue = null, array $options = [])
    {
        $name = $this->nameOf($queue);
        $this->declare($name);
        $this->publish($payload, $name, $options['attempts'] ?? 0);
    }

    public function later($delay, $job, $data = '', $queue = null)
    {
        $this->laterRaw($delay, $this->createPayload($job, $this->nameOf($queue), $data), $queue);
    }

    /** Put off in a queue whose messages expire into the work queue; it vanishes by itself when unused. */
    public function laterRaw($delay, string $payload, ?string $queue = null, int $attempts = 0): void
    {
        $ms = 1000 * $this->secondsUntil($delay);
        $name = $this->nameOf($queue);
        if ($ms <= 0) {
            $this->pushRaw($payload, $name, ['attempts' => $attempts]);
            return;
        }
        $this->declare($name);
        $waiting = "$name.delay.$ms";
        $this->declare($waiting, [
            'x-dead-letter-exchange' => '',
            'x-dead-letter-routing-key' => $name,
            'x-message-ttl' => $ms,
            'x-expires' => 2 * $ms,
        ]);
        $this->publish($payload, $waiting, $attempts);
    }

    public function pop($queue = null): ?RabbitJob
    {
        $name = $this->nameOf($queue);
        $message = $this->channel->basic_get($name);
        return $message === null ? null : $this->jobOf($message, $name);
    }

    public function jobOf(AMQPMessage $message, string $queue): RabbitJob
    {
        return new RabbitJob($this->container, $this, $message, $this->connectionName, $queue);
    }

    public function close(): void
    {
        $this->connection->close();
    }

    // What Laravel's own contract asks for since 12.34; nobody counts here.
    public function pendingSize($queue = null): int
    {
        return $this->size($queue);
    }

    public function delayedSize($queue = null): int
    {
        return 0;
    }

    public function reservedSize($queue = null): int
    {
        return 0;
    }

    public function creationTimeOfOldestPendingJob($queue = null): ?int
    {
        return null;
    }

    protected function createPayloadArray($job, $queue, $data = ''): array
    {
        return [...parent::createPayloadArray($job, $queue, $data), 'id' => (string) Str::uuid()];
    }

    private function nameOf(?string $queue): string
    {
        return $queue ?? $this->default;
    }

    /** @param array<string, int|string> $arguments */
    private function declare(string $name, array $arguments = []): void
    {
        // A delayed queue may have vanished meanwhile, so it is declared each time.
        if ($arguments === [] && isset($this->declared[$name])) {
            return;
        }
        $this->channel->queue_declare($name, false, true, false, false, false, new AMQPTable($arguments));
        $this->declared[$name] = true;
    }

    private function publish(string $payload, string $to, int $attempts): void
    {
        $message = new AMQPMessage($payload, ['content_type' => 'application/json', 'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT]);
        $message->set('application_headers', new AMQPTable(['laravel' => ['attempts' => $attempts]]));
        $this->channel->basic_publish($message, '', $to, true);
    }
}
