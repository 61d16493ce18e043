import { frames } from '../servers/acting.ts'
import { commandStep, page, workspace } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { hubConfig } from './hub.ts'

/** The people of the tests of a hub, by the subject of their account. */
export const people = (issuer: string): string => {
  const person = (name: string, roles: string): string =>
    `  ${name}@example.com:\n    roles: [${roles}]\n    logins: [{ issuer: "${issuer}", subject: ${name} }]\n`
  return `people:
${person('ada', 'operator')}${person('ben', 'approver')}${person('cyd', 'admin')}${person('dee', 'narrow')}${person('fay', '')}rights:
  operator: ["read:*", "run:release-*", "answer:release-*", "stop:release-*"]
  approver: ["read:*", "decide:*"]
  admin: ["read:*", "admin:*"]
  narrow: ["read:release-*"]
`
}

const steps =
  commandStep('tag', 'printf "<script>alert(1)</script>\\n"') +
  '<Approval id="go" title="Go" approvers="approver" />\n'

/** A workspace of a hub with three runbooks, one of them for a role that nobody has. */
export function teamSpace(issuer: string): Workspace {
  return workspace({
    'runbook.config.ts': hubConfig(issuer),
    'content/people.yaml': people(issuer),
    'content/runbooks/release-app.mdx': page(
      steps,
      'concurrency: "${{ inputs.version }}"\ninputs:\n  version: { type: semver }\n',
    ),
    'content/runbooks/db-restore.mdx': page(commandStep('restore', 'echo restored')),
    'content/runbooks/release-keys.mdx': page(commandStep('keys', 'echo keys'), 'access: [keeper]\n'),
    ...frames(['release-app', 'db-restore', 'release-keys']),
  })
}
