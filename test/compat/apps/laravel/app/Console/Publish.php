<?php

namespace App\Console;

use App\Jobs\Append;
use Illuminate\Console\Command;

/** The jobs 0 … COUNT-1, dispatched as an application does. */
class Publish extends Command
{
    protected $signature = 'compat:publish {queue} {count}';

    public function handle(): int
    {
        for ($id = 0; $id < (int) $this->argument('count'); $id += 1) {
            Append::dispatch($id)->onQueue($this->argument('queue'));
        }
        return 0;
    }
}
