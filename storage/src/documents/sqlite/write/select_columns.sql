SELECT name FROM pragma_table_xinfo(?1)
