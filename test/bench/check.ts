import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interleave, ratioRow } from './measure.ts'
import type { Row } from './table.ts'

/** An ordinary alert's runbook: some prose, four scripts, one of them a loop that a shell has to read. */
function ordinary(number: number): string {
  const step = (heading: string, code: string): string =>
    `## ${heading}\n\nLook at the pods of the service, and compare with [the overview](page-0.md).\n\n1. Run:\n\n   \`\`\`bash\n${code.replaceAll(/^/gm, '   ')}\n   \`\`\`\n`
  return [
    `# Alert ${number}\n\nThe service answers more slowly than promised.\n`,
    step('Meaning', `kubectl get pods -n shop-${number}`),
    step('Diagnosis', `$ kubectl logs -n shop-${number} <pod> | grep error\nsome output`),
    step('Details', `for pod in a b c; do\n  echo "$pod-${number}"\ndone`),
    step('Mitigation', `kubectl rollout restart deployment/api -n "shop-${number}"`),
  ].join('\n')
}

/**
 * Checking a library of 400 runbooks, and one. Against a start of Node, about 40 ms on an ordinary machine: 5 s cold,
 * 1 s warm, 250 ms for one.
 */
export function checking(packaged: string): Row[] {
  const root = mkdtempSync(join(tmpdir(), 'bench-check-'))
  try {
    mkdirSync(join(root, 'library'))
    for (let number = 0; number < 400; number++)
      writeFileSync(join(root, 'library', `page-${number}.md`), ordinary(number))
    const check = (name: string, cache: string, what: string) => ({
      name,
      command: [
        'env',
        `RUNBOOK_CACHE=${cache}`,
        process.execPath,
        packaged,
        'check',
        what,
        '--quiet',
      ] as const,
      cwd: root,
    })
    const [nothing, cold, warm, one] = interleave(
      [
        { name: '`node -e 0`', command: [process.execPath, '-e', '0'] },
        check('400 cold', 'off', 'library'),
        check('400 warm', join(root, 'cache'), 'library'),
        check('one cold', 'off', './library/page-1.md'),
      ],
      3,
      1,
    )
    return [
      ratioRow('`check` of 400 runbooks, cold', cold, nothing, 125),
      ratioRow('the same, warm', warm, nothing, 25),
      ratioRow('`check` of one runbook, cold', one, nothing, 6.25),
    ]
  } finally {
    rmSync(root, { recursive: true })
  }
}
