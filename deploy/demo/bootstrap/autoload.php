<?php

// Debian's packages stand in for a vendor folder: each installs its autoloader below /usr/share/php, which is in include_path.
foreach (['Illuminate/autoload.php', 'PhpAmqpLib/autoload.php'] as $autoloader) {
    if (stream_resolve_include_path($autoloader) === false) {
        fwrite(STDERR, "This demo needs Debian's php-laravel-framework and php-amqplib; $autoloader was not found.\n");
        exit(1);
    }
    require_once $autoloader;
}

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/../app/' . str_replace('\\', '/', substr($class, 4)) . '.php';
    if (str_starts_with($class, 'App\\') && is_file($file)) {
        require $file;
    }
});
