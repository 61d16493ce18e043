/** Fences are written with tildes here, and with backticks in the file. */
export const flag = `---
title: TITLE
description: Open a feature to more users step by step, and close it in seconds.
owner: product
inputs:
  flag:
    description: Name of the flag.
    pattern: '[a-z][a-z0-9-]*'
  percent:
    type: int
    description: Share of users who get the feature, 0 to 100.
    min: 0
    max: 100
requires:
  files: [flags.json]
  commands: [jq]
concurrency: flag-\${{ inputs.flag }}
counts: flag-rollout
---

## Look

<Check id="known" title="The flag exists" outputs="before">

The share from before is kept here, so that the way back knows it whatever happens to the next step.

~~~bash
jq --exit-status --arg flag "$flag" '.flags[$flag]' flags.json
echo "before=$(jq --arg flag "$flag" '.flags[$flag].percent' flags.json)" >> "$RUNBOOK_OUTPUT"
~~~

</Check>

## Change

<Command id="open" title="Open the feature" onFailure="rollback">

~~~bash
jq --arg flag "$flag" --argjson percent "$percent" '.flags[$flag].percent = $percent' flags.json > flags.json.new
mv flags.json.new flags.json
~~~

~~~bash done
test "$(jq --arg flag "$flag" '.flags[$flag].percent' flags.json)" = "$percent"
~~~

~~~bash undo
jq --arg flag "$flag" --argjson percent "$before" '.flags[$flag].percent = $percent' flags.json > flags.json.new
mv flags.json.new flags.json
~~~

</Command>

<Wait id="watch" title="Watch for a while" for="10m" />

<Checklist id="judge" title="Judge what you saw">

- [ ] Errors and latency are where they were before.
- [ ] Support has heard of nothing new.

</Checklist>
`
