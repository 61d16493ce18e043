-- Team mode: what several machines share. Every statement can be repeated: `runbook team migrate` runs the file whenever
-- the program is newer, while older runners are connected. So columns and functions are added, and none is changed in its meaning.
--
-- No role may write a table. All writing goes through the functions below, which check who calls: the name of a runner is
-- the name of its role, not an argument.
--
-- SQLSTATE of a refusal: RB001 the run has another owner or process; RB002 another journal is stored; RB003 the name of the
-- runner is in use; RB004 an argument is wrong or the state does not allow it; RB005 lines before are missing; RB006 there is no
-- such run.

create schema if not exists runbook;
revoke all on schema runbook from public;

create table if not exists runbook.runner (
  name text primary key,
  incarnation uuid not null,
  host text not null,
  boot text not null,
  -- The id that its state folder keeps: another one is another disk.
  machine text not null,
  commit text not null default '',
  version text not null default '',
  runs int not null default 1,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);

create table if not exists runbook.run (
  run text primary key check (run ~ '^[0-9A-Za-z._-]{1,128}$'),
  slug text not null,
  key text not null,
  state text not null check (state in ('queued', 'owned', 'ended', 'expired')),
  -- The owner: the one runner whose disk has the journal.
  runner text,
  incarnation uuid,
  by_hand boolean not null default false,
  -- The run that includes it; it goes where that one goes.
  parent text,
  wants text not null default '',
  epoch int not null default 0,
  ships text not null default 'strict' check (ships in ('strict', 'later')),
  -- Nothing that was permitted starts after this moment.
  start_before timestamptz,
  size int not null default 0,
  head text not null default repeat('0', 64),
  -- A summary for lists, as the owner tells it. The events are the truth.
  status text not null default '',
  waiting text not null default '',
  -- The order as it was signed, and its signature; empty for a run that was started by hand.
  statement text not null default '',
  signature text not null default '',
  -- Why runners did not take it, by name of the runner.
  declined jsonb not null default '{}',
  not_before timestamptz,
  expires_at timestamptz,
  ordered_at timestamptz not null default clock_timestamp(),
  owned_at timestamptz,
  ended_at timestamptz
);
-- One run per key over all machines, whatever the code does.
create unique index if not exists run_key on runbook.run (key) where state = 'owned';
create index if not exists run_queue on runbook.run (ordered_at) where state = 'queued';
create index if not exists run_queued_key on runbook.run (key, ordered_at) where state = 'queued';
create index if not exists run_owner on runbook.run (runner) where state = 'owned';

-- The lines of journals, byte by byte: text and never jsonb, which would change them.
create table if not exists runbook.event (
  run text not null references runbook.run,
  seq int not null,
  line text not null,
  epoch int not null,
  at timestamptz not null default clock_timestamp(),
  primary key (run, seq)
);

-- Versions of the files of a run, the last the newest: a head is written at every pause.
create table if not exists runbook.file (
  no bigint generated always as identity primary key,
  run text not null references runbook.run,
  file text not null check (file !~ '(^|/)\.\.?(/|$)' and file !~ '^/' and length(file) between 1 and 512),
  sha256 text not null,
  bytes bigint not null,
  at timestamptz not null default clock_timestamp(),
  unique (run, file, sha256)
);
create table if not exists runbook.blob (
  sha256 text not null,
  no int not null,
  bytes bytea not null,
  primary key (sha256, no)
);

create table if not exists runbook.answer (
  id uuid primary key,
  run text not null references runbook.run,
  topic text not null,
  answer text not null,
  by_role text not null default session_user,
  at timestamptz not null default clock_timestamp(),
  taken_at timestamptz,
  -- Why it did not count.
  refused text
);
create index if not exists answer_open on runbook.answer (run) where taken_at is null;

create table if not exists runbook.takeover (
  run text not null references runbook.run,
  epoch int not null,
  was text not null,
  runner text not null,
  force boolean not null,
  statement text not null,
  signature text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (run, epoch)
);

