-- Hubs: the rows that all processes of a hub share, and their audit. Only the role of a hub reads them.

create table if not exists runbook.hub_row (
  kind text not null check (kind in ('session', 'login', 'token', 'once', 'secret', 'unsigned')),
  id text not null check (length(id) between 1 and 1000),
  value text not null check (octet_length(value) <= 65536),
  until timestamptz not null,
  primary key (kind, id)
);
create index if not exists hub_row_until on runbook.hub_row (until);

create table if not exists runbook.hub_count (
  key text not null check (length(key) between 1 and 1000),
  minute timestamptz not null,
  count int not null,
  primary key (key, minute)
);

-- One chain for all processes. A line is never changed.
create table if not exists runbook.hub_audit (
  seq int primary key,
  line text not null check (octet_length(line) <= 65536),
  by_role text not null default session_user,
  at timestamptz not null default clock_timestamp()
);

-- False when there is a row of that id. Of several callers at once, one is told true.
create or replace function runbook.hub_add(p_kind text, p_id text, p_value text, p_until timestamptz) returns boolean
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  delete from hub_row where until <= clock_timestamp();
  insert into hub_row (kind, id, value, until) values (p_kind, p_id, p_value, p_until) on conflict do nothing;
  return found;
end $$;

create or replace function runbook.hub_rows(p_kind text, p_id text)
returns table (id text, value text, until timestamptz)
language sql stable security definer set search_path = runbook, pg_temp as $$
  select r.id, r.value, r.until from hub_row r
    where r.kind = p_kind and (p_id is null or r.id = p_id) and r.until > clock_timestamp() order by r.id;
$$;

create or replace function runbook.hub_extend(p_kind text, p_id text, p_until timestamptz) returns void
language sql security definer set search_path = runbook, pg_temp as $$
  update hub_row set until = p_until where kind = p_kind and id = p_id and until > clock_timestamp();
$$;

-- Removes a row and returns it. Of several callers at once, one gets it.
create or replace function runbook.hub_take(p_kind text, p_id text)
returns table (id text, value text, until timestamptz)
language sql security definer set search_path = runbook, pg_temp as $$
  delete from hub_row r where r.kind = p_kind and r.id = p_id and r.until > clock_timestamp()
    returning r.id, r.value, r.until;
$$;

-- Counts one more within the minute of the database.
create or replace function runbook.hub_count(p_key text) returns int
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare found_count int;
begin
  delete from hub_count where minute < clock_timestamp() - interval '2 minutes';
  insert into hub_count as c (key, minute, count) values (p_key, date_trunc('minute', clock_timestamp()), 1)
    on conflict (key, minute) do update set count = c.count + 1 returning c.count into found_count;
  return found_count;
end $$;

-- The place of the next line, which the caller has until its transaction ends.
create or replace function runbook.hub_audit_head() returns table (seq int, prev text)
language plpgsql security definer set search_path = runbook, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('runbook hub audit'));
  return query select coalesce(max(a.seq) + 1, 0),
    coalesce((select encode(sha256(convert_to(l.line, 'UTF8')), 'hex') from hub_audit l order by l.seq desc limit 1), '')
    from hub_audit a;
end $$;

-- Adds a line, which must name its place and the line before it.
create or replace function runbook.hub_append_audit(p_line text) returns void
language plpgsql security definer set search_path = runbook, pg_temp as $$
declare head record;
begin
  select * into head from hub_audit_head();
  if p_line::json ->> 'seq' is distinct from head.seq::text or p_line::json ->> 'prev' is distinct from head.prev
      or strpos(p_line, E'\n') <> length(p_line) then
    raise exception 'the line does not continue the audit' using errcode = 'RB004';
  end if;
  insert into hub_audit (seq, line) values (head.seq, p_line);
end $$;

create or replace function runbook.hub_audit_lines() returns setof text
language sql stable security definer set search_path = runbook, pg_temp as $$
  select line from hub_audit order by seq;
$$;

revoke all on runbook.hub_row, runbook.hub_count, runbook.hub_audit from public;
revoke all on function runbook.hub_add(text, text, text, timestamptz), runbook.hub_rows(text, text),
  runbook.hub_extend(text, text, timestamptz), runbook.hub_take(text, text), runbook.hub_count(text),
  runbook.hub_audit_head(), runbook.hub_append_audit(text), runbook.hub_audit_lines() from public;
grant execute on function runbook.hub_add(text, text, text, timestamptz), runbook.hub_rows(text, text),
  runbook.hub_extend(text, text, timestamptz), runbook.hub_take(text, text), runbook.hub_count(text),
  runbook.hub_audit_head(), runbook.hub_append_audit(text), runbook.hub_audit_lines() to runbook_hub;
