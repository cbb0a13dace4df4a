<?php
/** Healthy kinds: each makes the closure that handles a number of messages; it may return the pids of its children. */
declare(strict_types=1);

final class Node
{
    public ?Node $other = null;
    public string $payload = '';
}

/** `count` entries of some size, as an array of arrays: what rows of a database look like. */
function rows(int $bytes): array
{
    $rows = [];
    for ($left = $bytes; $left > 0; $left -= 600) {
        $rows[] = ['id' => mt_rand(), 'name' => str_repeat('x', mt_rand(20, 60)), 'price' => 1.5];
    }
    return $rows;
}

const HEALTHY = [
    'steady' => 'steady',
    'heavyTail' => 'heavyTail',
    'cycles' => 'cycles',
    'batches' => 'batches',
    'spikes' => 'spikes',
    'fork' => 'forking',
    'documents' => 'documents',
    'bigThenSmall' => 'bigThenSmall',
    'inFlight' => 'inFlight',
    'warmUp' => 'warmUp',
    'cache' => 'cache',
    'classes' => 'classes',
    'steps' => 'steps',
    'fragments' => 'fragments',
];

function steady(): Closure
{
    return static function (int $messages): void {
    };
}

function heavyTail(): Closure
{
    $scale = logBetween(2e4, 3e5);
    return static function (int $messages) use ($scale): void {
        for ($message = 0; $message < $messages; $message++) {
            $rows = rows((int) min(4e7, $scale * between(0.001, 1) ** -0.6));
        }
    };
}

/** References in a circle are freed by the garbage collector, once there are some thousands of them. */
function cycles(): Closure
{
    $size = (int) logBetween(200, 6000);
    $each = mt_rand(1, 12);
    return static function (int $messages) use ($size, $each): void {
        for ($pair = 0; $pair < $messages * $each; $pair++) {
            $a = new Node();
            $b = new Node();
            $a->other = $b;
            $b->other = $a;
            $a->payload = str_repeat('c', $size);
        }
    };
}

/** Collected until there are enough, then written at once. */
function batches(): Closure
{
    $limit = mt_rand(50, 400);
    $size = (int) logBetween(5e3, 1e5);
    $held = [];
    return static function (int $messages) use (&$held, $limit, $size): void {
        for ($message = 0; $message < $messages; $message++) {
            $held[] = str_repeat('b', $size);
            if (count($held) >= $limit) {
                $held = [];
            }
        }
    };
}

/** A rare export takes a lot for one sample or a few. */
function spikes(): Closure
{
    $chance = logBetween(0.003, 0.03);
    $size = logBetween(5e6, 8e7);
    $left = 0;
    $held = [];
    return static function (int $messages) use ($chance, $size, &$held, &$left): void {
        if (--$left <= 0) {
            $held = [];
        }
        if ($left < -3 && between(0, 1) < $chance) {
            $held = rows((int) ($size * between(0.3, 1)));
            $left = mt_rand(1, 4);
        }
    };
}

/** A child works on a copy of the parent's memory, and the more it writes the more of it is its own. */
function forking(): Closure
{
    $table = rows((int) logBetween(2e6, 2e7));
    $chance = between(0.03, 0.2);
    $child = null;
    $line = null;
    $left = 0;
    return static function (int $messages) use (&$table, $chance, &$child, &$line, &$left): array {
        if ($child !== null && --$left <= 0) {
            posix_kill($child, SIGKILL);
            pcntl_waitpid($child, $status);
            $child = null;
        }
        if ($child === null && $messages > 0 && between(0, 1) < $chance) {
            $left = mt_rand(1, 30);
            [$mine, $theirs] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
            $child = pcntl_fork();
            if ($child === 0) {
                fclose($mine);
                foreach ($table as $index => $row) {
                    $table[$index]['price'] = 2.5;
                }
                fwrite($theirs, "\n");
                // Until the parent ends, if it has not ended this one before.
                fgets($theirs);
                exit;
            }
            fclose($theirs);
            fgets($mine);
            $line = $mine;
        }
        return $child === null ? [] : [$child];
    };
}

