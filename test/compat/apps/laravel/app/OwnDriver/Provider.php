<?php

namespace App\OwnDriver;

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Support\ServiceProvider;

/**
 * A queue connection of ours, for where laravel-queue-rabbitmq is not to be had: on the wire it does what that driver does (basic.get
 * for queue:work, basic.consume for rabbitmq:consume, ack after the job, delayed queues, close on stop), so that Laravel's own
 * worker loop can be tested through the gate. It does not replace the test of the driver.
 */
class Provider extends ServiceProvider
{
    public function register(): void
    {
        $this->app->singleton('compat.consumer', static fn ($app) => new Consumer(
            $app['queue'],
            $app['events'],
            $app[ExceptionHandler::class],
            static fn () => $app->isDownForMaintenance(),
        ));
        $this->app->singleton(ConsumeCommand::class, static fn ($app) => new ConsumeCommand($app['compat.consumer'], $app['cache.store']));
    }

    public function boot(): void
    {
        $this->app['queue']->addConnector('rabbitmq', fn () => new Connector($this->app['events']));
        $this->commands([ConsumeCommand::class]);
    }
}
