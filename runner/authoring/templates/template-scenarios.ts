import type { Template } from '../new-runbook.ts'

/** A first file of scenarios for each template. It passes as the runbook is; its people are nobody's in particular. */
export const templateScenarios: Readonly<Record<Template, string>> = {
  blank: `# How the world answers, and what must follow: play it with \`runbook test\`.
inputs: { service: storefront }
scenarios:
  - name: all is well
    expect: { ends: succeeded, ran: reachable act, did: act }
  - name: the service does not answer, so nothing is done
    steps: { reachable: { exit: 1 } }
    expect: { ends: failed, at: reachable, did: [] }
`,
  flag: `# How the world answers, and what must follow: play it with \`runbook test\`.
inputs: { flag: new-total, percent: 10 }
steps:
  known: { outputs: { before: 0 } }
scenarios:
  - name: all is well
    expect: { ends: succeeded, ran: known open watch judge, took: 10m }
  - name: the flag does not exist
    steps: { known: { exit: 1 } }
    expect: { ends: failed, at: known, did: [] }
  - name: the runner dies after the feature was opened
    dies: { in: open, effect: true }
    expect: { ends: succeeded, did: open, attempts: { open: 1 } }
  - name: the feature cannot be opened
    steps: { open: { exit: 1, effect: true } }
    expect: { ends: rolled-back, at: open, undone: open }
`,
  incident: `# How the world answers, and what must follow: play it with \`runbook test\`.
inputs: { service: storefront }
scenarios:
  - name: a restart helps
    expect: { ends: succeeded, did: restart, took: 5m }
  - name: the pods still restart afterwards
    steps: { calm: { exit: 1 } }
    expect: { ends: failed, at: calm, did: restart }
  - name: the restart is not confirmed
    steps: { restart: { confirm: stop } }
    expect: { ends: stopped, at: restart, did: [] }
`,
  release: `# How the world answers, and what must follow: play it with \`runbook test\`.
inputs: { version: 1.0.0 }
steps:
  tag: { outputs: { sha: 4f2a9c1 } }
scenarios:
  - name: the tree is not clean, so nothing is tagged
    steps: { clean-tree: { exit: 1 } }
    expect: { ends: failed, at: clean-tree, did: [] }
  - name: the tag cannot be set
    steps: { tag: { exit: 1 } }
    expect: { ends: rolled-back, at: tag, did: [] }
  - name: the runner dies after the tag was set
    dies: { in: tag, effect: true }
    expect: { did: tag, attempts: { tag: 1 } }
`,
  rollback: `# How the world answers, and what must follow: play it with \`runbook test\`.
inputs: { service: storefront, revision: 7 }
scenarios:
  - name: all is well
    expect: { ends: succeeded, did: go-back, took: 5m }
  - name: the revision does not exist
    steps: { revision-exists: { exit: 1 } }
    expect: { ends: failed, at: revision-exists, did: [] }
  - name: it does not stay
    steps: { stable: { exit: 1 } }
    expect: { ends: failed, at: stable, did: go-back }
`,
}
