<?php
/**
 * A worker that does what the bench asks it to: line by line of JSON over the unix socket argv[1], to which it first says its name,
 * argv[2]. The broker is where RABBITMQ_HOST and RABBITMQ_PORT say. Times are hrtime(), the clock of the bench.
 */
require_once '/usr/share/php/PhpAmqpLib/autoload.php';

use PhpAmqpLib\Connection\AMQPStreamConnection;

/** What both libraries must be able to do. */
interface Library
{
    /** @return array{float, float} when the first of `count` messages came and the last was acknowledged, in seconds */
    public function consume(string $queue, int $prefetch, int $count, int $workUs): array;
    public function close(): void;
}

/** The two instants of a run, and the work in between. */
final class Run
{
    public float $first = 0;
    public float $last = 0;
    private int $done = 0;

    public function __construct(private int $count, private int $workUs)
    {
    }

    /** @return bool whether there is more to come */
    public function work(callable $acknowledge): bool
    {
        if ($this->done === 0) {
            $this->first = hrtime(true) / 1e9;
        }
        if ($this->workUs > 0) {
            usleep($this->workUs);
        }
        $acknowledge();
        $this->done += 1;
        $this->last = hrtime(true) / 1e9;
        return $this->done < $this->count;
    }
}

final class Amqplib implements Library
{
    private AMQPStreamConnection $connection;

    public function __construct()
    {
        $this->connection = connectAmqplib();
    }

    public function consume(string $queue, int $prefetch, int $count, int $workUs): array
    {
        $channel = $this->connection->channel();
        $channel->basic_qos(0, $prefetch, false);
        $run = new Run($count, $workUs);
        $more = true;
        $channel->basic_consume($queue, '', false, false, false, false, function ($message) use ($run, &$more): void {
            $more = $run->work(fn () => $message->ack());
        });
        while ($more) {
            $channel->wait();
        }
        $channel->close();
        return [$run->first, $run->last];
    }

    /** Round trips of basic.qos for so long, or until the bench says a word: when each began, and what it took in microseconds. */
    public function trips(float $seconds, $bench): array
    {
        $channel = $this->connection->channel();
        $trips = [];
        $end = hrtime(true) + $seconds * 1e9;
        stream_set_blocking($bench, false);
        do {
            $began = hrtime(true);
            $channel->basic_qos(0, 1, false);
            $trips[] = [$began / 1e9, (hrtime(true) - $began) / 1e3];
        } while (hrtime(true) < $end && fgets($bench) === false);
        stream_set_blocking($bench, true);
        $channel->close();
        return $trips;
    }

    public function close(): void
    {
        $this->connection->close();
    }
}

final class Extension implements Library
{
    private AMQPConnection $connection;

    public function __construct()
    {
        $this->connection = new AMQPConnection([
            'host' => getenv('RABBITMQ_HOST'),
            'port' => (int) getenv('RABBITMQ_PORT'),
            'login' => getenv('RABBITMQ_USER'),
            'password' => getenv('RABBITMQ_PASSWORD'),
        ]);
        $this->connection->connect();
    }

    public function consume(string $queue, int $prefetch, int $count, int $workUs): array
    {
        $channel = new AMQPChannel($this->connection);
        $channel->setPrefetchCount($prefetch);
        $source = new AMQPQueue($channel);
        $source->setName($queue);
        $run = new Run($count, $workUs);
        $source->consume(fn ($message) => $run->work(fn () => $source->ack($message->getDeliveryTag())));
        $channel->close();
        return [$run->first, $run->last];
    }

    public function close(): void
    {
        $this->connection->disconnect();
    }
}

function connectAmqplib(): AMQPStreamConnection
{
    $at = array_map('getenv', ['RABBITMQ_HOST', 'RABBITMQ_PORT', 'RABBITMQ_USER', 'RABBITMQ_PASSWORD']);
    return new AMQPStreamConnection(...$at);
}

/** Idle connections with a consumer each, as workers without work have them. */
function hold(int $count, string $queue): array
{
    $held = [];
    for ($index = 0; $index < $count; $index++) {
        $held[] = $connection = connectAmqplib();
        $connection->channel()->basic_consume($queue);
    }
    return $held;
}

ini_set('memory_limit', '1G');
[, $path, $name] = $argv;
$bench = stream_socket_client("unix://$path");
$say = fn (array $what) => fwrite($bench, json_encode($what) . "\n");
$say(['name' => $name, 'libraries' => extension_loaded('amqp') ? ['php', 'ext'] : ['php']]);
$library = null;
$held = [];
while (($line = fgets($bench)) !== false) {
    $ask = json_decode($line);
    switch ($ask->do) {
        case 'open':
            $library = $ask->library === 'ext' ? new Extension() : new Amqplib();
            $say([]);
            break;
        case 'consume':
            [$from, $to] = $library->consume($ask->queue, $ask->prefetch, $ask->count, $ask->workUs);
            $say(['seconds' => $to - $from]);
            break;
        case 'trips':
            $say(['trips' => $library->trips($ask->seconds, $bench)]);
            break;
        case 'enough':
            // The trips had ended by themselves.
            break;
        case 'close':
            $library->close();
            $library = null;
            $say([]);
            break;
        case 'hold':
            $held = hold($ask->count, $ask->queue);
            $say([]);
            break;
    }
}
