import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alertingIsInstalled, startAlerting, startServe, until } from '../support/servers/alertmanager.ts'
import { workspace } from '../support/workspace.ts'

const runbook = `---
title: Database
diagnoseOnAlert: true
inputs:
  service: { fromLabel: job }
alerts:
  - { name: DatabaseLocks, step: locks }
---

<Command id="locks" title="Who holds locks" effect="read">

\`\`\`bash
printf 'looked at <%s>\\n' "$service" | tee -a looked
\`\`\`

</Command>

<Command id="kill" title="End the oldest">

\`\`\`bash
touch killed
\`\`\`

</Command>
`

const hostile = 'a&b c"; touch owned #<b>'
const rule = {
  alert: 'DatabaseLocks',
  expr: `label_replace(vector(1), "job", ${JSON.stringify(hostile)}, "__name__", ".*")`,
  labels: { severity: 'critical' },
  annotations: {
    runbook_url: 'https://x.example/runbooks/database/?service={{ $labels.job | urlquery }}#locks',
  },
}

describe.skipIf(!alertingIsInstalled)('with a real Prometheus and Alertmanager', () => {
  test('a firing rule becomes a proposed run with its reading done, and the responder resumes it', async () => {
    using space = workspace({
      'content/runbooks/database.mdx': runbook,
      secret: 'correct horse battery staple',
    })
    const serve = await startServe(space.root, ['--secret-file', 'secret'])
    const programs = await startAlerting({
      folder: space.root,
      groups: [{ name: 'g', interval: '200ms', rules: [rule] }],
      webhook: serve.webhook,
      secretFile: join(space.root, 'secret'),
      write: space.write,
    })
    try {
      await until(
        () => Promise.resolve(serve.printed().includes('diagnosis of DatabaseLocks: succeeded')),
        'the diagnosis is done',
        () => [serve, ...programs].map((program) => program.printed()).join('\n'),
      )
      const [proposed, diagnosis] = JSON.parse((await space.runbook(['runs', '--json'])).stdout) as Record<
        string,
        string
      >[]
      expect(proposed).toMatchObject({ status: 'proposed', slug: 'database#locks' })
      expect(diagnosis).toMatchObject({ status: 'succeeded', by: 'alerts-serve' })
      const log = await space.runbook(['log', diagnosis?.['run'] ?? ''])
      expect(log.stdout).toContain(`looked at <${hostile}>`)
      expect(['owned', 'killed'].filter((name) => existsSync(join(space.root, name)))).toEqual([])
      const [, ...command] = proposed?.['command']?.split(' ') ?? []
      expect((await space.runbook([...command, '--yes'])).code).toBe(0)
      expect(existsSync(join(space.root, 'killed'))).toBe(true)
      expect((await space.runbook(['runs'])).stdout).not.toContain('proposed')
    } finally {
      await Promise.all([...programs, serve].map((program) => program.stop()))
    }
  })
})

test.runIf(!alertingIsInstalled)(
  'Prometheus and Alertmanager are not installed: the way from a rule to a run was NOT tried',
  () => {
    process.stderr.write(
      'SKIPPED: install the packages prometheus and prometheus-alertmanager to try alerts end to end\n',
    )
  },
)