/** libxml takes its memory from malloc, not from PHP's own heap. */
function documents(): Closure
{
    $most = (int) logBetween(50, 3000);
    return static function (int $messages) use ($most): void {
        for ($message = 0; $message < min(5, $messages); $message++) {
            $document = new DOMDocument();
            $document->loadXML('<a>' . str_repeat('<b c="d">text</b>', mt_rand(1, $most)) . '</a>');
        }
    };
}

function bigThenSmall(): Closure
{
    $big = (int) logBetween(4e6, 6e7);
    $samples = (int) logBetween(5, 200);
    return static function (int $messages) use ($big, &$samples): void {
        $rows = rows($samples-- > 0 ? (int) ($big * between(0.5, 1)) : 20_000);
    };
}

/** What a sample's messages hold is let go by the next: memory follows the load. */
function inFlight(): Closure
{
    $size = (int) logBetween(1e4, 2e5);
    $held = [];
    return static function (int $messages) use (&$held, $size): void {
        $held = [];
        for ($message = 0; $message < $messages; $message++) {
            $held[] = rows($size);
        }
    };
}

/** Singletons and tables, each made when it is first needed. */
function warmUp(): Closure
{
    $keys = mt_rand(20, 800);
    $size = (int) (logBetween(4e6, 8e7) / $keys);
    $made = [];
    return static function (int $messages) use (&$made, $keys, $size): void {
        for ($message = 0; $message < $messages; $message++) {
            $made[mt_rand(1, $keys)] ??= rows($size);
        }
    };
}

/** The least recently used goes when the cache is full. */
function cache(): Closure
{
    $most = mt_rand(200, 5000);
    $size = (int) (logBetween(4e6, 7e7) / $most);
    $cache = [];
    $next = 0;
    return static function (int $messages) use (&$cache, &$next, $most, $size): void {
        for ($message = 0; $message < $messages; $message++) {
            $cache[$next++] = str_repeat('k', (int) ($size * between(0.5, 1.5)));
            if (count($cache) > $most) {
                unset($cache[array_key_first($cache)]);
            }
        }
    };
}

/** Classes are loaded when they are first used: many at first, few later. */
function classes(int $bytes, string $folder): Closure
{
    $count = mt_rand(100, 900);
    return static function (int $messages) use ($count, $folder): void {
        for ($message = 0; $message < $messages; $message++) {
            $class = 'Recorded' . (int) ($count * between(0, 1) ** 3);
            if (class_exists($class, false)) {
                continue;
            }
            $methods = '';
            for ($method = 0; $method < 40; $method++) {
                $methods .= "public function m{$method}(array \$a): array { return array_map(fn (\$x) => \$x + {$method}, array_filter(\$a)); }\n";
            }
            file_put_contents("{$folder}/{$class}.php", "<?php class {$class} { {$methods} }");
            require "{$folder}/{$class}.php";
        }
    };
}

/** A table is read anew now and then, and is larger each time; a handful of times in all. */
function steps(): Closure
{
    $left = mt_rand(1, 4);
    $chance = logBetween(0.002, 0.05);
    $table = rows((int) logBetween(1e6, 1e7));
    return static function (int $messages) use (&$left, &$table, $chance): void {
        if ($left > 0 && between(0, 1) < $chance) {
            $left--;
            array_push($table, ...rows((int) logBetween(2e6, 2e7)));
        }
    };
}

/** Small things that live long lie between large ones that do not: chunks stay half empty. */
function fragments(): Closure
{
    $kept = [];
    $most = mt_rand(500, 4000);
    return static function (int $messages) use (&$kept, $most): void {
        for ($message = 0; $message < $messages; $message++) {
            $large = rows((int) logBetween(2e4, 1e6));
            $kept[mt_rand(1, $most)] = str_repeat('f', mt_rand(100, 3000));
        }
    };
}
