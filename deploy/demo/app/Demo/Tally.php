<?php

namespace App\Demo;

/**
 * What became of the messages of one run of the publisher: ids are `RUN-NUMBER`, numbers count from 0, and the done log says how
 * often each was done. One byte a message, so days of a demo fit.
 */
final class Tally
{
    public int $published = 0;
    public int $done = 0;
    public int $twice = 0;
    private string $times = '';
    private string $rest = '';
    private int $offset = 0;

    public function __construct(public readonly string $run)
    {
    }

    public function nextId(int $ahead): string
    {
        return $this->run . '-' . ($this->published + $ahead);
    }

    public function confirmed(int $messages): void
    {
        $this->published += $messages;
        $this->times .= str_repeat("\0", $messages);
    }

    /** Read what the workers appended since the last call; a line that is not whole yet waits for its end. */
    public function readDoneLog(string $path): void
    {
        $file = @fopen($path, 'rb');
        if ($file === false) {
            return; // No message was done yet.
        }
        fseek($file, $this->offset);
        $text = (string) stream_get_contents($file);
        fclose($file);
        $this->offset += strlen($text);
        $lines = explode("\n", $this->rest . $text);
        $this->rest = (string) array_pop($lines);
        foreach ($lines as $line) {
            $this->count($line);
        }
    }

    private function count(string $line): void
    {
        [$run, $number] = array_pad(explode('-', $line, 2), 2, '');
        // Of an earlier run, or not confirmed to us: not ours to count.
        if ($run !== $this->run || !ctype_digit($number) || (int) $number >= $this->published) {
            return;
        }
        $times = ord($this->times[(int) $number]);
        $this->done += $times === 0 ? 1 : 0;
        $this->twice += $times === 1 ? 1 : 0;
        $this->times[(int) $number] = chr(min($times + 1, 255));
    }
}
