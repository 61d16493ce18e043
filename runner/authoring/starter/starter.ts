import { stringify } from 'yaml'
import { ownText } from '../../own-files.ts'
import { starterFiles } from './starter-files.ts'

/** The answers that a new workspace is made from. */
export interface StarterAnswers {
  /** The address of the person who begins, as decisions carry it. */
  owner: string
  /** Where the pages will be published, without a slash at its end. */
  site: string
  /** The host of the code, whose CI checks the runbooks. */
  ci: 'github' | 'none'
}

/** The person of our scenarios whose place the owner of a new workspace takes; they have the same roles. */
const ownRunner = 'alice@example.com'

/** Where the pages are while they are written. */
export const localSite = 'http://127.0.0.1:4321'

/** Every file of a new workspace, by its path. */
export function starterWorkspace(answers: StarterAnswers): Record<string, string> {
  const { owner, site, ci } = answers
  const copied = Object.entries(starterFiles).map(([path, from]) => {
    const text = ownText(`starter/${from}`)
    if (path === 'alerts.yml') return [path, text.replaceAll(localSite, site)]
    return [path, path.endsWith('.scenarios.yaml') ? text.replaceAll(ownRunner, owner) : text]
  })
  return {
    'runbook.config.ts': configOf(site),
    'content/people.yaml': peopleOf(owner),
    ...Object.fromEntries(copied),
    ...(ci === 'github' ? { '.github/workflows/runbooks.yml': workflowOf(site) } : {}),
    '.gitignore': ignored.map((line) => `${line}\n`).join(''),
  }
}

/** Not kept in git: what is installed and built, the journals of runs, and the lab. */
const ignored = ['node_modules', 'dist', '.runbook', '.lab']

function configOf(site: string): string {
  return `// Every setting is described under Docs, Configuration, of the pages, and by \`runbook schema\`.
export default {
  // Where the pages are published: alerts link there.
  site: '${site}',
  rules: ['alerts.yml'],
}
`
}

/** Example people: enough for every approval of the runbooks beside one person who runs them. */
const examples: Record<string, { name: string; roles: string[] }> = {
  'bob@example.com': { name: 'Bob', roles: ['release-manager', 'security'] },
  'carol@example.com': { name: 'Carol', roles: ['qa', 'communications'] },
  'dana@example.com': { name: 'Dana', roles: ['release-manager', 'incident-commander'] },
  'erin@example.com': { name: 'Erin', roles: ['on-call', 'devops-lead'] },
  'frank@example.com': { name: 'Frank', roles: ['engineering-manager', 'executive'] },
  'operations@customer.example': { name: 'The operations of a customer', roles: ['enterprise-contact'] },
}

function peopleOf(owner: string): string {
  const people = { [owner]: { roles: ['release-manager', 'incident-commander', 'on-call'] }, ...examples }
  return `# Who may decide, and who hears of an incident. Replace the people at example.com by yours.
# Approvals name a role or a person; a decision carries the address on the left.
${stringify({ people }, { lineWidth: 0 })}`
}

function workflowOf(site: string): string {
  return `name: runbooks

on: [push, pull_request]

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with:
          node-version: 24
      - run: npm ci
      - run: npx --no-install runbook check --format github
      - run: npx --no-install runbook test
      - run: npx --no-install runbook alerts check alerts.yml --base-url ${site} --format github
`
}
