<?php

return [
    'name' => 'ackwarden demo',
    'env' => getenv('APP_ENV') ?: 'production',
    'debug' => false,
    'url' => 'http://localhost',
    'timezone' => 'UTC',
    'locale' => 'en',
    // Console commands that speak AMQP need none of the others; every provider costs start-up time.
    'providers' => [Illuminate\Filesystem\FilesystemServiceProvider::class],
    'aliases' => [],
];
