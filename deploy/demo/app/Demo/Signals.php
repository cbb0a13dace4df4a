<?php

namespace App\Demo;

/**
 * SIGTERM and SIGINT, asked for instead of delivered. They stay blocked, so that none ever interrupts a read or write of the
 * AMQP connection in the middle of a frame, which php-amqplib does not survive unharmed.
 */
final class Signals
{
    private const STOP = [SIGTERM, SIGINT];
    private bool $stopping = false;

    public function __construct()
    {
        pcntl_sigprocmask(SIG_BLOCK, self::STOP);
    }

    /** Whether we were told to stop, by now or within so many seconds; then it returns at once. */
    public function stopWithin(float $seconds = 0.0): bool
    {
        if (!$this->stopping) {
            $whole = (int) $seconds;
            $info = [];
            $this->stopping = @pcntl_sigtimedwait(self::STOP, $info, $whole, (int) (($seconds - $whole) * 1e9)) > 0;
        }
        return $this->stopping;
    }
}
