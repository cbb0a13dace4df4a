<?php

namespace App\OwnDriver;

use Illuminate\Queue\Console\WorkCommand;
use Symfony\Component\Console\Attribute\AsCommand;

#[AsCommand(name: 'rabbitmq:consume')]
class ConsumeCommand extends WorkCommand
{
    protected $signature = 'rabbitmq:consume
        {connection?}
        {--name=default}
        {--queue=}
        {--once}
        {--stop-when-empty}
        {--stop-when-empty-for=0}
        {--delay=0}
        {--backoff=0}
        {--max-jobs=0}
        {--max-time=0}
        {--force}
        {--memory=128}
        {--sleep=3}
        {--rest=0}
        {--timeout=60}
        {--tries=1}
        {--json}
        {--prefetch-count=1000}';

    public function handle()
    {
        $this->worker->prefetch = (int) $this->option('prefetch-count');
        return parent::handle();
    }
}