-- The name of the runner that calls: that of its role.
create or replace function runbook.me() returns text language plpgsql stable as $$
begin
  if session_user not like 'runbook\_runner\_%' then
    raise exception 'the role % is not a runner', session_user using errcode = 'RB004';
  end if;
  return substr(session_user, length('runbook_runner_') + 1);
end $$;

-- Takes the name of a runner for a process. Refused while a process with another state folder has it.
create or replace function runbook.begin_runner(
  p_incarnation uuid, p_host text, p_boot text, p_machine text, p_commit text, p_version text, p_runs int
) returns text language plpgsql security definer set search_path = runbook, pg_temp as $$
declare was runbook.runner;
begin
  select * into was from runner where name = me() for update;
  if found and was.machine <> p_machine and was.seen_at > clock_timestamp() - interval '60 seconds' then
    raise exception 'the name % is in use on %', was.name, was.host using errcode = 'RB003';
  end if;
  insert into runner (name, incarnation, host, boot, machine, commit, version, runs)
    values (me(), p_incarnation, p_host, p_boot, p_machine, p_commit, p_version, p_runs)
    on conflict (name) do update set incarnation = excluded.incarnation, host = excluded.host, boot = excluded.boot,
      machine = excluded.machine, commit = excluded.commit, version = excluded.version, runs = excluded.runs,
      started_at = clock_timestamp(), seen_at = clock_timestamp();
  -- What it declined it is asked again: its checkout may be a newer one.
  update run set declined = declined - me() where state = 'queued' and declined ? me();
  update run set incarnation = p_incarnation where state = 'owned' and runner = me() and not by_hand;
  return me();
end $$;

-- Says that the process of a runner lives.
create or replace function runbook.see_runner(p_incarnation uuid) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  update runner set seen_at = clock_timestamp() where name = me() and incarnation = p_incarnation;
  if not found then raise exception 'another process has the name %', me() using errcode = 'RB001'; end if;
end $$;

-- Gives the name back at once.
create or replace function runbook.end_runner(p_incarnation uuid) returns void
language sql security definer set search_path = runbook, pg_temp as $$
  update runner set seen_at = '-infinity' where name = me() and incarnation = p_incarnation;
$$;

-- Leaves an order. False when there is one of that run: an order is left once, however often it arrives.
create or replace function runbook.enqueue(
  p_run text, p_slug text, p_key text, p_wants text, p_not_before timestamptz, p_expires timestamptz,
  p_statement text, p_signature text
) returns boolean language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  insert into run (run, slug, key, state, wants, not_before, expires_at, statement, signature)
    values (p_run, p_slug, p_key, 'queued', p_wants, p_not_before, p_expires, p_statement, p_signature)
    on conflict (run) do nothing;
  if not found then return false; end if;
  perform pg_notify('runbook', rtrim('order ' || p_wants));
  return true;
end $$;

