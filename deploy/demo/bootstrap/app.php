<?php

require __DIR__ . '/autoload.php';

// Everything the application writes goes here, so that the checkout may belong to somebody else and be read-only.
$storage = getenv('DEMO_STORAGE') ?: sys_get_temp_dir() . '/ackwarden-demo-' . posix_geteuid();
// umask is not ours to trust: the folder may be shared with another user of the group, never with everybody.
if (!is_dir($storage) && !@mkdir($storage, 0770, true) && !is_dir($storage)) {
    fwrite(STDERR, "The demo cannot create its folder $storage. Set DEMO_STORAGE to one that user " . posix_geteuid() . " may write.\n");
    exit(1);
}
$storage = realpath($storage);
// Laravel would write its caches into bootstrap/cache, beside the code.
foreach (['SERVICES', 'PACKAGES', 'CONFIG', 'ROUTES', 'EVENTS'] as $cache) {
    $_ENV["APP_{$cache}_CACHE"] = $_SERVER["APP_{$cache}_CACHE"] = $storage . '/' . strtolower($cache) . '-' . posix_geteuid() . '.php';
}

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->useStoragePath($storage);
$app->singleton(Illuminate\Contracts\Console\Kernel::class, App\Console\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);

return $app;
