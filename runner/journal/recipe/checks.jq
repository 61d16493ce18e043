# The rules of `runbook verify` that need no hashing and no keys. Prints `FAILED …` for each rule that is broken, and
# for the shell to go on with: `OPEN` for a run that has not ended, `FILE sha256  name`, `BOUND sha256`, `SIGNED …`, `DECISION …`
# and `ACT …`.
# Arguments: $run (id, or empty for a bundle), $hashes, $indexHashes (line hashes), $planSha, $documentSha, $head, $closing, $closingSignature, $index (texts), $plan.

def ms: (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
def text: type == "string";
def isTime: text and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$");
def step: (split("#")[0] // "") | split("/")[0] // "";
def isSize: type == "number" and . >= 0 and . == floor;
def fail($name; $message): "FAILED \($name): \($message)";
def document: try fromjson catch null | if type == "object" then . else null end;

# The words for a field of a signed statement that is not as the record says.
def otherField: . as $name | { v: "another version of the format", purpose: "another purpose", run: "another run", step: "another step",
  topic: "another question", decision: "another decision", reason: "another reason", answers: "other answers", by: "another person",
  requestedBy: "another requester", planSha256: "another plan", inputsSha256: "other inputs", shownSha256: "another shown text" }[$name]
  // "another `\($name)`";

# Sequence and chain, against the hashes of the raw lines.
def chain($hashes): to_entries[]
  | .key as $i | .value
  | select((type == "object" and .v == 1 and .seq == $i and (.ts | isTime)
      and .prev == (if $i == 0 then "0" * 64 else $hashes[$i - 1] end)) | not)
  | "line \($i + 1) was changed, moved, inserted or removed, or the one before it";
def clock: [.[].ts | ms] as $at | range(1; length)
  | select($at[. - 1] - $at[.] > 5000) | "the clock went back at line \(. + 1)";
def formed($run): (.run == $run) and (.type | text) and (.key | text) and (.data | type == "object")
  and (.actor | type == "object" and (.id | text) and (.host | text) and (.via | text));

# A step may begin when all ahead of it are finished: `ready` counts how many are.
# An approval that was skipped although nothing in the document lets it be guards what comes after it.
def order($steps): [$steps[]?.id] as $ids | ($ids | with_entries({ key: .value, value: .key })) as $places
  | ([$steps[]? | select(.kind == "approval" and (.attributes.when | text | not)) | { key: .id, value: true }] | from_entries) as $guards
  | reduce .[] as $e ({ finished: {}, ready: 0, passedBy: null, out: [] };
    ($e.key | step) as $step
    | if $e.type == "step-started" then
        $places[$step] as $place
        | if $place == null then .out += ["step \($step) is not in the plan"]
          elif .passedBy != null and $place > .passedBy then .out += ["step \($step) began though the approval before it was skipped"]
          elif $place > .ready then .out += ["step \($step) began before those ahead of it were finished"] else . end
      else . end
    | if $e.type == "step-finished" then
        (if $guards[$step] and $e.data.status == "skipped" then .passedBy = (.passedBy // $places[$step]) else . end)
        | .finished[$step] = true | until(.finished[$ids[.ready] // ""] | not; .ready += 1)
      else . end) | .out[];

# Attempts of a step and of its undo are numbered from 1 without a gap: the next begins after the end of the one before
# it. Each starts and ends once, and a step that passed has at least one.
def attempts: reduce .[] as $e ({ seen: {}, tried: {}, out: [] };
    ($e.key | step) as $step | "\($e.type) \($e.key)" as $event
    | ($e.type | if startswith("undo-") then "undo" else "step" end) as $of
    | if $e.type == "\($of)-started" or $e.type == "\($of)-ended" then
        (if .seen[$event] then .out += ["\($event) is there twice"] else . end)
        | if $e.type == "\($of)-ended" then
            if .seen["\($of)-started \($e.key)"] then . else .out += ["\($event) was never started"] end
          elif $e.key | test("\\A[^#/]*#[1-9][0-9]{0,8}\\z") | not then .out += ["\($event) has no number from 1 on"]
          else ($e.key | split("#")[1] | tonumber - 1) as $before
            | if $before == 0 or .seen["\($of)-ended \($step)#\($before)"] then . else .out += ["\($event) began, and attempt \($before) has no end before it"] end
          end
        | .seen[$event] = true
      else . end
    | if $e.type == "step-ended" then .tried[$step] = true
      elif $e.type == "step-finished" and $e.data.status == "passed" and (.tried[$step] | not)
      then .out += ["step \($step) passed without an attempt"] else . end) | .out[];

# The first end of each step, by its id.
def finishes: reduce .[] as $e ({}; if $e.type == "step-finished" and has($e.key) == false then .[$e.key] = $e else . end);
def ending($plan; $finishes): .[-1]
  | if .type != "run-ended" then "the last event is not run-ended: its end was cut off"
    elif .data.status == "succeeded" then
      $plan.steps[] | . as $step | $finishes[$step.id].data.status as $status
      | select(($status == "passed" or $status == "skipped"
          or ($status == "failed" and $step.attributes.onFailure == "continue")) | not)
      | "the run says it succeeded, and step \($step.id) did not"
    else empty end;

# Whether the run has not ended is the word of the index, and of the head where there is no index; a run that failed
# may be taken up again after its end.
def isOpen($events; $hashes): . as $word
  | if $word == null then $events[-1].type != "run-ended"
    elif $word.final != true then true
    else ($word.size | isSize) and $hashes[$word.size - 1] == $word.sha256 and $events[$word.size].type == "run-resumed" end;

def isDecision: .type == "approval-given" or .type == "approval-rejected";
def runners($events; $seq): [$events[] | select(.seq < $seq and (.type == "run-started" or .type == "run-resumed")) | (.data.sealedBy | strings), .actor.id];
# One spelling of an address, and the person behind it; the letters are plain ASCII, or the rules below refuse it.
def spelling: ((capture("<(?<address>[^<>]*)> *$") | .address) // .) | gsub("\\s"; "") | ascii_downcase | sub("\\.+$"; "");
def person($plan): spelling as $s | $plan.aliases[$s] // $s | spelling;
def isAscii: text and test("\\A[ -~]+\\z");
def isPlain: isAscii and (spelling | test("\\A[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]+(@[a-z0-9.-]+)?\\z"));
def same($id; $plan): text and ($id | text) and person($plan) == ($id | person($plan));
def mayDecide($by; $plan): . as $word
  | if $plan.people then any(($plan.people[$word] // [$word])[]; same($by; $plan))
    else ($word | tostring | contains("@") | not) or ($word | same($by; $plan)) end;
def roles: if type == "array" then map(tostring) | sort | join(" ") else "" end;
def payload: .data.payload | if text then document else null end;

def decision($events; $hashes; $self; $plan): . as $e | ($e.key | step) as $step
  | ([$events[] | select(.type == "approval-requested" and .key == $e.key and .seq < $e.seq)][0]) as $asked
  | [$events[] | select(isDecision and .seq < $e.seq)] as $earlier
  | (if $e.type == "approval-given" then "approved" else "rejected" end) as $word
  | (select($asked != null) | ($asked.data.approvers // []) as $who
      | select(($who | type) == "array" and ($who | length) > 0)
      | select($self | not) | select(any($who[]; tostring | mayDecide($e.actor.id; $plan)) | not)
      | "\($e.actor.id) is not among those who may decide on \($e.key)"),
    (select($asked == null) | "nobody asked for the decision on \($e.key)"),
    (select(any($earlier[]; .key == $e.key)) | "\($e.key) was decided twice"),
    (select($e.data.decision != $word) | "\($e.key): event and decision say different things"),
    (select(($e.data.received | type) == "number" and ($asked.data.deadline | type) == "number" and $e.data.received > $asked.data.deadline)
      | "\($e.key): the decision arrived after its deadline"),
    (select($self | not) | (runners($events; $e.seq) + [$e.actor.id])[] | select(isPlain | not) | "\(.) is not an address in plain ASCII"),
    (select(($self | not) and any(runners($events; $e.seq)[]; same($e.actor.id; $plan))) | "\($e.actor.id) ran this and approved it"),
    (select($word == "approved" and any($earlier[]; .type == "approval-given" and (.key | step) == $step and (.actor.id | same($e.actor.id; $plan))))
      | "\($e.actor.id) approved step \($step) twice"),
    (select($word == "approved" and ($self | not) and $asked != null and $asked.data.separate != false)
      | ($asked.data.approvers | roles) as $roles
      | select(any($earlier[]; . as $o | .type == "approval-given" and (.actor.id | same($e.actor.id; $plan)) and (.key | step) != $step
          and any($events[]; .type == "approval-requested" and .key == $o.key and (.data.approvers | roles) != $roles)))
      | "\($e.actor.id) signed this run in two roles"),
    (select(($self and $e.data.payload == null or $asked == null) | not) | $e | payload as $p
      | if $p == null then "\($e.key) carries no payload that binds it to the run" else
          ($events[0]) as $first
          | ({ v: 1, run: $e.run, step: $step, topic: $e.key, decision: ($e.data.decision // ""),
               reason: ($e.data.reason // ""), by: $e.actor.id, requestedBy: $first.actor.id,
               planSha256: ($first.data.planSha256 // ""), inputsSha256: ($first.data.inputsSha256 // "") }
             | to_entries[] | select($p[.key] != .value) | "\($e.key) was decided for \(.key | otherField)"),
            (($p.head | if type == "object" then . else {} end) as $h
             | select((($h.size | type) == "number" and $h.size > $asked.seq and $h.size <= $e.seq
                 and $h.size == ($h.size | floor) and $hashes[$h.size - 1] == $h.sha256) | not)
             | "\($e.key): history before the approval was rewritten"),
            (select((($p.ts | isTime) and ($p.ts | ms) >= ($asked.ts | ms) - 300000 and ($p.ts | ms) <= ($e.ts | ms) + 300000) | not)
             | "\($e.key) was not decided between the request and its record"),
            (select(any($earlier[]; (payload | if . then .nonce else null end) == $p.nonce)) | "the same decision was used twice")
        end);

def tooFew($events; $finishes): . as $step | $finishes[$step.id] as $finished
  | select($step.kind == "approval" and $finished != null and $finished.data.status == "passed")
  | ($step.attributes.min // ([$events[] | select(.type == "approval-requested" and .key == "\($step.id)/1")][0].data.min) // 1
     | if type == "number" then . else 1 end) as $min
  | select(([$events[] | select(.type == "approval-given" and .seq < $finished.seq and (.key | step) == $step.id)] | length) < $min)
  | "step \($step.id) passed with fewer than \($min) approvals";

def headRules($head; $text; $events; $hashes; $open):
  if $text == "" and $open then empty
  elif $head == null or $head.v != 1 or ($head.index | type) != "object" then "head.json is missing, or no head of format 1"
  elif ($head.size | isSize | not) or $head.size < 1 then "head.json names no journal" else
      (if $open then $events[$head.size - 1] else $events[-1] end) as $last
      | (select($head.run != $events[0].run) | "head.json is of another run"),
      (select((($open | not) and $head.size != ($events | length)) or $head.sha256 != $hashes[$head.size - 1])
        | "the journal is not the one head.json names"),
      (select(($open | not) and $head.final != true) | "head.json was made before the run ended"),
      (select(any(runners($events; $head.size)[], ($events[] | select(.seq < $head.size and .type == "run-passed") | .actor.id); . == $head.by) | not) | "head.json is by somebody who did not run it"),
      (select((($head.ts | isTime) and ($last.ts | isTime) and ($head.ts | ms) >= ($last.ts | ms) - 5000) | not) | "head.json is older than the last event")
    end;

# Which times a wrong clock wrote: those off the longest sequence that never goes back, by more than five seconds. Ways
# of each length are in piles, by the time they end with, which only falls.
def firstWhere($count; holds): [0, $count]
  | until(.[0] >= .[1]; (((.[0] + .[1]) / 2) | floor) as $middle
      | if $middle | holds then [.[0], $middle] else [$middle + 1, .[1]] end) | .[0];
def outliers: . as $times
  | if any(range(1; length); $times[. - 1] - $times[.] > 5000) | not then {} else
      (reduce range(0; length) as $i ({ piles: [], from: [] }; $times[$i] as $at | . as { $piles }
        | firstWhere($piles | length; $piles[.][-1].at > $at) as $pile
        | (if $pile == 0 then [] else $piles[$pile - 1] end) as $earlier
        | ($earlier[firstWhere($earlier | length; $earlier[.].at <= $at)] // null) as $before
        | .from[$i] = $before.i
        | .piles[$pile] += [{ at: $at, i: $i, began: ($before.began // $at) }])) as $ways
      | ($ways.piles[-1] | min_by(.at - .began) | .i) as $best
      | (reduce ([$best] | until(.[-1] == null; . + [$ways.from[.[-1]]]))[] as $i ({};
          if $i == null then . else .["\($i)"] = true end)) as $kept
      | (reduce range(length - 1; -1; -1) as $i ({ next: 1e300, after: {} };
          .after["\($i)"] = .next | if $kept["\($i)"] then .next = $times[$i] else . end) | .after) as $after
      | reduce range(0; length) as $i ({ before: -1e300, out: {} };
          if $kept["\($i)"] then .before = $times[$i]
          elif .before - $times[$i] > 5000 or $times[$i] - $after["\($i)"] > 5000 then .out["\($i)"] = true else . end)
      | .out
    end;

def newest($run): [.[] | select(.run == $run and .type != "removed")][-1];
def indexRules($run; $head; $hashes; $indexHashes; $open): . as $index
  | [chain($indexHashes)] as $broken
  | if ($broken | length) > 0 then "heads.jsonl: \($broken[0])" else
      ([$index[].ts | ms] | outliers) as $wrong
      | ([$index[] | select(.run == $run)] as $mine
       | [$mine[] | select(.type == "opened")] as $opened
       | ($index | newest($run)) as $latest
       | ($latest | .size | if isSize and . > 0 then $hashes[. - 1] else null end) as $there
       | (select(($opened | length) != 1 or $opened[0].sha256 != $hashes[0]) | "heads.jsonl does not hold the beginning of this run exactly once"),
         (select($latest != null and $there != $latest.sha256)
           | "the newest entry of this run in heads.jsonl is another state of it"),
         (select(($open | not) and ($head == null or $latest == null or $latest.size != $head.size or $latest.sha256 != $head.sha256 or $latest.final != true))
           | "the newest entry of this run in heads.jsonl is not the one head.json names"),
         (select($latest != null and ($latest.slug != $opened[0].slug
             or ($head != null and $latest.type == "head" and $latest.size == $head.size and $latest.by != $head.by)))
           | "the newest entry of this run in heads.jsonl names another person or runbook"),
         (select($open and $latest != null and $latest.type == "head" and ($head == null or $head.size < $latest.size))
           | "heads.jsonl names a newer head of this run than head.json"),
         (select($head != null and ($head.index | type) == "object")
           | select((if $head.index.size == 0 then "0" * 64 else $indexHashes[$head.index.size - 1] end) != $head.index.sha256)
           | "heads.jsonl is not the index this head was made over"),
         ($mine[] | select($wrong["\(.seq)"]) | "line \(.seq + 1) of heads.jsonl was written by a wrong clock"))
    end;

def closingRules($closing; $closingText; $head; $plan; $events; $open):
  if $closingText == "" then (select($plan.close == "second-person" and ($open | not)) | "the runbook asks a second person to close the run, and nobody has")
  elif $closing == null or $closing.v != 1 or $closing.purpose != "close" or ($closing.head | type) != "object" then "close.json is no closing of format 1"
  else
    (select($open) | "close.json is there and the run has not ended"),
    (select($closing.run != $head.run or $closing.head.size != $head.size or $closing.head.sha256 != $head.sha256) | "close.json is about another run or state"),
    (select($closing.planSha256 != $events[0].data.planSha256) | "close.json is about another plan"),
    ((runners($events; $events | length) + [$closing.by])[] | select(isPlain | not) | "\(.) is not an address in plain ASCII"),
    (select(any(runners($events; $events | length)[]; same($closing.by; $plan))) | "\($closing.by) ran this and closed it"),
    (select((($closing.ts | isTime) and ($closing.ts | ms) >= ($events[-1].ts | ms) - 5000) | not) | "close.json is older than the end of the run")
  end;

# What a signature says of the person who made it: { level, place }, read from flags that the security key itself signed;
# null for a text of another form, and for one that a browser made for another host than the key's. Bytes are numbers.
def base64: gsub("\\n"; "")
  | if test("\\A([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?\\z") | not then null else
      ((length - (sub("=+\\z"; "") | length))) as $padding
      | [explode[] | if . >= 97 then . - 71 elif . >= 65 and . <= 90 then . - 65 elif . == 43 then 62 elif . == 47 then 63 elif . == 61 then 0 else . + 4 end] as $v
      | [range(0; $v | length; 4) as $i | $v[$i] * 262144 + $v[$i + 1] * 4096 + $v[$i + 2] * 64 + $v[$i + 3]
          | (. / 65536 | floor), ((. / 256 | floor) % 256), . % 256]
      | .[:length - $padding]
    end;
# The first $most fields, each a length and as many bytes, and the rest; null where one is cut.
def fields($most): { fields: [], rest: . }
  | until(. == null or (.rest | length) == 0 or (.fields | length) == $most; .rest as $b
      | if ($b | length) < 4 then null else
          (4 + (($b[0] * 256 + $b[1]) * 256 + $b[2]) * 256 + $b[3]) as $stop
          | if $stop > ($b | length) then null else { fields: (.fields + [$b[4:$stop]]), rest: $b[$stop:] } end
        end);
def presence: if text and test("\\A-----BEGIN SSH SIGNATURE-----\\n[A-Za-z0-9+/=\\n]*\\n-----END SSH SIGNATURE-----\\s*\\z") | not then null else
    (sub("\\A[^\\n]*\\n"; "") | sub("\\n-----END[\\s\\S]*\\z"; "") | base64) as $blob
    | (if $blob == null or $blob[:10] != [83, 83, 72, 83, 73, 71, 0, 0, 0, 1] then null else $blob[10:] | fields(5) end) as $outer
    | (if $outer == null or ($outer.fields | length) != 5 or ($outer.rest | length) != 0 then null else $outer.fields end) as $outer
    | (if $outer == null then null else $outer[4] | fields(2) end) as $signature
    | if $signature == null or ($signature.fields | length) != 2 then null else
        ($outer[0] | fields(99)) as $key
        | (if $key != null and $key.rest == [] then $key.fields else [] end | map(implode)) as $key
        | ($key[0] // "") as $type | ($key[-1] // "") as $application
        | ($signature.fields[0] | implode) as $signedAs | $signature.rest as $more
        | if $type | contains("sk-") | not then (if $type | test("\\A[A-Za-z0-9_@.-]+\\z") then { level: "key", place: "own" } else null end)
          elif $type != "sk-ssh-ed25519@openssh.com" and $type != "sk-ecdsa-sha2-nistp256@openssh.com" then null
          else
            (if $signedAs == $type then (if ($more | length) == 5 and ($application | startswith("ssh:")) then "" else null end)
             elif $signedAs != "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" or ($more | length) < 17 then null
             else ($more[5:] | fields(99)) as $page
               | if $page == null or ($page.fields | length) != 3 or $page.rest != [] then null else
                   ([$page.fields[1] | implode | capture("\\A\\{\"type\":\"webauthn\\.get\",\"challenge\":\"[A-Za-z0-9_-]+\",\"origin\":\"(?<origin>[^\"\\\\]+)\"(?:,\"crossOrigin\":false)?(?:,(?:(?!\"crossOrigin\"|\"topOrigin\"|\"origin\"|\"type\")[ -\\[\\]-~])+)?\\}\\z") | .origin][0]) as $origin
                   | if $origin == null or $origin != ($page.fields[0] | implode) then null else
                       ([$origin | capture("\\A(?<scheme>https?)://(?<name>[a-z0-9][a-z0-9.-]*)(?::[0-9]{1,5})?\\z")][0]) as $at
                       | if $at != null and $at.name == $application and ($at.scheme == "https" or $application == "localhost") then $origin else null end
                     end
                 end
             end) as $origin
            | if $origin == null then null else
                (($more[0] // 0) | { touch: (. % 2 == 1), verified: ((. / 4 | floor) % 2 == 1) }) as $flags
                | { level: (if $flags.touch and $flags.verified then "verified" elif $flags.touch then "touch" else "none" end),
                    place: (if $origin == "" or $application == "localhost" then "own" else "hub" end) }
              end
          end
      end
  end;

# Whether a signature shows less of a person than the plan asks for, made on the signer's own machine or, where the plan
# lets it, on a hub's page.
def rank: { touch: 1, verified: 2 }[tostring] // 0;
def named: .attributes | select(type == "object") | .presence;
def strongest: map(select(text and test("\\A(touch|verified)(@hub)?\\z")))
  | if length == 0 then null else { level: (map(split("@")[0] | rank) | max), hub: all(.[]; endswith("@hub")) } end;
def wanted($step; $plan): [$plan.presence, ($plan.steps[]? | select(.id == $step) | named)] | strongest;
def lacksPresence($signature; $step; $plan):
  wanted($step; $plan) as $wanted | select($wanted != null) | ($signature | presence) as $found
  | select($found == null or ($found.level | rank) < $wanted.level or ($found.place != "own" and ($wanted.hub | not)))
  | "\($step // "") lacks the presence that the plan asks for";

# The acts of the operator that they sign where presence is asked for: of ticks and fields the last of a step, over all of them.
def purpose: { "step-confirmed": "go", "word-confirmed": "confirm", "gate-answered": "confirm", "task-ticked": "attest", "field-answered": "attest" }[.type];
def answered: { key, answer: (.data | del(.by, .payload, .sig, .received, .shown)) };
def asking($plan): [$plan.steps[]? | select((.id | text) and ([$plan.presence, named] | strongest) != null) | { key: .id, value: true }] | from_entries;
def acts($events; $finishes; $plan): asking($plan) as $asking | (([$plan.presence] | strongest) != null) as $all
  | $events[] | . as $e | (.key | step) as $step
  | select(purpose != null and ($all or $asking[$step]))
  | select(purpose != "attest" or ($finishes[$step] != null and ([$events[] | select(purpose == "attest" and (.key | step) == $step)][-1].seq == $e.seq)));
def missingActs($events; $finishes; $plan): asking($plan) as $asking | $plan.steps[]? | select((.id | text) and $asking[.id]) | . as $step
  | ([$events[] | select(.type == "step-started" and (.key | step) == $step.id)][0].seq) as $began
  | (select($step.effect == "write" and $began != null
        and (any($events[]; .type == "step-confirmed" and .seq < $began and (.key | step) == $step.id) | not))
      | "step \(.id) began without a go of whoever runs it"),
    (select($finishes[$step.id].data.status == "passed"
        and ((($step.tasks | type) == "array" and ($step.tasks | length) > 0 and (any($events[]; .type == "task-ticked" and (.key | step) == $step.id) | not))
          or ($step.kind == "ask" and (any($events[]; .type == "field-answered" and (.key | step) == $step.id) | not))))
      | "step \(.id) passed without an answer");
def act($events; $hashes; $plan): . as $e | (.key | step) as $step | payload as $p | $events[0] as $first
  | (lacksPresence(.data.sig; $step; $plan) | "the answer to \($e.key), step \(.)"),
    (if $p == null or ($p.head | type) != "object" or ($p.by | text | not) or ($p.ts | text | not) or ($p.nonce | text | not)
      then "\($e.key) carries no statement that binds it to the run" else
        ([$events[] | select(.seq < $e.seq and purpose == "attest" and (.key | step) == $step) | answered]) as $earlier
        | ({ v: 1, purpose: ($e | purpose), run: $e.run, step: $step, topic: $e.key,
             answers: ((if ($e | purpose) == "attest" then $earlier else [] end) + [$e | answered]), by: $e.actor.id,
             planSha256: ($first.data.planSha256 // ""), inputsSha256: ($first.data.inputsSha256 // ""), nonce: $p.nonce }
           | to_entries[] | select($p[.key] != .value) | "\($e.key) was signed for \(.key | otherField)"),
          ($p.head as $h | (if ($h.size | isSize) and $h.size > 0 then $events[$h.size - 1] else null end) as $at
           | (select($at == null or $h.size > $e.seq or $hashes[$h.size - 1] != $h.sha256) | "history before \($e.key) was rewritten"),
             (select($at != null and ((($p.ts | isTime) and ($p.ts | ms) >= ($at.ts | ms) - 300000 and ($p.ts | ms) <= ($e.ts | ms) + 300000) | not))
              | "\($e.key) was not signed before its record")),
          (select(any($events[]; .seq < $e.seq and (payload | if . then .nonce else null end) == $p.nonce)) | "the same statement was used twice"),
          (select(any(runners($events; $e.seq)[]; same($e.actor.id; $plan)) | not) | "\($e.actor.id) answered \($e.key) and did not run it")
      end);

def digits: tostring | gsub("[^0-9]"; "") | .[0:14];
# Whose a key is: one key is one person, but in a lab in which everybody may approve.
def holder($plan): if $plan.selfApproval == true then "-" else tostring | person($plan) | @base64 end;
def signedBy($name; $plan): select(. != null) | "SIGNED \($name) \(.by | tostring | @base64) \(.ts | digits) \(.by | holder($plan))";
def isFile: (.file | text) and (.sha256 | text) and (.bytes | type) == "number";
def isSafe: test("^steps(/[A-Za-z0-9][A-Za-z0-9._@-]*){1,6}$");
# Everybody who ran, decided or signed.
def people($events; $head; $closing): [runners($events; $events | length)[], ($events[] | select(isDecision or .data.signedWith != null or (.data.sig | text)) | .actor.id),
  $head.by, $closing.by] | map(select(text)) | unique[];
def handOver($events; $plan; $head; $closing):
  (people($events; $head; $closing) | select($plan.selfApproval != true) | person($plan) as $who
    | ($who, ($plan.aliases // {} | to_entries[] | select(.value | same($who; $plan)) | .key))
    | "PERSON \(@base64) \($who | @base64)"),
  ($events[] | select(.data.signedWith | isAscii) | "KEY \(.data.signedWith | split(" ")[-1]) \(((.data.sealedBy | strings) // .actor.id) | holder($plan))"),
  ($events[].data | .. | objects | select(isFile)
    | if .file | isSafe then "FILE \(.sha256)  \(.file)" else fail("outputs"; "the journal names a file outside of steps/") end),
  ($events[0].data.signersSha256 | select(text and . != "") | "BOUND \(.)"),
  ($events[] | select(isDecision and (.data.payload | text)) | . as $e | payload as $p
    | ([$events[] | select(.type == "approval-requested" and .key == $e.key)][0].data.shown) as $shown
    | "DECISION \(.data.payload | @base64) \(.data.sig // "-" | @base64) \($shown | tostring | @base64) \($p.by | tostring | @base64) \($p.ts | digits) \($p.shownSha256) \(.actor.id | holder($plan))"),
  (select($events[0].data.practice != true) | acts($events; $events | finishes; $plan)
    | select((.data.sig | text) and (.data.payload | text)) | payload as $p
    | "ACT \(.data.payload | @base64) \(.data.sig | @base64) \($p.by | tostring | @base64) \($p.ts | digits) \(.actor.id | holder($plan))");

[inputs] as $events
| ($hashes | split("\n") | .[:-1]) as $hashes
| ($indexHashes | split("\n") | .[:-1]) as $indexHashes
| ($head | document) as $headValue
| ($plan[0] // {}) as $plan
| [$events | chain($hashes)] as $broken
| if ($broken | length) > 0 then fail("chain"; $broken[0])
  elif all($events[]; formed($events[0].run)) | not then fail("chain"; "an event is of another run, or not complete")
  else
    $events[0] as $first | ($events | finishes) as $finishes
    | [$index | split("\n")[] | select(. != "") | document] as $entries
    | (($entries | newest($first.run)) // $headValue | isOpen($events; $hashes)) as $open
    | ($events | clock | fail("clock"; .)),
      (select($first.type != "run-started" or any($events[1:][]; .type == "run-started")) | fail("start"; "run-started is not the first event alone")),
      (select($run != "" and $run != $first.run) | fail("start"; "the folder is of run \($run), and the journal in it of run \($first.run)")),
      (select($first.data.inputs != $plan.inputs or $first.data.steps != [$plan.steps[]?.id]) | fail("start"; "inputs or steps are not those of plan.json")),
      (select($first.data.planSha256 != $planSha) | fail("plan"; "plan.json is not the plan the run was started with")),
      (select($first.data.documentSha256 != $documentSha or $plan.sha256 != $documentSha) | fail("document"; "document.mdx is not the document the run was started with")),
      ($events | (order($plan.steps), attempts) | fail("order"; .)),
      (if $open then "OPEN" else ($events | ending($plan; $finishes) | fail("end"; .)) end),
      ($events[] | select(isDecision) | decision($events; $hashes; $plan.selfApproval == true; $plan) | fail("approvals"; .)),
      ($plan.steps[]? | tooFew($events; $finishes) | fail("approvals"; .)),
      (headRules($headValue; $head; $events; $hashes; $open) | fail("head"; .)),
      (select($index != "") | $entries | indexRules($first.run; $headValue; $hashes; $indexHashes; $open) | fail("index"; .)),
      (closingRules($closing | document; $closing; $headValue; $plan; $events; $open) | fail("closing"; .)),
      (select($first.data.practice != true)
        | missingActs($events; $finishes; $plan),
          (acts($events; $finishes; $plan) | act($events; $hashes; $plan)),
          ($events[] | select(isDecision) | lacksPresence(.data.sig; .key | step; $plan) | "the decision on \(.)"),
          ($closing | document | select(. != null) | lacksPresence($closingSignature; null; $plan) | "the closing\(.)")
        | fail("presence"; .)),
      ($headValue | signedBy("head"; $plan)),
      ($closing | document | signedBy("close"; $plan)),
      handOver($events; $plan; $headValue; ($closing | document))
  end
