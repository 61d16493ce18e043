-- Removal of runs past their retention. The row of a run stays: its id is never used again, and its head says which archive is
-- the run.

alter table runbook.run add column if not exists removed_at timestamptz;
alter table runbook.run add column if not exists removed_by text;

create or replace function runbook.keep_removed() returns trigger language plpgsql as $$
begin
  raise exception 'the run % was removed from the database', old.run using errcode = 'RB004';
end $$;
create or replace trigger keep_removed before update or delete on runbook.run
  for each row when (old.removed_at is not null) execute function runbook.keep_removed();

-- Removes the lines, files and answers of a run that the caller has verified and archived: it names their count and head.
create or replace function runbook.remove_run(p_run text, p_size int, p_head text) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare
  r runbook.run;
  digests text[];
begin
  select * into r from run where run.run = p_run for update;
  if not found or r.state <> 'ended' or r.ended_at is null then
    raise exception 'the run % has not ended', p_run using errcode = 'RB004';
  end if;
  if r.ended_at > clock_timestamp() - interval '90 days' then
    raise exception 'the run % ended less than 90 days ago', p_run using errcode = 'RB004';
  end if;
  if r.size <> p_size or r.head <> p_head then
    raise exception 'the archive of % is not what is stored', p_run using errcode = 'RB002';
  end if;
  if exists (select from run c where c.run = r.parent and c.state <> 'ended') then
    raise exception 'the run that includes % has not ended', p_run using errcode = 'RB004';
  end if;
  select coalesce(array_agg(distinct f.sha256), '{}') into digests from file f where f.run = p_run;
  delete from event where event.run = p_run;
  delete from answer where answer.run = p_run;
  delete from file where file.run = p_run;
  delete from blob b where b.sha256 = any (digests) and not exists (select from file f where f.sha256 = b.sha256);
  update run set removed_at = clock_timestamp(), removed_by = session_user where run.run = p_run;
end $$;

do $$
begin
  create role runbook_keeper nologin;
exception when duplicate_object then null;
end $$;

revoke all on function runbook.remove_run(text, int, text), runbook.keep_removed() from public;
grant usage on schema runbook to runbook_keeper;
grant select on runbook.runner, runbook.run, runbook.event, runbook.file, runbook.blob, runbook.answer, runbook.takeover,
  runbook.schedule to runbook_keeper;
grant execute on function runbook.remove_run(text, int, text) to runbook_keeper;
