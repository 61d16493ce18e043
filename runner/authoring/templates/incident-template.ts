/** Fences are written with tildes here, and with backticks in the file. */
export const incident = `---
title: TITLE
description: From the alert to a calm system, with everything written down.
owner: on-call
severity: high
inputs:
  service:
    description: The service that is hurt.
    fromLabel: service
  namespace:
    description: Where it runs.
    default: default
    fromLabel: namespace
requires:
  commands: [kubectl]
---

## Understand

<Check id="pods" title="The pods are running">

Anything but \`Running\` in the third column is where to look first.

~~~bash
kubectl get pods --namespace "$namespace" --selector "app=$service"
~~~

</Check>

<Command id="logs" title="Read the last errors" effect="read">

~~~bash
kubectl logs --namespace "$namespace" --selector "app=$service" --since 15m --tail 50
~~~

</Command>

<Checklist id="tell" title="Tell people">

- [ ] An incident channel is open, and its link is in the alert.
- [ ] The status page says what users see.

</Checklist>

## Mitigate

<Command id="restart" title="Restart the service" timeout="10m" confirm="restart">

Connections are drained first; users notice nothing if two or more pods are healthy.

~~~bash
kubectl rollout restart "deployment/$service" --namespace "$namespace"
kubectl rollout status "deployment/$service" --namespace "$namespace" --timeout 5m
~~~

~~~bash undo
kubectl rollout undo "deployment/$service" --namespace "$namespace"
~~~

</Command>

## Close

<Wait id="settle" title="Let it settle" for="5m" />

<Check id="calm" title="Nothing restarts any more">

~~~bash
kubectl get pods --namespace "$namespace" --selector "app=$service"
~~~

</Check>

<Checklist id="learn" title="Write down what happened">

- [ ] The status page says that it is over.
- [ ] A time for the review is set.

</Checklist>
`
