import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

test('an audit beside runs that begin and end finds nothing', async () => {
  const document = page(commandStep('a', 'echo a'))
  using space = workspace({ 'content/runbooks/r.mdx': document, 'content/runbooks/s.mdx': document })
  const work = async (slug: string): Promise<void> => {
    for (let run = 0; run < 3; run++) {
      const ran = await space.runbook(['exec', slug, '--yes'])
      expect(ran.code, ran.stderr).toBe(0)
    }
  }
  const over = new AbortController()
  const audit = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const audited = await space.runbook(['audit'])
      expect(audited.code, audited.stdout + audited.stderr).toBe(0)
    }
  }
  const auditing = audit()
  await Promise.all([work('r'), work('s')]).finally(() => over.abort())
  await auditing
})
