import { expect, it } from 'vitest';
import { elsewhereOf } from '../../../../src/cli/redirect/elsewhere.ts';

const words = (command: string): string[] =>
  command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];

it.each([
  ['docker exec app php artisan queue:work', 'docker', 'network'],
  ['/usr/bin/docker -H tcp://h:1 run --rm --network host app php artisan', 'docker', 'network'],
  ['docker compose exec -T app php artisan', 'docker', 'network'],
  ['podman run app', 'podman', 'network'],
  ['kubectl -n shop exec deploy/app -- php artisan', 'kubectl', 'network'],
  ['ip netns exec blue php artisan', 'ip', 'network'],
  ['nsenter -t 1 -n php artisan', 'nsenter', 'network'],
  ['nsenter --target 1 --net=/run/netns/x php artisan', 'nsenter', 'network'],
  ['unshare -rn php artisan', 'unshare', 'network'],
  ['ssh host php artisan', 'ssh', 'host'],
  ['sudo -u www-data php artisan', 'sudo', 'user'],
  ['nice -n 10 env A=b sudo php artisan', 'sudo', 'user'],
  ['timeout 30s docker exec app php artisan', 'docker', 'network'],
  ["sh -c 'cd /srv && exec docker run app'", 'docker', 'network'],
  ["bash -lc 'sudo -E php artisan'", 'sudo', 'user'],
])('%s', (command, word, to) => expect(elsewhereOf(words(command))).toEqual({ word, to }));

it.each([
  'php artisan queue:work',
  'php artisan docker exec',
  'php8.2 artisan ssh:listen',
  'nice -n 10 php artisan sudo',
  'env QUEUE=docker php artisan',
  'docker ps',
  'docker pull php exec',
  'nsenter -t 1 -m php artisan',
  'ip addr',
  './run-docker exec',
  'bin/console messenger:consume ssh',
  "sh -c 'php artisan docker exec'",
  "sh -c 'echo ssh; php artisan'",
  'sh script.sh',
  'sh -c',
  'nice',
])('%s stays here', (command) => expect(elsewhereOf(words(command))).toBeNull());
