<?php

namespace App\OwnDriver;

use Illuminate\Container\Container;
use Illuminate\Contracts\Queue\Job as JobContract;
use Illuminate\Queue\Jobs\Job;
use PhpAmqpLib\Message\AMQPMessage;

class RabbitJob extends Job implements JobContract
{
    public function __construct(Container $container, private RabbitQueue $rabbit, private AMQPMessage $message, string $connection, string $queue)
    {
        $this->container = $container;
        $this->connectionName = $connection;
        $this->queue = $queue;
    }

    public function getRabbitMQMessage(): AMQPMessage
    {
        return $this->message;
    }

    public function getJobId(): ?string
    {
        return $this->payload()['id'] ?? null;
    }

    public function getRawBody(): string
    {
        return $this->message->getBody();
    }

    /** Counted in a header that only a release advances: a redelivery by the broker is the same attempt. */
    public function attempts(): int
    {
        $headers = $this->message->has('application_headers') ? $this->message->get('application_headers')->getNativeData() : [];
        return 1 + (int) ($headers['laravel']['attempts'] ?? 0);
    }

    public function delete(): void
    {
        parent::delete();
        if ($this->hasFailed()) {
            $this->message->reject(false);
        } else {
            $this->message->ack();
        }
    }

    /** A new message, then the ack of the old one. */
    public function release($delay = 0): void
    {
        parent::release($delay);
        $this->rabbit->laterRaw($delay, $this->getRawBody(), $this->queue, $this->attempts());
        $this->message->ack();
    }
}
