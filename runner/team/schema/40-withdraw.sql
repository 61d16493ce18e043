-- Takes an order back that no runner has taken. It needs no signature: a role that can leave orders can also leave none.

create or replace function runbook.withdraw(p_run text) returns boolean
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  update run set state = 'expired', status = 'withdrawn', ended_at = clock_timestamp()
    where run.run = p_run and state = 'queued' and fleet is null;
  return found;
end $$;

revoke all on function runbook.withdraw(text) from public;
grant execute on function runbook.withdraw(text) to runbook_runner, runbook_hub, runbook_person;
