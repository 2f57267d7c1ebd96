-- A person's key lives 30 days, a process's for ever.
CREATE INDEX commands_of_persons ON commands (recorded_at) WHERE substr(principal, 1, 4) = 'per_';