-- The next order that this runner may take, as its own. Orders of one key are taken in the order they came.
create or replace function runbook.claim(p_incarnation uuid, p_slugs text[], p_ships text)
returns setof runbook.run language plpgsql security definer set search_path = runbook, pg_temp as $$
declare next runbook.run;
begin
  perform 1 from runner where name = me() and incarnation = p_incarnation;
  if not found then raise exception 'another process has the name %', me() using errcode = 'RB001'; end if;
  update run set state = 'expired', ended_at = clock_timestamp()
    where state = 'queued' and expires_at <= clock_timestamp();
  loop
    with fleet_now as materialized (
      -- Of those with a run that waits: the wave up to which they may start.
      select f.fleet, fleet_open(f.fleet) as wave, fleet_has_room(f.fleet) as has_room from fleet f
      where exists (select from run w where w.fleet = f.fleet and w.state = 'queued')
    )
    select q.* into next from run q left join fleet_now f on f.fleet = q.fleet
      where q.state = 'queued'
        and (q.fleet is null or (q.wave <= f.wave and f.has_room))
        and (q.wants = '' or q.wants = me())
        and (q.not_before is null or q.not_before <= clock_timestamp())
        and q.slug like any (p_slugs)
        and not q.declined ? me()
        and not exists (select from run o where o.key = q.key and o.state = 'owned')
        and not exists (select from run o where o.key = q.key and o.state = 'queued'
          and (o.not_before is null or o.not_before <= clock_timestamp())
          and (o.ordered_at, o.run) < (q.ordered_at, q.run)
          -- A fleet that is stopped keeps nobody waiting.
          and (o.fleet is null or exists (select from fleet_now n where n.fleet = o.fleet and n.wave > 0))
          and not o.declined ? me())
      order by q.ordered_at, q.run limit 1 for update of q skip locked;
    if not found then return; end if;
    if next.fleet is not null then
      -- Runs of it end and begin one after the other; looked at again, for one may have failed or begun since. The next call
      -- finds another order: two locks of one transaction could wait for each other.
      perform 1 from fleet where fleet.fleet = next.fleet for update;
      if next.wave > fleet_open(next.fleet) or not fleet_has_room(next.fleet) then return; end if;
    end if;
    begin
      return query update run set state = 'owned', runner = me(), incarnation = p_incarnation, by_hand = false,
        ships = p_ships, epoch = epoch + 1, owned_at = clock_timestamp() where run.run = next.run returning *;
      return;
    exception when unique_violation then
      -- Another runner took the key in this moment.
      null;
    end;
    return;
  end loop;
end $$;

-- Takes the key of the team for a run that is started or resumed by hand on the machine of the caller.
create or replace function runbook.claim_by_hand(
  p_incarnation uuid, p_run text, p_slug text, p_key text, p_ships text, p_parent text
)
returns setof runbook.run language plpgsql security definer set search_path = runbook, pg_temp as $$
declare was runbook.run;
begin
  select * into was from run where run.run = p_run for update;
  -- One that is queued has its journal here already: the database was restored from a backup of before.
  if found and was.state <> 'queued' and (was.state not in ('owned', 'ended') or was.runner <> me()) then
    raise exception 'the run % belongs to %', p_run, coalesce(was.runner, 'no runner yet') using errcode = 'RB001';
  end if;
  if found and not was.by_hand and was.parent is null and was.state = 'owned' and exists (
      select from runner where name = me() and seen_at > clock_timestamp() - interval '60 seconds') then
    raise exception 'the runner % drives the run %', me(), p_run using errcode = 'RB001';
  end if;
  begin
    insert into run (run, slug, key, state, runner, incarnation, by_hand, ships, epoch, owned_at, parent)
      values (p_run, p_slug, p_key, 'owned', me(), p_incarnation, true, p_ships, 1, clock_timestamp(), p_parent)
      on conflict (run) do update set state = 'owned', runner = me(), incarnation = p_incarnation, by_hand = true,
        epoch = greatest(run.epoch, 1), owned_at = coalesce(run.owned_at, excluded.owned_at), ended_at = null;
  exception when unique_violation then
    return;
  end;
  return query select * from run where run.run = p_run;
end $$;

-- Who holds a key: the run, its owner, and whether the owner was seen in the last minute.
create or replace function runbook.holder(p_key text)
returns table (run text, runner text, statement text, owned_at timestamptz, alive boolean)
language sql stable security definer set search_path = runbook, pg_temp as $$
  select r.run, r.runner, r.statement, r.owned_at, coalesce(n.seen_at > clock_timestamp() - interval '60 seconds', false)
  from run r left join runner n on n.name = r.runner where r.key = p_key and r.state = 'owned';
$$;

