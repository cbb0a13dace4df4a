<?php

namespace App;

final class Append
{
    public function __construct(public int $id, public bool $wasPutOff = false)
    {
    }
}
