-- Which programs may use the schema: `newest` is the protocol that it has, `oldest` the one that it still serves. A change that an
-- older program would not survive raises `oldest`; any other raises `newest` alone, or neither.

create or replace function runbook.protocol() returns table (newest int, oldest int)
language sql immutable as $$ select 1, 1 $$;

grant execute on function runbook.protocol() to public;
