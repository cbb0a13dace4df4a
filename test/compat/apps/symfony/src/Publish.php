<?php

namespace App;

use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;
use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Transport\TransportInterface;

/** The messages 0 … COUNT-1 into the transport. */
final class Publish extends Command
{
    public function __construct(private TransportInterface $transport)
    {
        parent::__construct('compat:publish');
        $this->addArgument('count', InputArgument::REQUIRED);
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        for ($id = 0; $id < (int) $input->getArgument('count'); $id += 1) {
            $this->transport->send(new Envelope(new Append($id)));
        }
        return self::SUCCESS;
    }
}
