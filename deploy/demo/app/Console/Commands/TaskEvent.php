<?php

namespace App\Console\Commands;

use App\Demo\Broker;
use App\Demo\DoneLog;
use App\Demo\NativeLeak;
use App\Demo\Signals;
use Illuminate\Console\Command;
use PhpAmqpLib\Exception\AMQPExceptionInterface;
use PhpAmqpLib\Exception\AMQPTimeoutException;
use PhpAmqpLib\Message\AMQPMessage;

/** A resident consumer like the one of the incident: take a message, do some work, write down its id, acknowledge it. */
class TaskEvent extends Command
{
    protected $signature = 'task:event
        {--queue= : the queue to consume}
        {--prefetch=10 : unacknowledged messages the broker may hand us at once}
        {--work=20 : milliseconds of work for a message, a third of them on the CPU}
        {--leak=0 : native memory leaked, in MB a second}
        {--leak-per-message=0 : native memory leaked, in KB a message}
        {--report=10 : seconds between two lines about ourselves; 0: none}';
    protected $description = 'Consume a queue, slowly, and leak outside PHP\'s heap if asked to';

    private const SLICE = 0.01;
    private const IDLE_WAIT = 0.2;
    private Signals $signals;
    private NativeLeak $leak;
    private int $done = 0;

    public function handle(): int
    {
        $queue = (string) $this->option('queue');
        if ($queue === '') {
            $this->error('Name the queue to consume: task:event --queue=NAME');
            return 2;
        }
        $this->signals = new Signals();
        $this->leak = new NativeLeak(1e6 * (float) $this->option('leak'), 1e3 * (float) $this->option('leak-per-message'));
        $broker = Broker::fromEnvironment();
        try {
            $this->consume($broker, $queue);
        } catch (AMQPExceptionInterface $error) {
            $this->error("The broker at {$broker->host}:{$broker->port} is gone: {$error->getMessage()}");
            return 1;
        }
        $this->line("stopped after {$this->done} messages");
        return 0;
    }

    private function consume(Broker $broker, string $queue): void
    {
        $connection = $broker->connect();
        $channel = $connection->channel();
        Broker::declareQueue($channel, $queue);
        $channel->basic_qos(0, (int) $this->option('prefetch'), false);
        $tag = $channel->basic_consume($queue, '', false, false, false, false, fn (AMQPMessage $message) => $this->process($message));
        $this->line("consuming $queue on {$broker->host}:{$broker->port} as process " . getmypid());
        $every = (float) $this->option('report');
        $nextReport = microtime(true) + $every;
        // One wait() handles one message, so between two of them we look whether to stop.
        while (!$this->signals->stopWithin()) {
            try {
                $channel->wait(null, false, self::IDLE_WAIT);
            } catch (AMQPTimeoutException) {
                // Nothing came: look again.
            }
            $this->leak->keepPace();
            if ($every > 0 && microtime(true) >= $nextReport) {
                $nextReport += $every;
                $this->line("done {$this->done}, memory_get_usage " . memory_get_usage());
            }
        }
        // What was prefetched and not begun goes back to the queue when the channel closes; nothing of it was worked on.
        $channel->basic_cancel($tag);
        $channel->close();
        $connection->close();
    }

    private function process(AMQPMessage $message): void
    {
        $this->work((float) $this->option('work') / 1000);
        // First the proof, then the ack: a death in between shows up as done twice, never as lost.
        DoneLog::append((string) $message->get('message_id'));
        $message->ack();
        $this->done += 1;
        $this->leak->messageDone();
    }

    private function work(float $seconds): void
    {
        $end = microtime(true) + $seconds;
        while (($left = $end - microtime(true)) > 0) {
            $slice = min($left, self::SLICE);
            $busyUntil = microtime(true) + $slice / 3;
            while (microtime(true) < $busyUntil) {
                hash('sha256', 'coupon');
            }
            usleep((int) ($slice * 2 / 3 * 1e6));
            $this->leak->keepPace();
        }
    }
}
