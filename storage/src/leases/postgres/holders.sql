SELECT name, holder FROM lease_holders($1::text);
