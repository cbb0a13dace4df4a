<?php

namespace App;

use Psr\Container\ContainerInterface;

/** Transports by name; also stands in for the list of buses, which has none. */
final class Receivers implements ContainerInterface
{
    /** @param array<string, object> $byName */
    public function __construct(private array $byName)
    {
    }

    public function get(string $id): object
    {
        return $this->byName[$id];
    }

    public function has(string $id): bool
    {
        return isset($this->byName[$id]);
    }
}
