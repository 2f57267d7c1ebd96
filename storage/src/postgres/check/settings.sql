SELECT current_setting('synchronous_commit') IN ('off', 'local'),
    current_setting('fsync') = 'off',
    current_setting('full_page_writes') = 'off',
    pg_is_in_recovery(),
    current_setting('server_encoding') <> 'UTF8',
    current_setting('default_transaction_isolation') <> 'read committed',
    current_setting('server_version_num')::integer
