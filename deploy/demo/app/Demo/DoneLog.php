<?php

namespace App\Demo;

/** The ids of finished messages, one a line, appended by every worker and read by the publisher. */
final class DoneLog
{
    /** Opened anew for each line, so that the publisher may begin a new file at any time. O_APPEND and one write: lines never mix. */
    public static function append(string $id): void
    {
        $line = "$id\n";
        $path = self::path();
        $file = fopen($path, 'ab');
        if ($file === false || fwrite($file, $line) !== strlen($line) || !fclose($file)) {
            throw new \RuntimeException("The done log $path cannot be written.");
        }
    }

    public static function path(): string
    {
        return storage_path('done.log');
    }
}
