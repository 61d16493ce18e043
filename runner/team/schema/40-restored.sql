-- Whether the database was restored from a backup. A runner keeps the mark of its last sign of life; one that is above the
-- stored mark is of a newer database than this. Then runners take nothing until a person has looked.

alter table runbook.runner add column if not exists mark bigint not null default 0;

create table if not exists runbook.restored (
  no bigint generated always as identity primary key,
  -- The runner that noticed.
  runner text not null,
  at timestamptz not null default clock_timestamp(),
  -- Who let the runners go on, and why; null while nobody has.
  by_role text,
  reason text,
  accepted_at timestamptz
);

-- Says that the process of a runner lives, and gives it its next mark. Null: the database is older than the runner's mark, or
-- another runner has noticed that, and no person has let them go on; or it is older and does not name this process, which begins
-- again.
create or replace function runbook.see_runner(p_incarnation uuid, p_mark bigint) returns bigint
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare
  kept bigint;
  accepted bigint;
begin
  select mark into kept from runner where name = me() for update;
  -- Marks are times, so a person's word covers each mark from before it.
  select (extract(epoch from max(accepted_at)) * 1000)::bigint into accepted from restored;
  if p_mark > greatest(kept, accepted, 0) and not exists (select from restored where accepted_at is null) then
    insert into restored (runner) values (me());
    perform pg_notify('runbook', 'order');
  end if;
  if exists (select from restored where accepted_at is null) then return null; end if;
  if p_mark > coalesce(kept, 0) and not exists (
      select from runner where name = me() and incarnation = p_incarnation) then
    return null;
  end if;
  perform see_runner(p_incarnation);
  update runner set mark = greatest(kept + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
    where name = me() returning mark into kept;
  return kept;
end $$;

-- Lets the runners go on. False when there is nothing to accept.
create or replace function runbook.accept_restore(p_reason text) returns boolean
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  update restored set by_role = session_user, reason = left(p_reason, 1000), accepted_at = clock_timestamp()
    where accepted_at is null;
  if not found then return false; end if;
  perform pg_notify('runbook', 'order');
  return true;
end $$;

revoke all on runbook.restored from public;
revoke all on function runbook.see_runner(uuid, bigint), runbook.accept_restore(text) from public;
grant select on runbook.restored to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function runbook.see_runner(uuid, bigint) to runbook_runner;
grant execute on function runbook.accept_restore(text) to runbook_person;
