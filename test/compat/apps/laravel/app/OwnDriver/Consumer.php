<?php

namespace App\OwnDriver;

use Illuminate\Queue\Worker;
use Illuminate\Queue\WorkerOptions;
use PhpAmqpLib\Message\AMQPMessage;

/** Laravel's worker, fed by basic.consume instead of polling; a wait that finds nothing is followed by a sleep. */
class Consumer extends Worker
{
    public int $prefetch = 1000;

    public function daemon($connectionName, $queue, WorkerOptions $options)
    {
        $this->listenForSignals();
        $restart = $this->getTimestampOfLastQueueRestart();
        $start = hrtime(true) / 1e9;
        $jobs = 0;
        $current = null;
        $rabbit = $this->manager->connection($connectionName);
        $channel = $rabbit->channel;
        $channel->basic_qos(0, $this->prefetch, false);
        $take = function (AMQPMessage $message) use ($rabbit, $queue, $connectionName, $options, &$jobs, &$current): void {
            $current = $rabbit->jobOf($message, $queue);
            $jobs += 1;
            $this->registerTimeoutHandler($current, $options);
            $this->runJob($current, $connectionName, $options);
            $this->resetTimeoutHandler();
        };
        $tag = $channel->basic_consume($queue, 'compat-' . getmypid(), false, false, false, false, $take);
        while (true) {
            $current = null;
            $channel->wait(null, true, $options->timeout);
            if ($current === null) {
                $this->sleep($options->sleep);
            }
            $stop = $this->stopIfNecessary($options, $restart, $start, $jobs, $current);
            if ($stop !== null) {
                // The answer is not waited for; what is prefetched goes back when the connection closes.
                $channel->basic_cancel($tag, false, true);
                return $this->stop(is_array($stop) ? $stop[0] : $stop);
            }
        }
    }
}
