<?php

namespace App;

use Symfony\Component\Messenger\Bridge\Amqp\Transport\AmqpReceivedStamp;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Middleware\MiddlewareInterface;
use Symfony\Component\Messenger\Middleware\StackInterface;
use Symfony\Component\Messenger\Stamp\DelayStamp;
use Symfony\Component\Messenger\Transport\TransportInterface;

/**
 * Writes down that it started, works for 5 to 20 ms, writes down that it is done. Each 50th is first put off for a second. A middleware
 * too, because only those see whether the message was redelivered.
 */
final class AppendHandler implements MiddlewareInterface
{
    private const PUT_OFF_EACH = 50;
    private string $flag = 'first';

    public function __construct(private TransportInterface $transport)
    {
    }

    public function handle(Envelope $envelope, StackInterface $stack): Envelope
    {
        $received = $envelope->last(AmqpReceivedStamp::class);
        $this->flag = $received?->getAmqpEnvelope()->isRedelivery() ? 'again' : 'first';
        return $stack->next()->handle($envelope, $stack);
    }

    public function work(Append $message): void
    {
        if ($message->id % self::PUT_OFF_EACH === 0 && !$message->wasPutOff) {
            $this->append('later', $message);
            $this->transport->send(new Envelope(new Append($message->id, true), [new DelayStamp(1000)]));
            return;
        }
        $this->append('start', $message);
        usleep(random_int(5_000, 20_000));
        $this->append('done', $message);
    }

    private function append(string $what, Append $message): void
    {
        $pid = getmypid();
        file_put_contents((string) getenv('COMPAT_LOG'), "$what {$message->id} {$this->flag} $pid\n", FILE_APPEND);
    }
}
