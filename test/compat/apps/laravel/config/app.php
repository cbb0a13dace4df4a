<?php

// Any key of 32 bytes: nothing here is encrypted.
return ['name' => 'compat', 'env' => 'production', 'debug' => false, 'key' => str_repeat('k', 32)];
