<?php

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;

/** Writes down that it started, works for 5 to 20 ms, writes down that it is done. Each 50th is first put off for a second. */
class Append implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;

    private const PUT_OFF_EACH = 50;

    public function __construct(public int $id)
    {
    }

    public function handle(): void
    {
        if ($this->id % self::PUT_OFF_EACH === 0 && $this->attempts() === 1) {
            $this->append('later');
            $this->release(1);
            return;
        }
        $this->append('start');
        usleep(random_int(5_000, 20_000));
        $this->append('done');
    }

    private function append(string $what): void
    {
        $flag = $this->job->getRabbitMQMessage()->isRedelivered() ? 'again' : 'first';
        $pid = getmypid();
        file_put_contents((string) getenv('COMPAT_LOG'), "$what {$this->id} $flag $pid\n", FILE_APPEND);
    }
}
