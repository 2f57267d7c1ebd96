-- What the role of this connection needs and lacks. What is not there at all is the migrations' to
-- make.
SELECT 'SELECT on ' || name
FROM unnest($1::text[]) AS name
WHERE to_regclass('public.' || name) IS NOT NULL
    AND NOT has_table_privilege(current_user, 'public.' || name, 'SELECT')
UNION ALL
SELECT 'EXECUTE on ' || proname
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
    AND proname = ANY ($2::text[])
    AND NOT has_function_privilege(current_user, oid, 'EXECUTE')
ORDER BY 1
