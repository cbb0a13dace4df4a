<?php
/** What holds memory outside PHP's own heap, or a resource: kept, it leaks; closed, it does not. */
declare(strict_types=1);

const HANDLES = [
    'requests' => 'requests',
    'extension' => 'extension',
    'curl' => 'curlHandles',
    'streams' => 'streams',
];

/** About what libcurl keeps of a handle that has transferred a file. */
const CURL_BYTES = 18_000;

function fetchFile(): CurlHandle
{
    $curl = curl_init('file://' . __FILE__);
    curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ['Accept: application/json']]);
    curl_exec($curl);
    return $curl;
}

/** A response as HTTP clients hand it on: a stream that holds its body. */
function responseBody(int $bytes): mixed
{
    $body = fopen('php://temp', 'r+');
    fwrite($body, str_repeat('r', $bytes));
    rewind($body);
    return $body;
}

/** As it should be: what a message asks for is closed with it. */
function requests(): Closure
{
    $most = (int) logBetween(2e3, 5e5);
    return static function (int $messages) use ($most): void {
        for ($message = 0; $message < min(10, $messages); $message++) {
            $curl = fetchFile();
            $body = responseBody((int) ($most * between(0.1, 1)));
            fclose($body);
            curl_close($curl);
        }
    };
}

/** An agent that remembers each call of PHP's own functions (test/fixtures/leaky-extension): the message itself is enough. */
function extension(): Closure
{
    return static function (int $messages): void {
    };
}

/** A client that keeps its handles in a pool from which nothing is ever taken. */
function curlHandles(int $bytes): Closure
{
    $owed = 0;
    return static function (int $messages) use ($bytes, &$owed): void {
        static $pool = [];
        for ($owed += $messages * $bytes; $owed >= CURL_BYTES; $owed -= CURL_BYTES) {
            $pool[] = fetchFile();
        }
    };
}

/** Responses that somebody keeps for later. */
function streams(int $bytes): Closure
{
    return static function (int $messages) use ($bytes): void {
        static $kept = [];
        for ($message = 0; $message < $messages; $message++) {
            $kept[] = responseBody((int) ($bytes * between(0.5, 1.5)));
        }
    };
}