-- The run of a caller that owns it in this process and epoch; RB001 otherwise.
create or replace function runbook.mine(p_incarnation uuid, p_run text, p_epoch int)
returns runbook.run language plpgsql as $$
declare r runbook.run;
begin
  select * into r from runbook.run where run.run = p_run for update;
  if not found then raise exception 'there is no run %', p_run using errcode = 'RB006'; end if;
  if r.runner is distinct from runbook.me() or r.epoch <> p_epoch
      or r.incarnation is distinct from p_incarnation or r.state = 'queued' then
    raise exception 'the run % belongs to %, epoch %', p_run, coalesce(r.runner, 'no runner'), coalesce(r.epoch, 0)
      using errcode = 'RB001';
  end if;
  return r;
end $$;

-- Gives an order back that this runner cannot take, and says why. Only before its first line.
create or replace function runbook.decline(p_incarnation uuid, p_run text, p_epoch int, p_why text) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare r runbook.run := mine(p_incarnation, p_run, p_epoch);
begin
  if r.size > 0 then raise exception 'the run % has begun', p_run using errcode = 'RB004'; end if;
  update run set state = 'queued', runner = null, incarnation = null, owned_at = null, start_before = null,
    declined = declined || jsonb_build_object(me(), p_why) where run.run = p_run;
  perform pg_notify('runbook', 'order');
end $$;

-- Stores lines of the journal, from the place `p_first`. A line that is there already must be the same.
create or replace function runbook.ship(
  p_incarnation uuid, p_run text, p_epoch int, p_first int, p_lines text[], p_status text, p_waiting text
) returns int language plpgsql security definer set search_path = runbook, pg_temp as $$
declare
  r runbook.run := mine(p_incarnation, p_run, p_epoch);
  place int := p_first;
  one text;
  fields text[];
begin
  if p_first > r.size then
    raise exception 'line % does not follow the % that are stored', p_first, r.size using errcode = 'RB005';
  end if;
  if r.state = 'ended' and p_first + coalesce(array_length(p_lines, 1), 0) > r.size then
    raise exception 'the run % has ended', p_run using errcode = 'RB001';
  end if;
  foreach one in array p_lines loop
    if place < r.size then
      if (select line from event where event.run = p_run and seq = place) <> one then
        raise exception 'line % of % is stored with other bytes', place, p_run using errcode = 'RB002';
      end if;
    else
      -- The canonical form sorts its names, so these end the line, and no text inside of it can look like them.
      fields := regexp_match(one, ',"prev":"([0-9a-f]{64})","run":"([^"\\]*)","seq":([0-9]{1,9}),"ts":"[^"\\]*","type":"[a-z-]+","v":1\}\n$');
      if fields is null or fields[1] <> r.head or fields[2] <> p_run or fields[3]::int <> place
          or octet_length(one) > 65536 or strpos(one, E'\n') <> length(one) then
        raise exception 'line % of % does not continue the chain', place, p_run using errcode = 'RB002';
      end if;
      insert into event (run, seq, line, epoch) values (p_run, place, one, p_epoch);
      r.head := encode(sha256(convert_to(one, 'UTF8')), 'hex');
      r.size := place + 1;
    end if;
    place := place + 1;
  end loop;
  update run set size = r.size, head = r.head, status = p_status, waiting = p_waiting where run.run = p_run;
  -- Runners hear nothing of the runs of others: only hubs and people listen here.
  perform pg_notify('runbook_runs', 'run ' || p_run);
  return r.size;
end $$;

-- Stores a piece of a file; with the last piece the whole must have the digest, and the run names it from then on.
create or replace function runbook.put_file(
  p_incarnation uuid, p_run text, p_epoch int, p_file text, p_sha256 text, p_bytes bigint, p_no int, p_piece bytea, p_last boolean
) returns void language plpgsql security definer set search_path = runbook, pg_temp as $$
declare r runbook.run := mine(p_incarnation, p_run, p_epoch);
begin
  -- Digests are compared when the last piece is there. A piece of a broken try is replaced.
  if not exists (select from file where file.sha256 = p_sha256) then
    insert into blob values (p_sha256, p_no, p_piece)
      on conflict (sha256, no) do update set bytes = excluded.bytes;
  end if;
  if not p_last then return; end if;
  if not exists (select from file where file.sha256 = p_sha256) then
    delete from blob where blob.sha256 = p_sha256 and no > p_no;
    if (select encode(sha256(coalesce(string_agg(bytes, '' order by no), '')), 'hex') from blob where blob.sha256 = p_sha256) <> p_sha256 then
      raise exception 'the file % has not the digest it is said to have', p_file using errcode = 'RB004';
    end if;
  end if;
  insert into file (run, file, sha256, bytes) values (p_run, p_file, p_sha256, p_bytes) on conflict do nothing;
