<?php

namespace App\OwnDriver;

use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Queue\Connectors\ConnectorInterface;
use Illuminate\Queue\Events\WorkerStopping;
use PhpAmqpLib\Connection\AMQPStreamConnection;

class Connector implements ConnectorInterface
{
    public function __construct(private Dispatcher $events)
    {
    }

    public function connect(array $config): RabbitQueue
    {
        $to = $config['hosts'][0];
        $connection = new AMQPStreamConnection($to['host'], (int) $to['port'], $to['user'], $to['password'], $to['vhost']);
        $queue = new RabbitQueue($connection, $config['queue']);
        $this->events->listen(WorkerStopping::class, static fn () => $queue->close());
        return $queue;
    }
}
