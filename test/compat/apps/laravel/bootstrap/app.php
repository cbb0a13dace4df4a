<?php

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;

// laravel-queue-rabbitmq is discovered by Laravel itself; without it the stand-in of app/OwnDriver takes its place.
$hasDriver = class_exists(VladimirYuldashev\LaravelQueueRabbitMQ\LaravelQueueRabbitMQServiceProvider::class);

return Application::configure(basePath: dirname(__DIR__))
    ->withProviders($hasDriver ? [] : [App\OwnDriver\Provider::class], withBootstrapProviders: false)
    ->withCommands([App\Console\Publish::class])
    ->withExceptions(static function (Exceptions $exceptions): void {
    })
    ->create();
