-- Schedules: since when each text of a schedule counts. Their moments are orders, whose ids say which moments were ordered.

create table if not exists runbook.schedule (
  name text not null,
  -- SHA-256 of the canonical text of the schedule.
  sha256 text not null,
  since timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  primary key (name, sha256)
);

-- Since when a schedule counts, and the time of the database. A text that is new counts from this moment, and so does one
-- that comes back after another was in its place: moments of the time between were never its own. Two processes with
-- two texts, while a change is brought out, leave each other alone.
create or replace function runbook.see_schedule(p_name text, p_sha256 text)
returns table (since timestamptz, now timestamptz)
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  insert into schedule as s (name, sha256) values (p_name, p_sha256)
    on conflict (name, sha256) do update set
      since = case when s.seen_at < clock_timestamp() - interval '60 seconds'
          and exists (select from schedule o where o.name = p_name and o.sha256 <> p_sha256 and o.seen_at > s.seen_at)
        then clock_timestamp() else s.since end,
      seen_at = clock_timestamp();
  return query select s.since, clock_timestamp() from schedule s where s.name = p_name and s.sha256 = p_sha256;
end $$;

revoke all on runbook.schedule from public;
revoke all on function runbook.see_schedule(text, text) from public;
grant select on runbook.schedule to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function runbook.see_schedule(text, text) to runbook_hub, runbook_person;
