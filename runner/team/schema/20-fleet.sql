-- Orders over many targets. The list is signed once, and each target is a row of `runbook.run` from the beginning. Which of them
-- may start is derived from the rows, in the same transaction in which a runner claims one: there is no process that opens
-- waves, so none can be lost. The rule is that of runner/team/fleet/standing.ts, which each runner asks again with signatures.

create table if not exists runbook.fleet (
  fleet text primary key check (fleet ~ '^fleet-[0-9A-Za-z._-]{1,128}$'),
  slug text not null,
  -- Failures at which nothing new starts, most runs at once (0: any), time between two waves, whether a person opens each.
  budget int not null check (budget > 0),
  parallel int not null,
  pause_ms int not null,
  approved boolean not null,
  statement text not null,
  signature text not null,
  ordered_at timestamptz not null default clock_timestamp()
);
alter table runbook.run add column if not exists fleet text references runbook.fleet;
alter table runbook.run add column if not exists wave int not null default 0;
create index if not exists run_fleet on runbook.run (fleet, wave) where fleet is not null;
create index if not exists run_key_queue on runbook.run (key, ordered_at) where state = 'queued';

-- What people decided about one: signed, and judged by whoever acts on it.
create table if not exists runbook.fleet_act (
  fleet text not null references runbook.fleet,
  no bigint generated always as identity,
  act text not null check (act in ('approve', 'stop', 'resume', 'undo')),
  wave int not null,
  failed int not null,
  runs text[] not null,
  statement text not null,
  signature text not null,
  by_role text not null default session_user,
  at timestamptz not null default clock_timestamp(),
  primary key (fleet, no),
  unique (fleet, statement)
);

-- Leaves an order over targets, with a run for each, in the order of the list. False when there is one of that id.
create or replace function runbook.enqueue_fleet(
  p_fleet text, p_slug text, p_budget int, p_parallel int, p_pause_ms int, p_approved boolean, p_wants text,
  p_not_before timestamptz, p_expires timestamptz, p_statement text, p_signature text,
  p_runs text[], p_keys text[], p_waves int[], p_statements text[]
) returns boolean language plpgsql security definer set search_path = runbook, pg_temp as $$
declare at timestamptz := clock_timestamp();
begin
  if octet_length(p_statement) > 33554432 then raise exception 'an order has at most 32 MiB' using errcode = 'RB004'; end if;
  insert into fleet (fleet, slug, budget, parallel, pause_ms, approved, statement, signature)
    values (p_fleet, p_slug, p_budget, p_parallel, p_pause_ms, p_approved, p_statement, p_signature)
    on conflict (fleet) do nothing;
  if not found then return false; end if;
  insert into run (run, slug, key, state, wants, not_before, expires_at, statement, fleet, wave, ordered_at)
    select one.run, p_slug, one.key, 'queued', p_wants, p_not_before, p_expires, one.statement, p_fleet, one.wave,
      at + place * interval '1 microsecond'
    from unnest(p_runs, p_keys, p_waves, p_statements) with ordinality as one (run, key, wave, statement, place);
  perform pg_notify('runbook', 'order');
  return true;
exception when unique_violation then
  raise exception 'a run of the order % is stored already', p_fleet using errcode = 'RB004';
end $$;

-- Leaves a decision. What runners declined they are asked again.
create or replace function runbook.decide_fleet(
  p_fleet text, p_act text, p_wave int, p_failed int, p_runs text[], p_statement text, p_signature text
) returns void language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  if not exists (select from fleet where fleet.fleet = p_fleet) then
    raise exception 'there is no order over targets %', p_fleet using errcode = 'RB004';
  end if;
  if octet_length(p_statement) > 4194304 then raise exception 'a decision has at most 4 MiB' using errcode = 'RB004'; end if;
  update run set declined = '{}' where run.run in (
    select q.run from run q where q.fleet = p_fleet and q.state = 'queued' and q.declined <> '{}' for update skip locked);
  -- After the runs, as in `claim`. Nothing is claimed while the decision is written.
  perform 1 from fleet where fleet.fleet = p_fleet for update;
  if p_act = 'resume' and exists (select from fleet_act a where a.fleet = p_fleet and a.act = 'undo') then
    raise exception 'the order % is undone', p_fleet using errcode = 'RB004';
  end if;
  insert into fleet_act (fleet, act, wave, failed, runs, statement, signature)
    values (p_fleet, p_act, p_wave, p_failed, p_runs, p_statement, p_signature) on conflict do nothing;
  perform pg_notify('runbook', 'order');
