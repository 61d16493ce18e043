import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const words =
  'service database replica queue latency error request pod node deploy rollback traffic alert threshold window primary cache disk memory thread socket certificate token region cluster namespace owner escalate confirm restart drain verify compare measure'.split(
    ' ',
  )

/** Text that is the same in every run, and differs from page to page, so that an index has something to hold. */
function prose(seed: number, length: number): string {
  const at = (index: number): string =>
    index % 23 === 0
      ? `term${(seed * 31 + index) % 4000}`
      : (words[(seed * 7 + index * index) % words.length] ?? '')
  const text = Array.from({ length }, (_, index) => at(index + 1)).join(' ')
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`
}

const kinds = ['Check', 'Command'] as const

function command(page: number, step: number): string {
  return [
    `kubectl get pods -n shop-${page} -l app=api-${step} --output wide`,
    `kubectl logs -n "shop-${page}" deployment/api --since=10m | grep -c "error-${step}"`,
  ].join('\n')
}

/** One runbook of about 430 words and six steps, a third of them with an alert: ours as step cards, the others' as headings and the same fences. */
function runbook(page: number, form: 'cards' | 'markdown'): string {
  const steps = Array.from({ length: 6 }, (_, step) => {
    const title = `Step ${step} of procedure ${page}`
    const body = `${prose(page * 6 + step, 60)}\n\n\`\`\`bash\n${command(page, step)}\n\`\`\``
    const kind = kinds[step % 2]
    return form === 'cards'
      ? `<${kind} id="step-${step}" title="${title}">\n\n${body}\n\n</${kind}>`
      : `## ${title}\n\n${body}`
  })
  const head = [`title: Procedure ${page} for service ${page % 40}`, `description: ${prose(page, 12)}`]
  const more =
    form === 'cards'
      ? [
          `owner: team-${page % 12}`,
          `services: [service-${page % 40}]`,
          'reviewed: 2026-11-01',
          ...(page % 3 === 0 ? [`alerts: [Alert${page}Fires]`] : []),
        ]
      : []
  return `---\n${[...head, ...more].join('\n')}\n---\n\n${prose(page, 50)}\n\n${steps.join('\n\n')}\n`
}

export function writeCorpus(folder: string, pages: number, form: 'cards' | 'markdown'): void {
  mkdirSync(folder, { recursive: true })
  for (let page = 0; page < pages; page++)
    writeFileSync(join(folder, `procedure-${page}.${form === 'cards' ? 'mdx' : 'md'}`), runbook(page, form))
}
