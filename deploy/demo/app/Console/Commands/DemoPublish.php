<?php

namespace App\Console\Commands;

use App\Demo\Broker;
use App\Demo\DoneLog;
use App\Demo\Signals;
use App\Demo\Tally;
use Illuminate\Console\Command;
use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Exception\AMQPExceptionInterface;
use PhpAmqpLib\Message\AMQPMessage;

/**
 * Keeps the queues of the demo fed and keeps the books: a line a second about what was published and what became of it.
 *
 * `lost` is published − done − waiting. While workers hold messages in flight (which a broker does not tell over AMQP), that
 * difference also holds those, so up to `prefetch` messages for each consumer seen in the last two minutes are taken off (a
 * consumer that was cancelled may still work on what it holds): what remains is lost for certain. The figures are read in the
 * order published, waiting, done, so that a message on its way is counted twice rather than missed. The last line, after the last
 * consumer, is exact.
 */
class DemoPublish extends Command
{
    protected $signature = 'demo:publish
        {--queue=* : a queue to feed; several may be named, each gets its share}
        {--rate=40 : messages a second, over all queues}
        {--backlog=500 : stop publishing while more than so many messages wait}
        {--prefetch=10 : what the workers prefetch at most}';
    protected $description = 'Feed the demo\'s queues and count what becomes of each message';

    private const TICK = 0.05;
    private const REMEMBER_CONSUMERS = 120.0;
    private const FAREWELL = 20.0;
    private Tally $tally;
    private Signals $signals;
    private AMQPChannel $channel;
    /** @var string[] */
    private array $queues;
    /** @var array<int, float> consumers => when so many were last seen */
    private array $consumersSeen = [];
    private int $waiting = 0;
    private int $consumers = 0;
    private int $refused = 0;

    public function handle(): int
    {
        $this->queues = array_values(array_unique(array_filter((array) $this->option('queue'))));
        if ($this->queues === []) {
            $this->error('Name the queues to feed: demo:publish --queue=NAME --queue=NAME');
            return 2;
        }
        $this->signals = new Signals();
        $this->tally = new Tally(bin2hex(random_bytes(4)));
        $broker = Broker::fromEnvironment();
        try {
            $connection = $broker->connect();
            $this->open($connection->channel());
            $this->feed();
            $this->sayFarewell();
            $connection->close();
        } catch (AMQPExceptionInterface $error) {
            $this->error("The broker at {$broker->host}:{$broker->port} is gone: {$error->getMessage()}");
            return 1;
        }
        return 0;
    }

    /** What an earlier run left is not in our books: it is taken away, and said. */
    private function open(AMQPChannel $channel): void
    {
        $this->channel = $channel;
        $channel->confirm_select();
        $channel->set_nack_handler(function (): void {
            $this->refused += 1;
        });
        $left = 0;
        foreach ($this->queues as $queue) {
            Broker::declareQueue($channel, $queue);
            $left += (int) $channel->queue_purge($queue);
        }
        if (is_file(DoneLog::path()) && !@unlink(DoneLog::path())) {
            $this->error('The done log of an earlier run, ' . DoneLog::path() . ', cannot be removed; its lines are skipped.');
        }
        $this->line('publishing to ' . implode(', ', $this->queues) . ($left > 0 ? "; $left messages of an earlier run were removed" : ''));
    }

    private function feed(): void
    {
        $rate = max(0.0, (float) $this->option('rate'));
        $backlog = (int) $this->option('backlog');
        $paid = microtime(true);
        $nextLine = $paid + 1;
        $owed = 0.0;
        while (!$this->signals->stopWithin(self::TICK)) {
            $now = microtime(true);
            // What a pause made us miss is not made up for in one burst.
            $owed = $this->waiting > $backlog ? 0.0 : min($owed + ($now - $paid) * $rate, max(1.0, $rate));
            $paid = $now;
            $this->publish((int) $owed);
            $owed -= (int) $owed;
            if ($now >= $nextLine) {
                $nextLine = max($nextLine + 1, $now);
                $this->look();
                $this->line($this->figures($this->lostAtLeast()));
            }
        }
    }

    private function publish(int $messages): void
    {
        if ($messages === 0) {
            return;
        }
        $this->refused = 0;
        for ($i = 0; $i < $messages; $i += 1) {
            $message = new AMQPMessage('{"event":"couponExpire"}', ['message_id' => $this->tally->nextId($i)]);
            $this->channel->basic_publish($message, '', $this->queues[($this->tally->published + $i) % count($this->queues)]);
        }
        $this->channel->wait_for_pending_acks(10);
        if ($this->refused > 0) {
            throw new \RuntimeException("The broker refused {$this->refused} messages; the books cannot be kept any more.");
        }
        $this->tally->confirmed($messages);
    }

    /** Waiting and consumers first, the done log after them: see above. */
    private function look(): void
    {
        [$this->waiting, $this->consumers] = [0, 0];
        foreach ($this->queues as $queue) {
            [$ready, $consumers] = Broker::declareQueue($this->channel, $queue);
            $this->waiting += $ready;
            $this->consumers += $consumers;
        }
        $this->tally->readDoneLog(DoneLog::path());
        $now = microtime(true);
        $this->consumersSeen[$this->consumers] = $now;
        $this->consumersSeen = array_filter($this->consumersSeen, fn (float $at) => $now - $at < self::REMEMBER_CONSUMERS);
    }

    private function missing(): int
    {
        return $this->tally->published - $this->tally->done - $this->waiting;
    }

    private function lostAtLeast(): int
    {
        $inFlightAtMost = max(array_keys($this->consumersSeen)) * (int) $this->option('prefetch');
        return max(0, $this->missing() - $inFlightAtMost);
    }

    private function figures(int $lost): string
    {
        return sprintf(
            'published %s  done %s  waiting %s  lost %s  twice %s',
            ...array_map('number_format', [$this->tally->published, $this->tally->done, $this->waiting, $lost, $this->tally->twice]),
        );
    }

    /** A cancelled consumer may still finish what it holds: as long as something is missing, we wait for it, to a deadline. */
    private function sayFarewell(): void
    {
        $deadline = microtime(true) + self::FAREWELL;
        $this->look();
        while (($this->consumers > 0 || $this->missing() > 0) && microtime(true) < $deadline) {
            usleep(100_000);
            $this->look();
        }
        $held = $this->consumers > 0 ? "  (not exact: {$this->consumers} consumers are still there)" : '';
        $this->line('final: ' . $this->figures($this->consumers > 0 ? $this->lostAtLeast() : max(0, $this->missing())) . $held);
        foreach ($this->queues as $queue) {
            $this->channel->queue_delete($queue);
        }
    }
}
