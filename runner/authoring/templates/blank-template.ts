/** Fences are written with tildes here, and with backticks in the file. */
export const blank = `---
title: TITLE
description: Say in one sentence when to open this page.
inputs:
  service:
    description: The service this is about.
    fromLabel: service
---

## Look

<Check id="reachable" title="The service answers">

Say what to do if it does not.

~~~bash
printf 'checking %s\\n' "$service"
~~~

</Check>

## Act

<Command id="act" title="Do what has to be done">

Say what this changes, and how long it takes. When the effect can be seen, add a fence \`bash done\` that exits with 0
once it is there.

~~~bash
printf 'acting on %s\\n' "$service"
~~~

</Command>
`
