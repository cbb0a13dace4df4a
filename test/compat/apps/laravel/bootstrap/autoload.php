<?php

require __DIR__ . '/../vendor/autoload.php';
// Where Packagist has no php-amqplib, Debian's stands in (below /usr/share/php, which is in include_path).
if (!class_exists(PhpAmqpLib\Connection\AMQPStreamConnection::class)) {
    require 'PhpAmqpLib/autoload.php';
}
