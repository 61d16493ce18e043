# The rules of `runbook verify` that need no hashing and no keys. Prints `FAILED …` for each rule that is broken, and
# for the shell to go on with: `FILE sha256  name`, `BOUND sha256`, `KEY …`, `SIGNED …` and `DECISION …`.
# Arguments: $hashes, $indexHashes (line hashes), $planSha, $documentSha, $head, $closing, $index (texts), $plan.

def ms: (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
def text: type == "string";
def isTime: text and test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$");
def step: (split("#")[0] // "") | split("/")[0] // "";
def fail($name; $message): "FAILED \($name): \($message)";
def document: try fromjson catch null | if type == "object" then . else null end;

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
  | reduce .[] as $e ({ finished: {}, seen: {}, ready: 0, passedBy: null, out: [] };
    ($e.key | step) as $step
    | if $e.type == "step-started" or $e.type == "step-ended" then
        (if .seen["\($e.type) \($e.key)"] then .out += ["\($e.type) \($e.key) is there twice"] else . end)
        | .seen["\($e.type) \($e.key)"] = true
      else . end
    | if $e.type == "step-ended" and (.seen["step-started \($e.key)"] | not)
      then .out += ["\($e.key) ended and was never started"] else . end
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

# The first end of each step, by its id.
def finishes: reduce .[] as $e ({}; if $e.type == "step-finished" and has($e.key) == false then .[$e.key] = $e else . end);
def ending($plan; $finishes): .[-1]
  | if .type != "run-ended" then "the last event is not run-ended: the run is open, or its end was cut off"
    elif .data.status == "succeeded" then
      $plan.steps[] | . as $step | $finishes[$step.id].data.status as $status
      | select(($status == "passed" or $status == "skipped"
          or ($status == "failed" and $step.attributes.onFailure == "continue")) | not)
      | "the run says it succeeded, and step \($step.id) did not"
    else empty end;

def isDecision: .type == "approval-given" or .type == "approval-rejected";
def runners($events; $seq): [$events[] | select(.seq < $seq and (.type == "run-started" or .type == "run-resumed")) | .actor.id];
# One spelling of an address, and the person behind it; the letters are plain ASCII, or the rules below refuse it.
def spelling: ((capture("<(?<address>[^<>]*)> *$") | .address) // .) | gsub("\\s"; "") | ascii_downcase | sub("\\.+$"; "");
def person($plan): spelling as $s | $plan.aliases[$s] // $s | spelling;
def isPlain: text and test("^[ -~]+$") and spelling != "";
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
             | to_entries[] | select($p[.key] != .value) | "\($e.key) was decided for another \(.key)"),
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

def headRules($head; $events; $hashes): $events[-1] as $last
  | if $head == null or $head.v != 1 or ($head.index | type) != "object" then "head.json is missing, or no head of format 1" else
      (select($head.run != $last.run) | "head.json is of another run"),
      (select($head.size != ($events | length) or $head.sha256 != $hashes[($events | length) - 1]) | "the journal is not the one head.json names"),
      (select($head.final != true) | "head.json was made before the run ended"),
      (select(any(runners($events; $events | length)[]; . == $head.by) | not) | "head.json is by somebody who did not run it"),
      (select((($head.ts | isTime) and ($head.ts | ms) >= ($last.ts | ms) - 5000) | not) | "head.json is older than the last event")
    end;

def indexRules($head; $hashes; $indexHashes): . as $index
  | [chain($indexHashes)] as $broken
  | if ($broken | length) > 0 then "heads.jsonl: \($broken[0])" else
      (clock | "heads.jsonl: \(.)"),
      ([$index[] | select(.run == $head.run)] as $mine
       | [$mine[] | select(.type == "opened")] as $opened
       | ([$mine[] | select(.type != "removed")][-1]) as $latest
       | (select(($opened | length) != 1 or $opened[0].sha256 != $hashes[0]) | "heads.jsonl does not hold the beginning of this run exactly once"),
         (select($head == null or $latest == null or $latest.size != $head.size or $latest.sha256 != $head.sha256 or $latest.final != true)
           | "the newest entry of this run in heads.jsonl is another state of it"),
         (select($head != null and $latest != null and ($latest.by != $head.by or $latest.slug != $opened[0].slug))
           | "the newest entry of this run in heads.jsonl names another person or runbook"),
         (select($head != null and ($head.index | type) == "object")
           | select((if $head.index.size == 0 then "0" * 64 else $indexHashes[$head.index.size - 1] end) != $head.index.sha256)
           | "heads.jsonl is not the index this head was made over"))
    end;

def closingRules($closing; $closingText; $head; $plan; $events):
  if $closingText == "" then (select($plan.close == "second-person") | "the runbook asks a second person to close the run, and nobody has")
  elif $closing == null or $closing.v != 1 or $closing.purpose != "close" or ($closing.head | type) != "object" then "close.json is no closing of format 1"
  else
    (select($closing.run != $head.run or $closing.head.size != $head.size or $closing.head.sha256 != $head.sha256) | "close.json is about another run or state"),
    (select($closing.planSha256 != $events[0].data.planSha256) | "close.json is about another plan"),
    ((runners($events; $events | length) + [$closing.by])[] | select(isPlain | not) | "\(.) is not an address in plain ASCII"),
    (select(any(runners($events; $events | length)[]; same($closing.by; $plan))) | "\($closing.by) ran this and closed it"),
    (select((($closing.ts | isTime) and ($closing.ts | ms) >= ($events[-1].ts | ms) - 5000) | not) | "close.json is older than the end of the run")
  end;

def digits: tostring | gsub("[^0-9]"; "") | .[0:14];
# Whose a key is: one key is one person, but in a lab in which everybody may approve.
def holder($plan): if $plan.selfApproval == true then "-" else tostring | person($plan) | @base64 end;
def signedBy($name; $plan): select(. != null) | "SIGNED \($name) \(.by | tostring | @base64) \(.ts | digits) \(.by | holder($plan))";
def isFile: (.file | text) and (.sha256 | text) and (.bytes | type) == "number";
def isSafe: test("^steps(/[A-Za-z0-9][A-Za-z0-9._@-]*){1,6}$");
def handOver($events; $plan):
  ($events[] | select(.data.signedWith | text) | "KEY \(.data.signedWith | split(" ")[-1]) \(.actor.id | holder($plan))"),
  ($events[].data | .. | objects | select(isFile)
    | if .file | isSafe then "FILE \(.sha256)  \(.file)" else fail("outputs"; "the journal names a file outside of steps/") end),
  ($events[0].data.signersSha256 | select(text and . != "") | "BOUND \(.)"),
  ($events[] | select(isDecision and (.data.payload | text)) | . as $e | payload as $p
    | ([$events[] | select(.type == "approval-requested" and .key == $e.key)][0].data.shown) as $shown
    | "DECISION \(.data.payload | @base64) \(.data.sig // "-" | @base64) \($shown | tostring | @base64) \($p.by | tostring | @base64) \($p.ts | digits) \($p.shownSha256) \(.actor.id | holder($plan))");

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
    | ($events | clock | fail("clock"; .)),
      (select($first.type != "run-started" or any($events[1:][]; .type == "run-started")) | fail("start"; "run-started is not the first event alone")),
      (select($first.data.inputs != $plan.inputs or $first.data.steps != [$plan.steps[]?.id]) | fail("start"; "inputs or steps are not those of plan.json")),
      (select($first.data.planSha256 != $planSha) | fail("plan"; "plan.json is not the plan the run was started with")),
      (select($first.data.documentSha256 != $documentSha or $plan.sha256 != $documentSha) | fail("document"; "document.mdx is not the document the run was started with")),
      ($events | order($plan.steps) | fail("order"; .)),
      ($events | ending($plan; $finishes) | fail("end"; .)),
      ($events[] | select(isDecision) | decision($events; $hashes; $plan.selfApproval == true; $plan) | fail("approvals"; .)),
      ($plan.steps[]? | tooFew($events; $finishes) | fail("approvals"; .)),
      (headRules($headValue; $events; $hashes) | fail("head"; .)),
      (select($index != "") | [$index | split("\n")[] | select(. != "") | document] | indexRules($headValue; $hashes; $indexHashes) | fail("index"; .)),
      (closingRules($closing | document; $closing; $headValue; $plan; $events) | fail("closing"; .)),
      ($headValue | signedBy("head"; $plan)),
      ($closing | document | signedBy("close"; $plan)),
      handOver($events; $plan)
  end