end $$;

-- Lets the owner start one thing within the time; RB001 when the run is no longer its own.
create or replace function runbook.permit(p_incarnation uuid, p_run text, p_epoch int, p_ms int) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  perform mine(p_incarnation, p_run, p_epoch);
  if p_ms not between 1 and 60000 then raise exception 'a permission lasts up to a minute' using errcode = 'RB004'; end if;
  update run set start_before = clock_timestamp() + p_ms * interval '1 millisecond' where run.run = p_run;
end $$;

-- Gives the key free once the end of the run is stored.
create or replace function runbook.finish(p_incarnation uuid, p_run text, p_epoch int) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare r runbook.run := mine(p_incarnation, p_run, p_epoch);
begin
  if r.size > 0 and not exists (
      select from event where event.run = p_run and seq = r.size - 1 and line like '%","type":"run-ended","v":1}' || E'\n') then
    raise exception 'the end of the run % is not stored', p_run using errcode = 'RB004';
  end if;
  -- What runners declined of its fleet may be allowed after it, and no run of it is claimed before its end counts.
  update run set declined = '{}' where run.run in (
    select q.run from run q where q.fleet = r.fleet and q.state = 'queued' and q.declined <> '{}' for update skip locked);
  perform 1 from fleet where fleet.fleet = r.fleet for update;
  update run set state = 'ended', ended_at = clock_timestamp() where run.run = p_run;
  perform pg_notify('runbook', 'order');
end $$;

-- Takes up a run that ended on this runner, because a person wants it resumed or rolled back. None while its key is taken.
create or replace function runbook.open_again(p_incarnation uuid, p_run text)
returns setof runbook.run language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  perform 1 from runner where name = me() and incarnation = p_incarnation;
  if not found then raise exception 'another process has the name %', me() using errcode = 'RB001'; end if;
  return query update run set state = 'owned', incarnation = p_incarnation, by_hand = false, ended_at = null,
    owned_at = clock_timestamp() where run.run = p_run and state = 'ended' and runner = me() and parent is null returning *;
exception when unique_violation then return;
end $$;

-- The runs that a runner owns and that nobody drives by hand.
create or replace function runbook.owned(p_incarnation uuid)
returns setof runbook.run language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  -- One that was taken over has had no process here yet.
  update run r set incarnation = p_incarnation where r.state = 'owned' and r.runner = me() and not r.by_hand
    and r.incarnation is null and r.parent is null
    and exists (select from runner n where n.name = me() and n.incarnation = p_incarnation);
  return query select * from run r where r.state = 'owned' and r.runner = me() and r.incarnation = p_incarnation
    and not r.by_hand and r.parent is null order by r.owned_at;
end $$;

-- Leaves an answer for a run. The runner judges it; the database only carries it.
create or replace function runbook.answer(p_id uuid, p_run text, p_topic text, p_answer text) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  if octet_length(p_answer) > 1048576 then raise exception 'an answer has at most 1 MiB' using errcode = 'RB004'; end if;
  insert into answer (id, run, topic, answer) values (p_id, p_run, p_topic, p_answer) on conflict (id) do nothing;
  perform pg_notify('runbook', 'answer ' || p_run);
end $$;

