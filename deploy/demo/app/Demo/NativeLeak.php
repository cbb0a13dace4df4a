<?php

namespace App\Demo;

/**
 * A leak as a faulty extension makes it: malloc outside PHP's own heap, touched and never freed. memory_get_usage() sees
 * nothing of it. In small pieces, so that the C library takes them from the heap as an extension's would be.
 */
final class NativeLeak
{
    private const PIECE = 65_536;
    private \FFI $libc;
    private float $began;
    private int $leaked = 0;
    private float $owedByMessages = 0.0;

    /** @param float $perSecond bytes a second @param float $perMessage bytes a message */
    public function __construct(private float $perSecond, private float $perMessage)
    {
        $this->libc = \FFI::cdef('void *malloc(size_t size); void *memset(void *area, int byte, size_t size);', 'libc.so.6');
        $this->began = microtime(true);
    }

    public function messageDone(): void
    {
        $this->owedByMessages += $this->perMessage;
        $this->keepPace();
    }

    /** Leak what the rate asks for by now: what a late call missed is made up for, so the stated rate is met. */
    public function keepPace(): void
    {
        $owed = (microtime(true) - $this->began) * $this->perSecond + $this->owedByMessages;
        while ($owed - $this->leaked >= self::PIECE) {
            $area = $this->libc->malloc(self::PIECE);
            if (\FFI::isNull($area)) {
                throw new \RuntimeException('malloc found no memory left.');
            }
            $this->libc->memset($area, 0x55, self::PIECE);
            $this->leaked += self::PIECE;
        }
    }
}
