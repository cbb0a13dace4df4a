<?php
/** What every worker does with every message, and by which chances the kinds are drawn. */
declare(strict_types=1);

function between(float $low, float $high): float
{
    return $low + ($high - $low) * mt_rand() / mt_getrandmax();
}

/** Equal weight for each order of magnitude. */
function logBetween(float $low, float $high): float
{
    return exp(between(log($low), log($high)));
}

/** Decode, work, encode. */
function handle(int $id): string
{
    $order = json_decode('{"id":' . $id . ',"lines":[' . str_repeat('{"sku":"a-1","n":2},', 8) . '{}],"user":{"name":"x"}}', true);
    $order['lines'] = array_map(static fn (array $line): array => $line + ['price' => 2 * ($line['n'] ?? 1)], $order['lines']);
    return json_encode($order);
}
