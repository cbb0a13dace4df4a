/** The extensions that PHP's own sources hold, as of 7.4 to 8.4. Where their versions can be asked for, an equal version tells it better. */

const BUNDLED: ReadonlySet<string> = new Set(
  [
    'bcmath bz2 calendar core ctype curl date dba dom enchant exif ffi fileinfo filter ftp gd gettext gmp hash iconv intl json ldap libxml',
    'mbstring mysqli mysqlnd odbc opcache openssl pcntl pcre pdo pdo_dblib pdo_firebird pdo_mysql pdo_odbc pdo_pgsql pdo_sqlite pgsql phar posix',
    'random readline reflection session shmop simplexml snmp soap sockets sodium spl sqlite3 standard sysvmsg sysvsem sysvshm tidy tokenizer',
    'xml xmlreader xmlwriter xsl zip zlib',
  ].flatMap((names) => names.split(' ')),
);

/** @param name in small letters */
export const isBundled = (name: string): boolean => BUNDLED.has(name);
