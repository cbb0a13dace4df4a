<?php
/** Leaking kinds: `bytes` is what a message leaves behind, in the mean. */
declare(strict_types=1);

const LEAKS = [
    'static' => 'staticLeak',
    'bursts' => 'bursts',
    'listeners' => 'listeners',
    'identityMap' => 'identityMap',
    'uncollected' => 'uncollected',
    'late' => 'late',
    'idle' => 'idleLeak',
    'twoSlopes' => 'twoSlopes',
    'nativeMalloc' => 'nativeMalloc',
    'nativeDocuments' => 'nativeDocuments',
    'helper' => 'helper',
];

final class Listener
{
    /** @var list<Closure> */
    public static array $all = [];
}

function staticLeak(int $bytes): Closure
{
    return static function (int $messages) use ($bytes): void {
        static $kept = [];
        for ($message = 0; $message < $messages; $message++) {
            $kept[] = str_repeat('s', (int) ($bytes * between(0.5, 1.5)));
        }
    };
}

/** One message in many leaves a lot. */
function bursts(int $bytes): Closure
{
    $chance = logBetween(0.003, 0.1);
    $kept = [];
    return static function (int $messages) use (&$kept, $bytes, $chance): void {
        for ($message = 0; $message < $messages; $message++) {
            if (between(0, 1) < $chance) {
                $kept[] = str_repeat('u', (int) ($bytes / $chance * between(0.3, 1.7)));
            }
        }
    };
}

/** An event dispatcher that lives as long as the worker, with one more closure a message. */
function listeners(int $bytes): Closure
{
    return static function (int $messages) use ($bytes): void {
        for ($message = 0; $message < $messages; $message++) {
            $order = ['id' => $message, 'body' => str_repeat('l', $bytes)];
            Listener::$all[] = static fn (): int => count($order);
        }
    };
}

function identityMap(int $bytes): Closure
{
    $map = [];
    return static function (int $messages) use (&$map, $bytes): void {
        for ($message = 0; $message < $messages; $message++) {
            $map[bin2hex(random_bytes(8))] = rows($bytes);
        }
    };
}

/** The garbage collector is off, as some long-running scripts have it. */
function uncollected(int $bytes): Closure
{
    gc_disable();
    return static function (int $messages) use ($bytes): void {
        for ($message = 0; $message < $messages; $message++) {
            $node = new Node();
            $node->other = $node;
            $node->payload = str_repeat('g', $bytes);
        }
    };
}

function late(int $bytes): Closure
{
    $leak = staticLeak($bytes);
    $from = mt_rand(20, 300);
    return static function (int $messages) use ($leak, &$from): void {
        if (--$from < 0) {
            $leak($messages);
        }
    };
}

/** A timer leaks, whether messages come or not. */
function idleLeak(int $bytes): Closure
{
    $leak = staticLeak($bytes * 10);
    return static function (int $messages) use ($leak): void {
        $leak(1);
    };
}

/** Slow at first; what a deploy or a new kind of message changes is the pace. */
function twoSlopes(int $bytes): Closure
{
    [$slow, $fast] = [staticLeak((int) ($bytes / 4)), staticLeak($bytes)];
    $from = mt_rand(50, 400);
    return static function (int $messages) use ($slow, $fast, &$from): void {
        --$from < 0 ? $fast($messages) : $slow($messages);
    };
}

/** What an extension does that forgets to free. */
function nativeMalloc(int $bytes): Closure
{
    $libc = FFI::cdef('void *malloc(size_t size); void *memset(void *at, int value, size_t size);', 'libc.so.6');
    return static function (int $messages) use ($libc, $bytes): void {
        for ($message = 0; $message < $messages; $message++) {
            $libc->memset($libc->malloc($bytes), 1, $bytes);
        }
    };
}

function nativeDocuments(int $bytes): Closure
{
    $kept = [];
    return static function (int $messages) use (&$kept, $bytes): void {
        for ($message = 0; $message < $messages; $message++) {
            $document = new DOMDocument();
            $document->loadXML('<a>' . str_repeat('<b c="d">text</b>', max(1, intdiv($bytes, 400))) . '</a>');
            $kept[] = $document;
        }
    };
}

/** The worker is flat; a process that it keeps is not. */
function helper(int $bytes, string $folder): Closure
{
    $command = [PHP_BINARY, __DIR__ . '/worker.php', 'static', (string) mt_rand(), (string) $bytes, $folder];
    $process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
    $pid = proc_get_status($process)['pid'];
    return static function (int $messages) use ($process, $pipes, $pid): array {
        fwrite($pipes[0], "{$messages}\n");
        fgets($pipes[1]);
        return [$pid];
    };
}