create or replace function runbook.take_answer(p_incarnation uuid, p_run text, p_epoch int, p_id uuid, p_refused text)
returns void language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  perform mine(p_incarnation, p_run, p_epoch);
  update answer set taken_at = coalesce(taken_at, clock_timestamp()), refused = p_refused where id = p_id and answer.run = p_run;
end $$;

-- Makes another runner the owner. The old one is refused from this moment on.
create or replace function runbook.take_over(
  p_run text, p_epoch int, p_to text, p_force boolean, p_statement text, p_signature text
) returns int language plpgsql security definer set search_path = runbook, pg_temp as $$
declare
  r runbook.run;
  owner runbook.runner;
begin
  select * into r from run where run.run = p_run for update;
  if not found or r.state <> 'owned' then
    raise exception 'the run % is not under way', p_run using errcode = 'RB004';
  end if;
  if r.epoch <> p_epoch then
    raise exception 'the run % has another owner since: %', p_run, r.runner using errcode = 'RB004';
  end if;
  if not exists (select from runner where name = p_to) then
    raise exception 'there is no runner %', p_to using errcode = 'RB004';
  end if;
  select * into owner from runner where name = r.runner;
  if not p_force and r.runner <> p_to then
    if owner.seen_at > clock_timestamp() - interval '60 seconds' then
      raise exception 'the runner % is alive', r.runner using errcode = 'RB004';
    end if;
    if r.ships = 'later' then
      raise exception 'the run goes on without the database, so its steps may still start on %', r.runner using errcode = 'RB004';
    end if;
  end if;
  insert into takeover (run, epoch, was, runner, force, statement, signature)
    values (p_run, r.epoch + 1, r.runner, p_to, p_force, p_statement, p_signature);
  update run set runner = p_to, epoch = r.epoch + 1, by_hand = false, owned_at = clock_timestamp(),
    incarnation = null where run.run = p_run;
  -- The runs it includes go with it.
  with recursive inner_run as (
    select q.run from run q where q.parent = p_run
    union all select q.run from run q join inner_run i on q.parent = i.run
  )
  update run u set runner = p_to, epoch = u.epoch + 1, incarnation = null from inner_run i
    where u.run = i.run and u.state = 'owned';
  perform pg_notify('runbook', 'takeover ' || p_run);
  return r.epoch + 1;
end $$;

-- The groups. Runners are roles of their own, members of `runbook_runner`, made by `runbook team migrate --runner <name>`.
do $$
declare one text;
begin
  foreach one in array array['runbook_runner', 'runbook_hub', 'runbook_person', 'runbook_reader'] loop
    begin
      execute format('create role %I nologin', one);
    exception when duplicate_object then null;
    end;
  end loop;
end $$;

revoke all on all tables in schema runbook from public;
revoke all on all functions in schema runbook from public;
grant usage on schema runbook to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant select on runbook.runner, runbook.run, runbook.event, runbook.file, runbook.blob, runbook.answer, runbook.takeover
  to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function runbook.me(),
  runbook.begin_runner(uuid, text, text, text, text, text, int), runbook.see_runner(uuid), runbook.end_runner(uuid),
  runbook.claim(uuid, text[], text), runbook.claim_by_hand(uuid, text, text, text, text, text),
  runbook.decline(uuid, text, int, text), runbook.ship(uuid, text, int, int, text[], text, text),
  runbook.put_file(uuid, text, int, text, text, bigint, int, bytea, boolean), runbook.permit(uuid, text, int, int),
  runbook.finish(uuid, text, int), runbook.open_again(uuid, text), runbook.owned(uuid), runbook.take_answer(uuid, text, int, uuid, text)
  to runbook_runner;
grant execute on function runbook.holder(text) to runbook_runner, runbook_hub, runbook_person, runbook_reader;
grant execute on function
  runbook.enqueue(text, text, text, text, timestamptz, timestamptz, text, text),
  runbook.answer(uuid, text, text, text), runbook.take_over(text, int, text, boolean, text, text)
  to runbook_runner, runbook_hub, runbook_person;
