/** Fences are written with tildes here, and with backticks in the file. */
export const rollback = `---
title: TITLE
description: Bring the last good version back, and make sure that it stays.
owner: release-engineering
inputs:
  service:
    description: The service to roll back.
    fromLabel: service
  revision:
    type: int
    description: The revision to go back to; \`kubectl rollout history\` lists them.
requires:
  commands: [kubectl]
concurrency: release-\${{ inputs.service }}
counts: rollback
---

## Decide

<Check id="revision-exists" title="The revision exists">

~~~bash
kubectl rollout history "deployment/$service" --revision "$revision"
~~~

</Check>

<Checklist id="data" title="The data fits the old version">

- [ ] No migration since that revision, or it can be read by it.

</Checklist>

## Go back

<Command id="go-back" title="Bring the revision back" timeout="10m" confirm="rollback">

~~~bash
kubectl rollout undo "deployment/$service" --to-revision "$revision"
kubectl rollout status "deployment/$service" --timeout 5m
~~~

</Command>

<Wait id="settle" title="Let it settle" for="5m" />

<Check id="stable" title="It is still there">

~~~bash
kubectl rollout status "deployment/$service" --timeout 1m
~~~

</Check>
`