end $$;

-- The last wave whose targets may start; 0 when none may.
create or replace function runbook.fleet_open(p_fleet text) returns int
language plpgsql volatile security definer set search_path = runbook, pg_temp as $$
declare
  f runbook.fleet;
  first int;
  spent int;
  ended timestamptz;
begin
  select * into f from fleet where fleet.fleet = p_fleet;
  if (select a.act from fleet_act a where a.fleet = p_fleet and a.act <> 'approve' order by a.no desc limit 1)
      in ('stop', 'undo') then return 0; end if;
  select min(r.wave) filter (where r.state = 'owned' or (r.state = 'queued' and r.expires_at > clock_timestamp())),
      count(*) filter (where r.state = 'ended' and r.status <> 'succeeded')
    into first, spent from run r where r.fleet = p_fleet;
  spent := spent - coalesce((select max(a.failed) from fleet_act a where a.fleet = p_fleet and a.act = 'resume'), 0);
  if spent >= f.budget then return 0; end if;
  if first is null then return (select max(r.wave) from run r where r.fleet = p_fleet); end if;
  if first > 1 and f.approved
      and not exists (select from fleet_act a where a.fleet = p_fleet and a.act = 'approve' and a.wave = first)
    then return first - 1; end if;
  if first > 1 and f.pause_ms > 0 then
    select max(r.ended_at) into ended from run r where r.fleet = p_fleet and r.wave < first;
    if ended + f.pause_ms * interval '1 millisecond' > clock_timestamp() then return first - 1; end if;
  end if;
  return first;
end $$;

-- Whether one more run of it may begin beside those under way.
create or replace function runbook.fleet_has_room(p_fleet text) returns boolean
language sql volatile security definer set search_path = runbook, pg_temp as $$
  select f.parallel = 0 or f.parallel > (select count(*) from run r where r.fleet = p_fleet and r.state = 'owned')
  from fleet f where f.fleet = p_fleet;
$$;

-- Whether a decision wants a run rolled back that has ended and is not.
create or replace function runbook.wants_undo(r runbook.run) returns boolean
language sql stable as $$
  select r.state = 'ended' and r.size > 0 and r.status not in ('rolled-back', 'rollback-failed', 'abandoned')
    and exists (select from runbook.fleet_act a where a.fleet = r.fleet and a.act = 'undo' and (a.runs = '{}' or r.run = any (a.runs)));
$$;

-- The next run of the caller that is to be rolled back: the last wave first, over all runners that were seen in the last minute.
-- One that waits for a person holds no other back.
create or replace function runbook.next_undo(p_except text[]) returns table (run text, fleet text)
language plpgsql stable security definer set search_path = runbook, pg_temp as $$
begin
  return query select q.run, q.fleet from run q
    where q.runner = me() and q.fleet in (select a.fleet from fleet_act a where a.act = 'undo')
      and wants_undo(q) and not q.run = any (p_except)
      and not exists (select from run o where o.key = q.key and o.state = 'owned')
      and not exists (select from run o join runner n on n.name = o.runner
        where o.fleet = q.fleet and o.wave > q.wave and n.seen_at > clock_timestamp() - interval '60 seconds'
          and ((o.state = 'owned' and o.waiting = '') or wants_undo(o)))
    order by q.ordered_at desc limit 1;
end $$;

-- Makes a run that has ended its runner's again, to roll it back. False while another run holds its key.
create or replace function runbook.reopen(p_incarnation uuid, p_run text) returns boolean
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  perform 1 from runner where name = me() and incarnation = p_incarnation;
  if not found then raise exception 'another process has the name %', me() using errcode = 'RB001'; end if;
  -- Its end is stored, so nothing that was permitted before can still start.
  update run r set state = 'owned', incarnation = p_incarnation, by_hand = false, ended_at = null, start_before = null
    where r.run = p_run and r.runner = me() and wants_undo(r);
  return found;
exception when unique_violation then
  return false;
end $$;

revoke all on runbook.fleet, runbook.fleet_act from public;
revoke all on all functions in schema runbook from public;
grant select on runbook.fleet, runbook.fleet_act to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function runbook.next_undo(text[]), runbook.reopen(uuid, text) to runbook_runner;
grant execute on function runbook.fleet_open(text) to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function
  runbook.enqueue_fleet(text, text, int, int, int, boolean, text, timestamptz, timestamptz, text, text, text[], text[], int[], text[]),
  runbook.decide_fleet(text, text, int, int, text[], text, text)
  to runbook_runner, runbook_hub, runbook_person;
