<?php

if (is_file(__DIR__ . '/vendor/autoload.php')) {
    require __DIR__ . '/vendor/autoload.php';
    return;
}
// Debian's packages: each installs its autoloader below /usr/share/php, which is in include_path.
foreach (['Messenger/Bridge/Amqp', 'Messenger', 'Console', 'EventDispatcher'] as $component) {
    require_once "Symfony/Component/$component/autoload.php";
}
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'App\\')) {
        require __DIR__ . '/src/' . substr($class, 4) . '.php';
    }
});
